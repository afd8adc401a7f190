/** A Delta table to read and to write, in any program: `import { openTable } from "landfall/delta"`. */
import { systemClock } from "../base/clock.ts";
import { landfallVersion } from "../base/version.ts";
import { checkOptions } from "../base/check-options.ts";
import {
  OPEN_TABLE_OPTIONS,
  openToRead,
  type DeltaTable,
  type OpenTableOptions,
} from "../table/open-table.ts";
import { checkedWrites } from "./checked-writes.ts";
import type { WriteContext } from "./write-context.ts";
import { tableWrites, type TableWrites } from "./table-writes.ts";

/** Close it, or open it with `await using`. */
export interface WritableTable extends DeltaTable, TableWrites {}

/**
 * The table at a path or a `file:` URL. Nothing is opened, and nothing missed, before the first question.
 *
 * @throws LandfallError USAGE
 */
export function openTable(uri: string | URL, options: OpenTableOptions = {}): WritableTable {
  checkOptions("openTable", options, OPEN_TABLE_OPTIONS);
  return openToWrite(uri, options).table;
}

/** The same with what operations work with. */
export function openToWrite(
  uri: string | URL,
  options: OpenTableOptions,
): { readonly table: WritableTable; readonly context: WriteContext } {
  const { table, access, newest } = openToRead(uri, options);
  const context: WriteContext = {
    access,
    newest: newest.read,
    clock: systemClock,
    checkpointRows: { kept: undefined },
    engineInfo: `Landfall/${landfallVersion()}`,
  };
  return { table: { ...table, ...checkedWrites(tableWrites(context)) }, context };
}
