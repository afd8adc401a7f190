import { stringifyJson } from "../../base/lossless-json.ts";
import type { AddFile, DeletionVectorDescriptor } from "../../delta/actions.ts";
import { statsOf } from "../../delta/stated-statistics.ts";

/**
 * The same file with other deleted rows. Its statistics are of all its rows, which its count must tell, and bounds are no longer known to be
 * reached (PROTOCOL.md, "Deletion Vectors", "Writer Requirements"; "Per-file Statistics", `tightBounds`).
 *
 * @param rows all rows of the file, deleted ones too
 */
export function vectoredAdd(add: AddFile, rows: number, deletionVector: DeletionVectorDescriptor): AddFile {
  const stats = stringifyJson({ ...statsOf(add), numRecords: rows, tightBounds: false });
  return { ...add, dataChange: true, stats, deletionVector };
}
