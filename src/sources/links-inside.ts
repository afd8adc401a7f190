/** Links of a local source: they are followed where they stay inside it. */
import { lstatSync, realpathSync, statSync, type BigIntStats } from "node:fs";

/** Bytes, or text where all of them are printable ASCII. */
export type LocalPath = Buffer | string;

/** The file behind a name: itself, or what a link inside the source leads to. Undefined for anything else. */
export function fileAt(path: LocalPath, root: string): BigIntStats | undefined {
  const info = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (info === undefined || info.isFile()) return info;
  if (!info.isSymbolicLink()) return undefined;
  const target = linkTarget(path, root);
  return target === undefined ? undefined : followed(target);
}

/** Its path without links, or why it has none: it is gone, or may not be entered. */
export function realFolder(path: Buffer): string | Error {
  try {
    // The other one takes bytes for text on its way.
    return realpathSync.native(path, "buffer").toString("latin1");
  } catch (error) {
    return error as Error;
  }
}

function linkTarget(path: LocalPath, root: string): Buffer | undefined {
  try {
    const target = realpathSync.native(path, "buffer");
    const inside = Buffer.from(`${root === "/" ? "" : root}/`);
    return target.subarray(0, inside.length).equals(inside) ? target : undefined;
  } catch {
    // A link to nothing or in a circle is no file.
    return undefined;
  }
}

function followed(target: Buffer): BigIntStats | undefined {
  const info = statSync(target, { bigint: true, throwIfNoEntry: false });
  return info?.isFile() ? info : undefined;
}

export function isFolderInside(path: LocalPath, root: string): boolean {
  const target = linkTarget(path, root);
  return target !== undefined && statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
}
