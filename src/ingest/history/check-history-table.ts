import { LandfallError } from "../../base/landfall-error.ts";
import { checkWritable } from "../../delta/features.ts";
import type { TableState } from "../../delta/table-state.ts";
import { formatDdl } from "../../schema/format-ddl.ts";
import { HISTORY_SCHEMA } from "./history-columns.ts";

/**
 * May the history be published to what lies there? Undefined: nothing does yet.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT for a table that is something else; TABLE_FEATURE_UNSUPPORTED
 */
export function checkHistoryTable(state: TableState | undefined, location: string): void {
  if (state === undefined) return;
  checkWritable(state);
  if (formatDdl(state.schema) === formatDdl(HISTORY_SCHEMA) && state.partitionColumns.length === 0) return;
  throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `${location} is no table of a history: its columns are others.`,
    hint: "Name another folder in table.history, or remove it: the history is written anew from the first batch on.",
    table: location,
  });
}
