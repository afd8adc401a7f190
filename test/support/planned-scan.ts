/** What a scan of a table's newest version starts from: with the same, and the same data files, it gives the same rows. */
import { columnsToRead, type ColumnsToRead } from "../../src/delta/files-to-read.ts";
import type { AddFile } from "../../src/delta/actions.ts";
import { planScan } from "../../src/delta/plan-scan.ts";
import { readTableState } from "../../src/delta/table-state.ts";
import { tableMissing } from "../../src/delta/table-missing.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { localStorage } from "../../src/storage/local-storage.ts";

export interface PlannedScan {
  readonly columns: ColumnsToRead;
  /** With their vectors and statistics, which decide what a condition skips. */
  readonly files: readonly AddFile[];
}

/** @throws LandfallError as a scan does before it opens a data file */
export async function plannedScan(options: {
  readonly table: string;
  readonly engine: Engine;
  readonly scratchFolder: string;
}): Promise<PlannedScan> {
  const { table, engine, scratchFolder } = options;
  const storage = localStorage({ root: table });
  const parquet = { port: engine, scratchFolder };
  const state = await readTableState({ storage, parquet });
  if (state === undefined) throw tableMissing(storage);
  const { files } = await planScan({ storage, parquet, state });
  return { columns: columnsToRead(state), files };
}
