import type { Storage } from "../storage/storage.ts";
import { commitKey } from "./log-files.ts";

/**
 * What tells a version's commit from another one under its name, as where a table was dropped and another one made in its place; undefined where
 * it has been cleaned up. One of the same table may have another one, too, where somebody copied the folder.
 */
export async function commitMark(
  storage: Pick<Storage, "head">,
  version: number,
): Promise<string | undefined> {
  const object = await storage.head(commitKey(version));
  return object === undefined ? undefined : `${object.modifiedNs} ${object.size} ${object.etag ?? ""}`;
}
