/** What a scan of a table's newest version would ask of the engine: when it asks the same of sound data files, it gets the same rows. */
import {
  columnsToRead,
  filesToRead,
  type ColumnsToRead,
  type FileToRead,
} from "../../src/delta/files-to-read.ts";
import { readTableState } from "../../src/delta/table-state.ts";
import { tableMissing } from "../../src/delta/table-missing.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { planFiles } from "../../src/table/plan-files.ts";

export interface PlannedScan {
  readonly columns: ColumnsToRead;
  readonly files: readonly FileToRead[];
  /** Those that the condition leaves; of no condition all. */
  readonly kept: readonly FileToRead[];
}

/** @throws LandfallError as a scan does before it opens a data file */
export async function plannedScan(options: {
  readonly table: string;
  readonly engine: Engine;
  readonly scratchFolder: string;
  readonly where: string | undefined;
}): Promise<PlannedScan> {
  const { table, engine, scratchFolder, where: condition } = options;
  const storage = localStorage({ root: table });
  const parquet = { port: engine, scratchFolder };
  const { signal } = new AbortController();
  const parts = { storage, engine, parquet, allowOutside: false, onNotice: undefined };
  const state = await readTableState({ storage, parquet });
  if (state === undefined) throw tableMissing(storage);
  const columns = columnsToRead(state);
  const filesOf = async (where: string | undefined): Promise<readonly FileToRead[]> => {
    const { files: adds } = await planFiles(parts, { state, where, signal });
    return filesToRead({ storage, columns, adds, allowOutside: false, signal });
  };
  const files = await filesOf(undefined);
  return { columns, files, kept: condition === undefined ? files : await filesOf(condition) };
}
