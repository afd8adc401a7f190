/** Takes away the folders that a vacuum left empty, as Spark does: a partition without a file is none. */
import { rmdir, stat } from "node:fs/promises";
import { systemCodeOf } from "../../base/landfall-error.ts";
import type { Storage } from "../../storage/storage.ts";
import { storageError } from "../../storage/storage-error.ts";

export interface EmptyFoldersOptions {
  readonly storage: Storage;
  /** Of a file in a folder: such are not looked into. */
  readonly isHidden: (key: string) => boolean;
  /** Folders that these files lay in go at once. */
  readonly deleted: readonly string[];
  /** Milliseconds since the epoch: other empty folders go when they are older. Somebody may be about to write into them. */
  readonly cutoff: number;
  readonly signal: AbortSignal;
}

export interface VacuumedFolders {
  /** Folders that were looked into, the table's own among them. */
  readonly seen: number;
  readonly removed: number;
}

/** A folder into which somebody writes meanwhile stays. */
export async function removeEmptyFolders(options: EmptyFoldersOptions): Promise<VacuumedFolders> {
  const { storage, deleted } = options;
  if (storage.localPath === undefined) return { seen: 1, removed: 0 };
  const vacated = new Set<string>();
  for (const key of deleted)
    for (let at = key.lastIndexOf("/"); at > 0; at = key.lastIndexOf("/", at - 1))
      vacated.add(key.slice(0, at + 1));
  return removeBelow("", { ...options, vacated });
}

async function removeBelow(
  prefix: string,
  options: EmptyFoldersOptions & { readonly vacated: ReadonlySet<string> },
): Promise<VacuumedFolders> {
  const { storage, isHidden, vacated, cutoff, signal } = options;
  let [seen, removed] = [1, 0];
  for (const name of await storage.folders(prefix)) {
    signal.throwIfAborted();
    const folder = `${prefix}${name}/`;
    if (isHidden(`${folder}file`)) continue;
    const below = await removeBelow(folder, options);
    seen += below.seen;
    removed += below.removed;
    const path = storage.localPath!(folder.slice(0, -1));
    try {
      if (!vacated.has(folder) && (await stat(path)).mtimeMs >= cutoff) continue;
      await rmdir(path);
      removed += 1;
    } catch (error) {
      // Not empty, or gone already.
      if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(systemCodeOf(error) ?? ""))
        throw storageError(error, "remove", path);
    }
  }
  return { seen, removed };
}
