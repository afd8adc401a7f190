import type { Clock } from "../base/clock.ts";
import type { TableState } from "../delta/table-state.ts";
import type { TableAccess, TableParts } from "../table/table-access.ts";

/** What the operations on one table work with. */
export interface WriteContext {
  readonly access: TableAccess;
  /** The newest state, from the last that was known. */
  readonly newest: (parts: TableParts, signal: AbortSignal) => Promise<TableState>;
  readonly clock: Clock;
  /** Of `commitInfo`. */
  readonly engineInfo: string;
}
