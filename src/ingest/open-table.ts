/** One table as a run sees it: its store, and its state brought forward whenever somebody asks. */
import type { ParquetPort } from "../delta/parquet-port.ts";
import { advanceTableState, readTableState, type TableState } from "../delta/table-state.ts";
import type { Storage } from "../storage/storage.ts";

export interface TableHandle {
  readonly storage: Storage;
  readonly parquet: ParquetPort;
  /** For checkpoint files under way; exists. */
  readonly scratchFolder: string;
  /** The latest state; undefined while the table does not exist. Reads only the commits that are new. */
  refresh(signal?: AbortSignal): Promise<TableState | undefined>;
}

export function openTable(options: {
  readonly storage: Storage;
  readonly parquet: ParquetPort;
  readonly scratchFolder: string;
}): TableHandle {
  const { storage, parquet, scratchFolder } = options;
  let state: TableState | undefined;
  return {
    storage,
    parquet,
    scratchFolder,
    async refresh(signal) {
      const reading = { storage, parquet, scratchFolder, ...(signal ? { signal } : {}) };
      state = state === undefined ? await readTableState(reading) : await advanceTableState(state, reading);
      return state;
    },
  };
}
