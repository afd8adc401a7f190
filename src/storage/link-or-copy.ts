/**
 * Second names for files, never over another file: link(2) fails where the name is taken, rename(2) would replace it. Paths are encoded
 * bytes (`base/path-bytes.ts`), since names of users come here.
 */
import { constants } from "node:fs";
import { copyFile, link, lstat, open, readdir, stat, unlink, utimes } from "node:fs/promises";
import { faultPoint } from "../base/fault-point.ts";
import { systemCodeOf } from "../base/landfall-error.ts";
import { decodePathBytes, encodePathBytes } from "../base/path-bytes.ts";
import { uuidv7 } from "../base/uuid.ts";
import { syncFile, targetOfTemporary, TEMPORARY_PREFIX, toldName } from "./durable-file.ts";
import { folderOf } from "./make-folder.ts";
import type { PutOutcome } from "./storage.ts";

/**
 * Gives the file at `from` the name `to` as well: by link, or by a durable copy where that is another file system. Its folder exists.
 * The entry is durable once the caller has synced that folder.
 */
export async function linkOrCopy(from: string, to: string): Promise<PutOutcome> {
  try {
    return await linkNew(from, to);
  } catch (error) {
    // EPERM: this system lets nobody link a file of somebody else, or the file system has no links.
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP"].includes(systemCodeOf(error) ?? "")) throw error;
  }
  return viaTemporary(to, async (temporary) => {
    await copyFile(decodePathBytes(from), temporary, constants.COPYFILE_EXCL);
    const { atime, mtimeNs } = await stat(decodePathBytes(from), { bigint: true });
    // A few hundred nanoseconds of it are lost: Node takes seconds as a Number.
    await utimes(temporary, atime, Number(mtimeNs) / 1e9);
    await syncFile(temporary);
  });
}

/** Writes a small file, durable but for its entry; never over another. */
export async function writeNew(to: string, content: string): Promise<PutOutcome> {
  return viaTemporary(to, async (temporary) => {
    const handle = await open(temporary, "wx", 0o644);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

async function viaTemporary(to: string, fill: (temporary: Buffer) => Promise<void>): Promise<PutOutcome> {
  const temporary = `${folderOf(to)}/${TEMPORARY_PREFIX}${uuidv7()}-${toldOf(to)}`;
  try {
    await fill(decodePathBytes(temporary));
    faultPoint("file.filled");
    return await linkNew(temporary, to);
  } finally {
    await removeFile(temporary);
  }
}

/**
 * Removes what a process that died while it gave a file the name `to` left beside it. To be called before that is done again: a process that is
 * at it still meets an error, as where somebody else had removed it.
 */
export async function removeCutOff(to: string): Promise<void> {
  const folder = folderOf(to);
  const told = toldOf(to);
  const names = await readdir(decodePathBytes(folder), { encoding: "buffer" }).catch((error: unknown) => {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "ENOTDIR") return [];
    throw error;
  });
  for (const name of names.map(encodePathBytes))
    if (targetOfTemporary(name) === told) await removeFile(`${folder}/${name}`);
}

/** What a temporary file's name tells of this path; as encoded bytes. */
function toldOf(to: string): string {
  return encodePathBytes(toldName(decodePathBytes(to.slice(to.lastIndexOf("/") + 1))));
}

async function linkNew(from: string, to: string): Promise<PutOutcome> {
  try {
    await link(decodePathBytes(from), decodePathBytes(to));
    return "created";
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return "exists";
    throw error;
  }
}

/** Takes a name away; nothing happens where there is none. */
export async function removeFile(path: string): Promise<void> {
  await unlink(decodePathBytes(path)).catch((error: unknown) => {
    if (systemCodeOf(error) !== "ENOENT") throw error;
  });
}

const CHUNK = 1024 * 1024;

/** Copies to another file system keep the time to about a microsecond. */
const SAME_TIME_NS = 2000n;

/** True for the modification times of a file and of its copy. */
export function isSameTime(one: bigint, other: bigint): boolean {
  const apart = one - other;
  return apart >= -SAME_TIME_NS && apart <= SAME_TIME_NS;
}

/** True for two names of one file, and for a file and its copy: same time, same bytes. False where one is not there, or no plain file. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([look(one), look(other)]);
  if (a === undefined || b === undefined || a.size !== b.size) return false;
  if (a.dev === b.dev && a.ino === b.ino) return true;
  if (!isSameTime(a.mtimeNs, b.mtimeNs)) return false;
  await using left = await open(decodePathBytes(one));
  await using right = await open(decodePathBytes(other));
  const [chunkA, chunkB] = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)];
  for (let at = 0; ;) {
    const { bytesRead } = await left.read(chunkA, 0, CHUNK, at);
    const again = await right.read(chunkB, 0, Math.max(1, bytesRead), at);
    if (bytesRead !== again.bytesRead) return false;
    if (bytesRead === 0) return true;
    if (!chunkA.subarray(0, bytesRead).equals(chunkB.subarray(0, bytesRead))) return false;
    at += bytesRead;
  }
}

async function look(path: string) {
  const info = await lstat(decodePathBytes(path), { bigint: true }).catch((error: unknown) => {
    if (systemCodeOf(error) === "ENOENT" || systemCodeOf(error) === "ENOTDIR") return undefined;
    throw error;
  });
  return info?.isFile() ? info : undefined;
}
