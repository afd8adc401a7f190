/** The beginning of a file as its reader would see it: what is packed with gzip or zstd is unpacked. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

export interface FileHead {
  readonly bytes: Buffer;
  /** True when these are all bytes of the file. */
  readonly isWhole: boolean;
  /** Bytes of the file as it lies there that were read for it; more than that were not looked at. */
  readonly bytesRead: number;
}

/**
 * At most so many bytes, unpacked. Damage ends the head where it is met: whoever reads the file whole will tell it.
 *
 * @throws the system's error where the file cannot be opened or read
 */
export async function readHead(options: {
  readonly path: Buffer;
  readonly bytes: number;
  readonly signal?: AbortSignal | undefined;
}): Promise<FileHead> {
  const { path, bytes, signal } = options;
  const file = createReadStream(path);
  const chunks: Buffer[] = [];
  let length = 0;
  const first = await firstChunk(file);
  const unpack = first?.subarray(0, 2).equals(GZIP)
    ? createGunzip()
    : first?.subarray(0, 4).equals(ZSTD)
      ? createZstdDecompress()
      : undefined;
  const stream = unpack === undefined ? file : pipeline(file, unpack, () => {});
  let isWhole = false;
  try {
    for await (const chunk of stream) {
      signal?.throwIfAborted();
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      // One byte more than asked for tells that there is more.
      if (length > bytes) break;
    }
    isWhole = length <= bytes;
  } catch (error) {
    if (unpack === undefined || signal?.aborted === true) throw error;
  } finally {
    file.destroy();
    unpack?.destroy();
  }
  return { bytes: Buffer.concat(chunks).subarray(0, bytes), isWhole, bytesRead: file.bytesRead };
}

/** The first bytes, which stay in the stream; undefined for an empty file. */
function firstChunk(file: ReturnType<typeof createReadStream>): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    file.once("error", reject);
    file.once("readable", () => {
      file.off("error", reject);
      const chunk = file.read() as Buffer | null;
      if (chunk !== null) file.unshift(chunk);
      resolve(chunk ?? undefined);
    });
  });
}
