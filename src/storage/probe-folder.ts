/**
 * Whether files may be made, linked and taken away in a folder, found out by doing so. All of it happens in one go, without a wait in
 * between, so that a signal finds nothing half done.
 */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { LandfallError, messageOf, systemCodeOf } from "../base/landfall-error.ts";
import { storageError } from "./storage-error.ts";

/** The folder itself, or the nearest one above it that is there: where it would be made. */
export function nearestFolder(path: string): string {
  const parent = dirname(path);
  return existsSync(path) || parent === path ? path : nearestFolder(parent);
}

/**
 * Writes a file, makes it durable, gives it a second name, and takes both away. Names that begin with a dot are no data of a table and no
 * files of a source.
 *
 * @param options.linksBy what the second name is needed for, in the words of the error: `put-if-absent`
 * @throws LandfallError STORAGE_FAILED, STORAGE_FULL; STORE_UNSUITABLE where the file system has no second names or lets one be replaced
 */
export function probeFolder(options: { readonly folder: string; readonly linksBy?: string }): void {
  const { folder, linksBy } = options;
  const probe = join(folder, `.landfall-probe-${randomBytes(8).toString("hex")}`);
  try {
    writeProbe(probe);
    if (linksBy !== undefined) linkTwice(probe, folder, linksBy);
  } finally {
    takeAway(`${probe}.link`);
    takeAway(probe);
  }
}

function takeAway(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    // What lies below a file was never made.
    if (systemCodeOf(error) !== "ENOTDIR") throw storageError(error, "take a probe file away from", path);
  }
}

function writeProbe(probe: string): void {
  try {
    const file = openSync(probe, "wx", 0o600);
    try {
      writeSync(file, "probe");
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(error, "write a probe file to", dirname(probe));
  }
}

/** The second link must be refused: that is what keeps two writers apart. */
function linkTwice(probe: string, folder: string, linksBy: string): void {
  try {
    linkSync(probe, `${probe}.link`);
  } catch (error) {
    throw unsuitable(folder, `it has no hard links, which ${linksBy} needs (${messageOf(error)})`, error);
  }
  try {
    linkSync(probe, `${probe}.link`);
  } catch (error) {
    if (systemCodeOf(error) === "EEXIST") return;
    throw unsuitable(
      folder,
      `a name that is taken was refused for another reason (${messageOf(error)})`,
      error,
    );
  }
  throw unsuitable(folder, `a name that is taken was given away again, so ${linksBy} does not hold there`);
}

function unsuitable(folder: string, why: string, cause?: unknown): LandfallError {
  return new LandfallError("STORE_UNSUITABLE", {
    message: `The file system of ${folder} cannot be used: ${why}.`,
    hint: "Name a folder on another file system, such as a local disk.",
    file: folder,
    cause,
  });
}
