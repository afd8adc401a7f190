import { lstatSync, statSync, type BigIntStats, type Dirent } from "node:fs";
import { readdir, stat, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LandfallError, systemCodeOf } from "../base/landfall-error.ts";
import { decodePathBytes, encodePathBytes } from "../base/path-bytes.ts";
import {
  adoptTemporary,
  isTemporaryName,
  publishFile,
  syncFile,
  syncFolder,
  targetOfTemporary,
  writeTemporary,
} from "./durable-file.ts";
import { makeFolder } from "./make-folder.ts";
import { readLocalFile } from "./read-local-file.ts";
import { storageError } from "./storage-error.ts";
import type { ListOptions, ObjectInfo, PutOptions, PutOutcome, Storage } from "./storage.ts";

/** Storage over a folder of the local file system, which need not exist yet. Keys are encoded bytes (`base/path-bytes.ts`). */
export function localStorage(options: {
  readonly root: string;
}): Storage & { localPath(key: string): string } {
  const root = resolve(options.root);
  const knownFolders = new Set<string>();

  const pathOf = (key: string): string => {
    if (key === "" || key.startsWith("/") || key.split("/").some((part) => part === ".." || part === ".")) {
      throw new LandfallError("INTERNAL", { message: `"${key}" is no key below ${root}.`, file: key });
    }
    return `${root}/${decodePathBytes(key).toString("utf8")}`;
  };

  const ensureFolder = async (path: string): Promise<void> => {
    const folder = dirname(path);
    if (knownFolders.has(folder)) return;
    await makeFolder(folder);
    knownFolders.add(folder);
  };

  /** Runs a write; a folder that somebody removed since we saw it is made again. */
  const writing = async (path: string, write: () => Promise<PutOutcome>): Promise<PutOutcome> => {
    try {
      await ensureFolder(path);
      try {
        return await write();
      } catch (error) {
        if (systemCodeOf(error) !== "ENOENT" || !knownFolders.delete(dirname(path))) throw error;
        await ensureFolder(path);
        return await write();
      }
    } catch (error) {
      throw storageError(error, "write", path);
    }
  };

  return {
    location: root,
    list: (listOptions) => listFolder(root, listOptions),
    keys: (listOptions) => keysOfFolder(root, listOptions),
    async folders(prefix) {
      const path = `${root}/${decodePathBytes(prefix).toString("utf8")}`;
      try {
        const entries = await readdir(path, { withFileTypes: true });
        return entries
          .filter((entry) => entry.isDirectory())
          .map((entry) => encodePathBytes(entry.name))
          .sort();
      } catch (error) {
        if (isAbsent(error)) return [];
        throw storageError(error, "list", path);
      }
    },
    async head(key) {
      const path = pathOf(key);
      try {
        const info = await stat(path, { bigint: true });
        return info.isFile() ? objectInfo(key, info) : undefined;
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw storageError(error, "look at", path);
      }
    },
    async get(key) {
      const path = pathOf(key);
      try {
        return await readLocalFile(path);
      } catch (error) {
        throw storageError(error, "read", path);
      }
    },
    put(key, content, putOptions) {
      const path = pathOf(key);
      return writing(path, async () =>
        publishFile(await writeTemporary(path, content), path, putOptions?.ifAbsent === true),
      );
    },
    putFile(key, localPath, putOptions?: PutOptions) {
      const path = pathOf(key);
      return writing(path, async () =>
        publishFile(await adoptTemporary(localPath, path), path, putOptions?.ifAbsent === true),
      );
    },
    async delete(keys) {
      const folders = new Set<string>();
      for (const path of [keys].flat().map(pathOf)) {
        try {
          await unlink(path);
          folders.add(dirname(path));
        } catch (error) {
          if (!isAbsent(error)) throw storageError(error, "delete", path);
        }
      }
      for (const folder of folders) {
        try {
          await syncFolder(folder);
        } catch (error) {
          if (!isAbsent(error)) throw storageError(error, "delete in", folder);
        }
      }
    },
    async removeLeftovers(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      const path = `${root}/${decodePathBytes(folder).toString("utf8")}`;
      try {
        for (const name of await readdir(path)) {
          const target = targetOfTemporary(name);
          if (target === undefined || !`${folder}${encodePathBytes(target)}`.startsWith(prefix)) continue;
          await unlink(`${path}${name}`);
        }
      } catch (error) {
        if (!isAbsent(error)) throw storageError(error, "remove what was cut off in", path);
      }
    },
    async makeDurable(key) {
      const path = pathOf(key);
      try {
        await syncFile(path);
        await syncFolder(dirname(path));
      } catch (error) {
        if (!isAbsent(error)) throw storageError(error, "make durable", path);
      }
    },
    localPath: pathOf,
  };
}

function isAbsent(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function objectInfo(key: string, info: BigIntStats): ObjectInfo {
  return { key, size: Number(info.size), modifiedNs: info.mtimeNs.toString() };
}

async function* listFolder(root: string, options?: ListOptions): AsyncGenerator<ObjectInfo> {
  for await (const { key, path } of filesOfFolder(root, options)) {
    const look = options?.links === true ? statSync : lstatSync;
    const info = look(path, { bigint: true, throwIfNoEntry: false });
    if (info?.isFile()) yield objectInfo(key, info);
  }
}

async function* keysOfFolder(root: string, options?: ListOptions): AsyncGenerator<string> {
  for await (const { key } of filesOfFolder(root, options)) yield key;
}

/** Walks the part of the tree that the prefix names, in ascending order of keys. */
function filesOfFolder(root: string, options: ListOptions = {}): AsyncGenerator<FoundFile> {
  const { prefix = "", startAfter = "", links = false, signal } = options;
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  // Asked before a file is looked at: a log of thousands of commits is listed after each one.
  const wanted = (key: string): boolean => {
    if (key.endsWith("/")) return key.startsWith(prefix) && (key > startAfter || startAfter.startsWith(key));
    return key > startAfter && key.startsWith(prefix);
  };
  return walk({ root, folder, wanted, links, signal });
}

interface FoundFile {
  readonly key: string;
  readonly path: string;
}

interface Walk {
  readonly root: string;
  readonly folder: string;
  /** Gets keys of files, and of folders with their slash. */
  readonly wanted: (key: string) => boolean;
  readonly links: boolean;
  readonly signal: AbortSignal | undefined;
}

async function* walk(options: Walk): AsyncGenerator<FoundFile> {
  const { root, folder, wanted, links, signal } = options;
  const isMeant = (entry: Dirent): boolean =>
    entry.isFile() || entry.isDirectory() || (links && entry.isSymbolicLink());
  signal?.throwIfAborted();
  const path = `${root}/${decodePathBytes(folder).toString("utf8")}`;
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return;
    throw storageError(error, "list", path);
  }
  // A folder sorts as its keys do, with the slash: "a.txt" stands before "a/x".
  const sorted = entries
    .filter((entry) => !isTemporaryName(entry.name) && isMeant(entry))
    .map((entry) => ({ key: folder + encodePathBytes(entry.name) + (entry.isDirectory() ? "/" : ""), entry }))
    .filter(({ key }) => wanted(key))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { key, entry } of sorted) {
    if (entry.isDirectory()) yield* walk({ ...options, folder: key });
    else yield { key, path: `${path}/${entry.name}` };
  }
}
