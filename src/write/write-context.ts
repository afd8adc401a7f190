import type { Clock } from "../base/clock.ts";
import type { KeptRows } from "../delta/kept-rows.ts";
import type { TableState } from "../delta/table-state.ts";
import type { TableAccess, TableParts } from "../table/table-access.ts";

/** The rows of the checkpoint that was written last, so that the next one reads only the commits since. */
export interface CheckpointRows {
  /** Undefined before the first, after a failure, and while a checkpoint is made of them. */
  kept: KeptRows | undefined;
}

/** What the operations on one table work with. */
export interface WriteContext {
  readonly access: TableAccess;
  /** The newest state, from the last that was known. */
  readonly newest: (parts: TableParts, signal: AbortSignal) => Promise<TableState>;
  readonly clock: Clock;
  readonly checkpointRows: CheckpointRows;
  /** Of `commitInfo`. */
  readonly engineInfo: string;
}
