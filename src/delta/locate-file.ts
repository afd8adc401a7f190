/**
 * Where a file lies that the log names: below the table's root, or outside, where a reader goes only when it was told to. Paths are URIs,
 * decoded once and resolved against the root (PROTOCOL.md, "Add File and Remove File").
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import { encodePathBytes } from "../base/path-bytes.ts";
import { placesBelow } from "../storage/real-place.ts";
import { storageError } from "../storage/storage-error.ts";
import type { Storage } from "../storage/storage.ts";
import { canonicalPath, decodeAddPath, isAbsolutePath, pathBelow, storageKeyOfPath } from "./add-path.ts";

/** `key`: in the table's storage. `outside`: an absolute local path. */
export type FileLocation =
  | { readonly kind: "inside"; readonly key: string }
  | { readonly kind: "outside"; readonly path: string };

export interface LocateOptions {
  readonly storage: Storage;
  /** As the log has it. */
  readonly path: string;
  readonly allowOutside: boolean;
}

/** The table's folder, below which an absolute path and a relative one may be of one file; undefined where it is none of this machine's. */
export function localRoot(storage: Storage): string | undefined {
  return storage.localPath === undefined ? undefined : storage.location;
}

/** The key of a file below the table's root, however its path is written; undefined for one outside. @throws LandfallError as `locateFile` */
export function keyOfPath(storage: Storage, path: string): string | undefined {
  try {
    const place = locateFile({ storage, path, allowOutside: false });
    return place.kind === "inside" ? place.key : undefined;
  } catch (error) {
    if (isLandfallError(error, "TABLE_FILE_OUTSIDE")) return undefined;
    throw error;
  }
}

/**
 * An absolute URI of a file below the root means the same file as the relative one.
 *
 * @throws LandfallError TABLE_FILE_OUTSIDE, TABLE_LOG_CORRUPT for a path that names no file, TABLE_FEATURE_UNSUPPORTED for one on another
 *   kind of store
 */
export function locateFile({ storage, path, allowOutside }: LocateOptions): FileLocation {
  const decoded = decodeAddPath(path, storage.location);
  const key = storageKeyOfPath(path);
  if (decoded.includes("\0") || key === "" || /^$|\/$/.test(decoded)) throw noFile(path, storage.location);
  if (key !== undefined) return { kind: "inside", key };
  const isLocal = storage.localPath !== undefined;
  if (!isAbsolutePath(path)) {
    return outside(isLocal ? resolve(storage.location, decoded) : undefined, {
      storage,
      path,
      allowOutside,
    });
  }
  const canonical = canonicalPath(path);
  // With two slashes a host follows.
  const local = /^file:\/(?!\/)/.test(canonical) ? canonical.slice("file:".length) : undefined;
  const below = local === undefined ? undefined : pathBelow(local, localRoot(storage));
  if (below !== undefined) return { kind: "inside", key: encodePathBytes(below) };
  return outside(isLocal ? local : undefined, { storage, path, allowOutside });
}

function outside(local: string | undefined, { storage, path, allowOutside }: LocateOptions): FileLocation {
  if (!allowOutside) throw refusal(path, storage.location);
  if (local !== undefined) return { kind: "outside", path: local };
  throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `The table ${storage.location} has the file ${path}, which lies on a store that Landfall does not read beside it.`,
    hint: "Read it with Spark, or copy the table as a whole.",
    file: path,
    table: storage.location,
  });
}

function noFile(path: string, table: string): LandfallError {
  return new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The path ${JSON.stringify(path)} in the Delta log of ${table} names no file.`,
    hint: "Find out which program wrote it.",
    file: path,
    table,
  });
}

function refusal(path: string, table: string): LandfallError {
  return new LandfallError("TABLE_FILE_OUTSIDE", {
    message: `The Delta log of ${table} names the file ${path}, which lies outside of the table's folder.`,
    hint: "A shallow clone has such files. Where you trust whoever wrote the log, say --allow-outside (allowOutside: true).",
    file: path,
    table,
  });
}

/**
 * Gives local paths of files: for the engine, which reads them itself. A link that leaves the table's folder leads outside, too.
 *
 * @throws LandfallError TABLE_FILE_OUTSIDE, OBJECT_MISSING, TABLE_FEATURE_UNSUPPORTED, TABLE_LOG_CORRUPT
 */
export function localFiles(options: {
  readonly storage: Storage;
  readonly allowOutside: boolean;
}): (path: string) => Promise<string> {
  const { storage, allowOutside } = options;
  const isBelow = placesBelow(storage.location);
  return async (path) => {
    const place = locateFile({ storage, path, allowOutside });
    if (place.kind === "inside" && storage.localPath === undefined) {
      throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
        message: `The table ${storage.location} does not lie on this machine, and only such are read yet.`,
        hint: "Copy it to a local folder.",
        table: storage.location,
      });
    }
    const local = place.kind === "outside" ? place.path : storage.localPath!(place.key);
    const isInside = await isBelow(local);
    if (!isInside && !allowOutside) throw refusal(path, storage.location);
    return local;
  };
}

/** The bytes of a file that the log names. @throws LandfallError as `localFiles` */
export async function readNamedFile(options: LocateOptions): Promise<Buffer> {
  const { storage, path } = options;
  const place = locateFile(options);
  if (place.kind === "inside" && storage.localPath === undefined) return storage.get(place.key);
  const local = await localFiles(options)(path);
  try {
    return await readFile(local);
  } catch (error) {
    throw storageError(error, "read", local);
  }
}
