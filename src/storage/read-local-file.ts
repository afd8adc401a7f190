import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** Bytes up to which a file is read at once. */
const SMALL = 64 * 1024;

/**
 * The bytes of a file. Those of a small one are read without a detour through other threads, which costs ten times as much as the reading:
 * a log has thousands of small files.
 *
 * @throws what `node:fs` throws; Error for a device
 */
export async function readLocalFile(path: string): Promise<Buffer> {
  return readSmall(path) ?? readFile(path);
}

/** Undefined for what is larger, or no plain file. */
function readSmall(path: string): Buffer | undefined {
  // Without O_NONBLOCK a named pipe would hold up everything until somebody writes into it.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    // Of /dev/zero there is no end.
    if (stats.isCharacterDevice() || stats.isBlockDevice())
      throw new Error("a device stands where a file is needed");
    if (!stats.isFile() || stats.size > SMALL) return undefined;
    // One byte more: a file that is being written may have grown.
    const content = Buffer.allocUnsafeSlow(stats.size + 1);
    const count = readSync(descriptor, content, 0, content.length, 0);
    return count > stats.size ? undefined : content.subarray(0, count);
  } finally {
    closeSync(descriptor);
  }
}
