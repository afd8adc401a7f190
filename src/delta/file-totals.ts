/** How much a version of a table holds: what a version checksum states of its files (PROTOCOL.md, "Version Checksum File"). */
import type { Action, AddFile, DeletionVectorDescriptor } from "./actions.ts";

export interface FileTotals {
  /** Live files, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Files that have a deletion vector; undefined where that is not known. */
  readonly vectors: number | undefined;
  /** Rows that those delete; known where `vectors` is. */
  readonly deletedRows: bigint | undefined;
}

export const NO_FILES: FileTotals = { files: 0, bytes: 0, vectors: 0, deletedRows: 0n };

export function totalsOf(adds: Iterable<AddFile>): FileTotals {
  let totals = NO_FILES;
  for (const add of adds) totals = withFile(totals, add);
  return totals;
}

/** The totals with one live file more. */
export function withFile(totals: FileTotals, file: CountedFile): FileTotals {
  return changed(totals, file, 1);
}

/**
 * The totals after a commit of ours: one that adds no file that is live, and removes none that is not. Undefined where a file goes of which
 * nobody knows the size.
 */
export function totalsAfter(before: FileTotals, actions: readonly Action[]): FileTotals | undefined {
  let totals = before;
  for (const action of actions) {
    if ("add" in action) totals = withFile(totals, action.add);
    if (!("remove" in action)) continue;
    const { size, deletionVector } = action.remove;
    if (size === undefined) return undefined;
    totals = changed(totals, { size, ...(deletionVector === undefined ? {} : { deletionVector }) }, -1);
  }
  return totals.files < 0 || !Number.isSafeInteger(totals.bytes) || totals.bytes < 0 ? undefined : totals;
}

type CountedFile = { readonly size: number; readonly deletionVector?: DeletionVectorDescriptor };

function changed(totals: FileTotals, { size, deletionVector }: CountedFile, by: 1 | -1): FileTotals {
  const { vectors, deletedRows } = totals;
  const counted = { ...totals, files: totals.files + by, bytes: totals.bytes + by * size };
  if (deletionVector === undefined || vectors === undefined || deletedRows === undefined) return counted;
  return {
    ...counted,
    vectors: vectors + by,
    deletedRows: deletedRows + BigInt(by) * BigInt(deletionVector.cardinality),
  };
}
