/** Folders with their parents, each entry durable. */
import { mkdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { systemCodeOf } from "../base/landfall-error.ts";
import { decodePathBytes, encodePathBytes } from "../base/path-bytes.ts";
import { syncFolder } from "./durable-file.ts";

/** Nothing happens when it is there. @param folder a path as text */
export async function makeFolder(folder: string): Promise<void> {
  await makeFolders(encodePathBytes(resolve(folder)));
}

/** As `makeFolder`. @param folder an absolute path as encoded bytes (`base/path-bytes.ts`) */
export async function makeFolders(folder: string): Promise<void> {
  try {
    return await makeOne(folder);
  } catch (error) {
    if (systemCodeOf(error) !== "ENOENT" || folder === "/") throw error;
  }
  await makeFolders(folderOf(folder));
  // Once more and no further: where a file system takes no new names, as /proc does, this says ENOENT for ever, and Node's own recursion with it.
  await makeOne(folder);
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(decodePathBytes(folder));
  } catch (error) {
    if (systemCodeOf(error) !== "EEXIST" || !(await stat(decodePathBytes(folder))).isDirectory()) throw error;
    return;
  }
  await syncFolder(decodePathBytes(folderOf(folder)));
}

/** The folder of an encoded path; a slash is no part of a name's bytes. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}
