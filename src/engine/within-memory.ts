/** Writes of Parquet that hold within the engine's memory, however large the rows are. */
import { isLandfallError } from "../base/landfall-error.ts";
import type { Duckdb } from "./duckdb.ts";

/** What a write may hold at once. */
export interface WriteMemory {
  readonly rowGroupBytes: number;
}

export interface WithinMemoryOptions<T> {
  readonly duckdb: Duckdb;
  /** Called a second time where the first ran out of memory; what that left behind is of no use. */
  readonly write: (memory: WriteMemory) => Promise<T>;
  /** Rows that a write into partitions may gather; asked only before the second. Default: one. */
  readonly gatheredRows?: () => Promise<number>;
}

/**
 * Most rows are small, so nothing is measured beforehand: a write that ran out of memory is done again by one thread, which holds a quarter of a
 * row group and gathers few rows. Of rows of 4 MB into 50 partitions that takes a fifth of 512 MB.
 * @throws LandfallError ENGINE_OUT_OF_MEMORY where not even that is enough
 */
export async function withinMemory<T>(options: WithinMemoryOptions<T>): Promise<T> {
  const { duckdb, write } = options;
  try {
    return await write({ rowGroupBytes: duckdb.rowGroupBytes });
  } catch (error) {
    if (!isLandfallError(error, "ENGINE_OUT_OF_MEMORY")) throw error;
  }
  const gatheredRows = (await options.gatheredRows?.()) ?? 1;
  return duckdb.sparing({ gatheredRows }, () =>
    write({ rowGroupBytes: Math.floor(duckdb.rowGroupBytes / 4) }),
  );
}
