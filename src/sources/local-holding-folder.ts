/** The holding folder of a local source: hidden in the source itself, so that it lies on the same file system and is never listed. */
import { link, lstat, readdir, rename, rmdir } from "node:fs/promises";
import { systemCodeOf } from "../base/landfall-error.ts";
import { decodePathBytes, encodePathBytes } from "../base/path-bytes.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { Observation } from "../ledger/ledger.ts";
import { syncFolder } from "../storage/durable-file.ts";
import { removeFile } from "../storage/link-or-copy.ts";
import { folderOf, makeFolders } from "../storage/make-folder.ts";
import type { GivenBack, HeldFile, HoldingFolder } from "./holding-folder.ts";

/** Hidden names are no files of a source. */
const HIDDEN = ".landfall";
const TAKEN = /^(\d+)-([0-9a-f-]{36})-([0-9a-f-]{36})$/;
/** A second name that was made to see whether it can be made; in no place where it could be taken for a held file. */
const PROBE = "probe-";
/** Another process may remove an empty folder between our making it and our rename into it. */
const TRIES = 3;

export function localHoldingFolder(options: {
  /** Of the source: absolute, encoded bytes. */
  readonly root: string;
  readonly pipelineId: string;
  /** A file at a path as the source's listing would tell it under the key; undefined for what is no plain file. */
  readonly lookAt: (path: string, key: string) => Promise<Observation | undefined>;
}): HoldingFolder {
  const { root, lookAt } = options;
  const folder = `${root}/${HIDDEN}/held/${options.pipelineId}`;
  const sourcePath = (key: string): string => `${root}/${key}`;

  const keepAside = async (held: HeldFile): Promise<GivenBack> => {
    const path = `${root}/${HIDDEN}/overwritten/${uuidv7()}/${held.key}`;
    await makeFolders(folderOf(path));
    try {
      await rename(decodePathBytes(held.path), decodePathBytes(path));
    } catch (error) {
      if (systemCodeOf(error) === "ENOENT") return { outcome: "gone" };
      throw error;
    }
    await syncFolder(decodePathBytes(folderOf(path)));
    return { outcome: "taken", path };
  };

  return {
    taker({ number, batchId }) {
      // Fresh: no rename into it falls on a name that is taken.
      const own = `${folder}/${number}-${batchId}-${uuidv7()}`;
      const made = new Set<string>();
      return async (key) => {
        const held = { key, number, batchId, path: `${own}/${key}` };
        for (let attempt = 1; ; attempt++) {
          const into = folderOf(held.path);
          if (!made.has(into)) await makeFolders(into);
          made.add(into);
          try {
            await checkLinkable(sourcePath(key), `${folder}/${PROBE}${uuidv7()}`);
            await rename(decodePathBytes(sourcePath(key)), decodePathBytes(held.path));
            return held;
          } catch (error) {
            if (systemCodeOf(error) !== "ENOENT") throw error;
            if (attempt === TRIES || !(await exists(sourcePath(key)))) return undefined;
            made.clear();
          }
        }
      };
    },
    held: async () => (await filesBelow(folder)).flatMap((name) => heldFileOf(folder, name)),
    look: (held) => lookAt(held.path, held.key),
    async giveBack(held) {
      const [from, to] = [decodePathBytes(held.path), decodePathBytes(sourcePath(held.key))];
      try {
        await makeFolders(folderOf(sourcePath(held.key)));
        // A folder has no second name; it may replace nothing but an empty one.
        if ((await lstat(from)).isDirectory()) await rename(from, to);
        else await link(from, to);
      } catch (error) {
        const code = systemCodeOf(error);
        if (code === "ENOENT") return { outcome: "gone" };
        const isTaken = ["EEXIST", "ENOTDIR", "ENOTEMPTY", "EISDIR"].includes(code ?? "");
        if (!isTaken) throw error;
        if (!(await isOneFile(held.path, sourcePath(held.key)))) return keepAside(held);
      }
      // Durable under its own name before the held one goes.
      await syncFolder(decodePathBytes(folderOf(sourcePath(held.key))));
      await removeFile(held.path);
      return { outcome: "back" };
    },
    remove: (held) => removeFile(held.path),
    async sync(held) {
      const folders = held.flatMap(({ key, path }) => [folderOf(sourcePath(key)), folderOf(path)]);
      for (const each of new Set(folders)) {
        await syncFolder(decodePathBytes(each)).catch((error: unknown) => {
          // Another process that emptied it has removed it, or the user has.
          if (systemCodeOf(error) !== "ENOENT") throw error;
        });
      }
    },
    async tidyUp() {
      await removeProbes(folder);
      await removeEmpty(folder);
      for (const parent of [`${root}/${HIDDEN}/held`, `${root}/${HIDDEN}`]) {
        await rmdir(decodePathBytes(parent)).catch(() => {
          // Not empty, or not there: both are fine.
        });
      }
    },
  };
}

/** A file that cannot get a second name could not be given back: it is thrown at before it is taken. */
async function checkLinkable(path: string, probe: string): Promise<void> {
  await link(decodePathBytes(path), decodePathBytes(probe));
  await removeFile(probe);
}

function heldFileOf(folder: string, name: string): HeldFile[] {
  const slash = name.indexOf("/");
  const [, number, batchId] = TAKEN.exec(name.slice(0, Math.max(0, slash))) ?? [];
  if (number === undefined || batchId === undefined) return [];
  return [{ key: name.slice(slash + 1), number: Number(number), batchId, path: `${folder}/${name}` }];
}

/** Encoded names relative to the folder: everything that is no folder, and folders with nothing in them at the depth of keys. */
async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const path = decodePathBytes(`${folder}/${prefix}`);
  let entries;
  try {
    entries = await readdir(path, { withFileTypes: true, encoding: "buffer" });
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
  const names: string[] = [];
  for (const entry of entries) {
    const name = prefix + encodePathBytes(entry.name);
    if (entry.isDirectory()) names.push(...(await filesBelow(folder, `${name}/`)));
    else names.push(name);
  }
  return names.sort();
}

/** Of a process that died over them: the files have their own names. */
async function removeProbes(folder: string): Promise<void> {
  const names = await readdir(decodePathBytes(folder)).catch(() => []);
  for (const name of names) if (name.startsWith(PROBE)) await removeFile(`${folder}/${name}`);
}

async function removeEmpty(folder: string): Promise<void> {
  const entries = await readdir(decodePathBytes(folder), { withFileTypes: true, encoding: "buffer" }).catch(
    () => [],
  );
  for (const entry of entries)
    if (entry.isDirectory()) await removeEmpty(`${folder}/${encodePathBytes(entry.name)}`);
  await rmdir(decodePathBytes(folder)).catch(() => {
    // Something is held in it, or another process removed it.
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(decodePathBytes(path));
    return true;
  } catch {
    return false;
  }
}

async function isOneFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, other].map((path) => lstat(decodePathBytes(path), { bigint: true }).catch(() => undefined)),
  );
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
