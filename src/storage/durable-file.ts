/**
 * Durable writes on a POSIX file system. SIGKILL leaves the page cache alone, a power cut does not: a file counts as there
 * when its bytes and the folder's entry are fsynced (exactly-once rules, §3 "Durability").
 */
import { constants } from "node:fs";
import { copyFile, link, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { faultPoint } from "../base/fault-point.ts";
import { systemCodeOf } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { PutOutcome } from "./storage.ts";

/** Files that begin with it are writes under way or left over; no listing shows them. */
export const TEMPORARY_PREFIX = ".landfall-tmp-";
const UUID_LENGTH = 36;

/** Makes the entries of a folder durable. */
export async function syncFolder(folder: string | Buffer): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the bytes of a file durable. */
export async function syncFile(path: string | Buffer): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A fresh temporary path beside `path`. Its name tells what it was to become, where that is not too long. */
export function temporaryBeside(path: string): string {
  return join(
    dirname(path),
    `${TEMPORARY_PREFIX}${uuidv7()}-${toldName(Buffer.from(basename(path))).toString("utf8")}`,
  );
}

/** What the name of a temporary file tells of the name that it is to have: all of it, or nothing where that is too long. */
export function toldName(name: Buffer): Buffer {
  return name.length <= LONGEST_TOLD_NAME ? name : Buffer.alloc(0);
}

/** Names have at most 255 bytes. */
const LONGEST_TOLD_NAME = 255 - TEMPORARY_PREFIX.length - UUID_LENGTH - 1;

/** What a temporary file was to become: a file name, or empty when its name was too long to tell. Undefined for other names. */
export function targetOfTemporary(name: string): string | undefined {
  return isTemporaryName(name) ? name.slice(TEMPORARY_PREFIX.length + UUID_LENGTH + 1) : undefined;
}

/**
 * Gives a complete, fsynced temporary file its final name, and makes the entry durable. With `ifAbsent` by link(2), which
 * fails when the name is taken (rename(2) would replace it). The temporary file is gone afterwards, whatever the outcome.
 */
export async function publishFile(temporary: string, path: string, ifAbsent: boolean): Promise<PutOutcome> {
  faultPoint("file.complete");
  try {
    if (ifAbsent) {
      await link(temporary, path);
      faultPoint("file.linked");
      await unlink(temporary);
    } else {
      await rename(temporary, path);
    }
  } catch (error) {
    await unlink(temporary).catch(() => {});
    if (systemCodeOf(error) !== "EEXIST") throw error;
    // Whoever named it may have died before the entry was durable; the caller will rest on it.
    await syncFolder(dirname(path));
    return "exists";
  }
  faultPoint("file.named");
  await syncFolder(dirname(path));
  return "created";
}

/** Writes bytes to a temporary file beside `path`, fsynced. Nothing is left behind when it fails. */
export async function writeTemporary(path: string, content: Buffer | string): Promise<string> {
  const temporary = temporaryBeside(path);
  const handle = await open(temporary, "wx", 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
  return temporary;
}

/** Moves a local file beside `path` as a temporary file, fsynced: by rename, or by copy from another file system. */
export async function adoptTemporary(source: string, path: string): Promise<string> {
  const temporary = temporaryBeside(path);
  try {
    await rename(source, temporary);
  } catch (error) {
    if (systemCodeOf(error) !== "EXDEV") throw error;
    try {
      await copyFile(source, temporary, constants.COPYFILE_EXCL);
    } catch (failed) {
      await unlink(temporary).catch(() => {});
      throw failed;
    }
    await unlink(source);
  }
  await syncFile(temporary);
  return temporary;
}

/** True for a name that no listing shows. */
export function isTemporaryName(name: string): boolean {
  return basename(name).startsWith(TEMPORARY_PREFIX);
}
