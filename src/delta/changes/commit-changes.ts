/** What a commit did to a table's rows, from its actions alone (PROTOCOL.md, "Add CDC File", reader requirements). */
import type { Action, AddCdcFile, AddFile, DeletionVectorDescriptor, RemoveFile } from "../actions.ts";
import { canonicalPath } from "../add-path.ts";

export type ChangedFile =
  /** A change file, whose rows say for themselves what they are. */
  | { readonly kind: "recorded"; readonly file: AddCdcFile }
  /** The rows of a data file, all that its deletion vector leaves. */
  | { readonly kind: "insert"; readonly file: AddFile }
  | { readonly kind: "delete"; readonly file: RemoveFile }
  /** Rows of a data file that stays: those of one vector that are not in the other were deleted, or came back. */
  | {
      readonly kind: "vector";
      readonly file: AddFile;
      readonly before: DeletionVectorDescriptor | undefined;
      readonly after: DeletionVectorDescriptor | undefined;
    };

/**
 * Where there are change files they tell everything, and what was added and removed is passed over. Files that were moved about without a
 * change of rows (`dataChange: false`) tell nothing.
 *
 * @param root the table's folder on this machine, below which an absolute path and a relative one may be of one file; undefined elsewhere
 */
export function commitChanges(actions: readonly Action[], root: string | undefined): readonly ChangedFile[] {
  const recorded: ChangedFile[] = [];
  const adds: AddFile[] = [];
  const removes = new Map<string, RemoveFile>();
  for (const action of actions) {
    if ("cdc" in action) recorded.push({ kind: "recorded", file: action.cdc });
    if ("add" in action && action.add.dataChange) adds.push(action.add);
    if ("remove" in action && action.remove.dataChange)
      removes.set(canonicalPath(action.remove.path, root), action.remove);
  }
  if (recorded.length > 0) return recorded;
  const added = adds.map((file): ChangedFile => {
    const path = canonicalPath(file.path, root);
    const removed = removes.get(path);
    if (removed === undefined) return { kind: "insert", file };
    removes.delete(path);
    return { kind: "vector", file, before: removed.deletionVector, after: file.deletionVector };
  });
  const deleted = [...removes.values()].map((file): ChangedFile => ({ kind: "delete", file }));
  return [...deleted, ...added];
}
