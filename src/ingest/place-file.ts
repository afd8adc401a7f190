/** A held file gets its name in the archive or the quarantine folder: never over another, and found again after a crash. */
import { lstat } from "node:fs/promises";
import { systemCodeOf } from "../base/landfall-error.ts";
import { decodePathBytes } from "../base/path-bytes.ts";
import { isSameFile, isSameTime, linkOrCopy, removeCutOff, writeNew } from "../storage/link-or-copy.ts";
import { folderOf, makeFolders } from "../storage/make-folder.ts";
import { namesIn } from "./tidy-places.ts";

export interface PlacedFile {
  /** Absolute, encoded bytes. */
  readonly path: string;
  /** It lay there already: this file was placed before, and was put back, or a process died over it. */
  readonly again: boolean;
}

/**
 * The entry is durable once the folder of the path has been synced.
 *
 * @throws the error of the file system; then nothing has been placed
 */
export async function placeFile(options: {
  /** Absolute, encoded bytes, like all paths here. */
  readonly from: string;
  readonly folder: string;
  readonly key: string;
  readonly generation: string;
  /** Fresh: for the third name, which no rule needs as long as a generation tells contents apart. */
  readonly id: string;
}): Promise<PlacedFile> {
  const { from, folder, key, id } = options;
  for (const path of [...namesIn(folder, options), `${folder}/${id}/${key}`]) {
    try {
      await makeFolders(folderOf(path));
      if ((await linkOrCopy(from, path)) === "created") return { path, again: false };
    } catch (error) {
      // A file stands where this key has a folder.
      if (!["EEXIST", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) throw error;
      continue;
    }
    if (await isSameFile(from, path)) return { path, again: true };
  }
  throw Object.assign(new Error(`${folder}/${id} is taken`), { code: "EEXIST" });
}

/** Removes what a process left that died while it placed this file, or its reason beside it; what it had placed stays, and is found again. */
export async function removeHalfPlaced(
  folder: string,
  arrival: { readonly key: string; readonly generation: string },
): Promise<void> {
  for (const path of namesIn(folder, arrival))
    for (const cutOff of [path, reasonPath(path)]) await removeCutOff(cutOff);
}

function reasonPath(path: string): string {
  return `${path}.reason.json`;
}

/** Says beside a quarantined file why it lies there; one that stands already stays. */
export async function writeReason(path: string, reason: object): Promise<void> {
  await writeNew(reasonPath(path), `${JSON.stringify(reason, undefined, 2)}\n`);
}

/** The path under which a file of this size and time lies there; undefined for none. */
export async function findPlaced(
  folder: string,
  arrival: {
    readonly key: string;
    readonly generation: string;
    readonly size: number;
    readonly modifiedNs: string;
  },
): Promise<string | undefined> {
  for (const path of namesIn(folder, arrival)) {
    const info = await lstat(decodePathBytes(path), { bigint: true }).catch(() => undefined);
    if (!info?.isFile() || info.size !== BigInt(arrival.size)) continue;
    if (isSameTime(info.mtimeNs, BigInt(arrival.modifiedNs))) return path;
  }
  return undefined;
}
