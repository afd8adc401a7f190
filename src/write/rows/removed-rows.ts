/** Rows that a change takes out, as the change data feed has to state them. */
import type { Action } from "../../delta/actions.ts";
import { filesToRead, type ColumnsToRead } from "../../delta/files-to-read.ts";
import type { QueryTableFile } from "../../engine/engine.ts";
import type { TableParts } from "../../table/table-access.ts";
import type { FoundRows } from "./find-rows.ts";
import { matchedRows } from "./matched-rows.ts";

/**
 * Where files only go, their rows are the changes; else these are written, of all files. Of a file that had a deletion vector, too: delta-rs
 * takes its deleted rows for those that it had.
 */
export function needsChanges(actions: readonly Action[]): boolean {
  return actions.some(
    (action) => "add" in action || ("remove" in action && action.remove.deletionVector !== undefined),
  );
}

/** Those that were found, and no others. @throws LandfallError as `filesToRead` */
export async function removedRows(options: {
  readonly parts: TableParts;
  readonly columns: ColumnsToRead;
  readonly found: Pick<FoundRows, "whole" | "touched">;
  readonly signal: AbortSignal;
}): Promise<readonly QueryTableFile[]> {
  const { parts, columns, found, signal } = options;
  const { storage, allowOutside } = parts;
  const whole = await filesToRead({ storage, columns, adds: found.whole, allowOutside, signal });
  return [...whole, ...found.touched.map(matchedRows)];
}
