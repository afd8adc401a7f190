/** A table to look at, for a program that feeds it or for another one. */
import { LandfallError } from "../base/landfall-error.ts";
import type { TableQueryResult } from "../operate/query-table.ts";
import { tableLooks, type QueryOptions, type TableLooks } from "./table-looks.ts";

export interface OpenTableOptions {
  /** Where its pipelines' ledgers lie, if not in the table's folder (`--state`). Default: there. */
  readonly stateFolder?: string | undefined;
  /** Ends every question. Default: nothing does. */
  readonly signal?: AbortSignal | undefined;
}

/** Close it, or open it with `await using`. */
export interface OpenTable extends TableLooks, AsyncDisposable {
  /** Waits for the questions under way; a second call does nothing more. */
  close(): Promise<void>;
}

/** The table in a folder. Nothing is opened, and nothing missed, before the first question. */
export function openTable(location: string, options: OpenTableOptions = {}): OpenTable {
  if (typeof location !== "string" || location === "") {
    throw new LandfallError("USAGE", {
      message: "openTable needs the folder of a table.",
      hint: "Give its path, such as openTable('./table').",
    });
  }
  const looks = tableLooks({ location, stateFolder: options.stateFolder, signal: options.signal });
  return { ...looks, [Symbol.asyncDispose]: () => looks.close() };
}

/** Answers one SELECT over the newest version of the table in a folder, whose name in it is `t`. */
export async function query(
  location: string,
  sql: string,
  options: OpenTableOptions & QueryOptions = {},
): Promise<TableQueryResult> {
  await using table = openTable(location, options);
  return await table.query(sql, options);
}
