/** Whether a file of the local disk really lies below a folder, whatever links its path goes through. */
import { lstat, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { storageError } from "./storage-error.ts";

/**
 * Asks for files below `root`; folders that were met are not asked for again.
 *
 * @throws LandfallError OBJECT_MISSING for a file that is not there, STORAGE_FAILED
 */
export function placesBelow(root: string): (path: string) => Promise<boolean> {
  const folders = new Map<string, Promise<boolean>>();
  let realRoot: Promise<string> | undefined;
  const isBelow = async (path: string): Promise<boolean> => {
    realRoot ??= realpath(root);
    const [found, top] = await Promise.all([realpath(path), realRoot]);
    return found === top || found.startsWith(top === "/" ? top : `${top}/`);
  };
  return async (path) => {
    const folder = dirname(path);
    try {
      const entry = await lstat(path);
      if (entry.isSymbolicLink()) return await isBelow(path);
      const known = folders.get(folder) ?? isBelow(folder);
      folders.set(folder, known);
      return await known;
    } catch (error) {
      throw storageError(error, "read", path);
    }
  };
}
