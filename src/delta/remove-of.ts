import type { AddFile, RemoveFile } from "./actions.ts";

/**
 * The action that takes a live file back, with all that a reader of the change feed and a vacuum need (PROTOCOL.md, "Add File and Remove
 * File"): the path byte for byte, and the deletion vector and row ids that the file had.
 *
 * @param options.now milliseconds since the epoch; a vacuum keeps the file for the table's retention from then on
 * @param options.dataChange false where the same rows stand in other files of the commit
 */
export function removeOf(
  add: AddFile,
  options: { readonly now: number; readonly dataChange: boolean },
): RemoveFile {
  const { path, partitionValues, size, tags, deletionVector, baseRowId, defaultRowCommitVersion } = add;
  return {
    path,
    deletionTimestamp: options.now,
    dataChange: options.dataChange,
    extendedFileMetadata: true,
    partitionValues,
    size,
    ...(tags === undefined ? {} : { tags }),
    ...(deletionVector === undefined ? {} : { deletionVector }),
    ...(baseRowId === undefined ? {} : { baseRowId }),
    ...(defaultRowCommitVersion === undefined ? {} : { defaultRowCommitVersion }),
  };
}
