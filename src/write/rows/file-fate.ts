/** What becomes of a file some of whose rows go. Pure. */
import { readerFeaturesOf, writerFeaturesOf } from "../../delta/features.ts";
import type { TableState } from "../../delta/table-state.ts";

/** `remove`: no row is left. `vector`: its deleted rows are marked. `rewrite`: what is left is written anew. */
export type FileFate = "remove" | "vector" | "rewrite";

/** With more than this share of its rows deleted a file costs every later reader more than writing what is left costs once. */
const MOST_DELETED = 0.5;

/** @param options.deleted rows, those that were deleted before among them */
export function fateOfFile(options: {
  readonly rows: number;
  readonly deleted: number;
  readonly takesVectors: boolean;
}): FileFate {
  const { rows, deleted, takesVectors } = options;
  if (deleted === rows) return "remove";
  return takesVectors && deleted <= rows * MOST_DELETED ? "vector" : "rewrite";
}

const FEATURE = "deletionVectors";

/** Whether new deletion vectors may be written (PROTOCOL.md, "Deletion Vectors", "Writer Requirements"). */
export function takesVectors({ protocol, metadata }: Pick<TableState, "protocol" | "metadata">): boolean {
  return (
    metadata.configuration["delta.enableDeletionVectors"]?.toLowerCase() === "true" &&
    readerFeaturesOf(protocol).includes(FEATURE) &&
    writerFeaturesOf(protocol).includes(FEATURE)
  );
}
