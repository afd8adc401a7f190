/** One pass over a file on disk: its bytes with their CRC-32 for the manifest, and what they are or inflate to, chunk by chunk. */
import { closeSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { LandfallError, messageOf, systemCodeOf } from "../../base/landfall-error.ts";
import { decodePathBytes, displayKey } from "../../base/path-bytes.ts";
import { compressionOf, decompressorOf, type Compression } from "./decompress.ts";
import type { ExpansionLimits } from "./expansion.ts";

export interface FeedFileOptions extends ExpansionLimits {
  /** The path, percent-encoded (`encodePathBytes`). */
  readonly path: string;
  /**
   * Gets the plain bytes in order, and whether they are those on disk. It may change them; they are overwritten as soon as it
   * returns.
   */
  readonly feed: (bytes: Buffer, isStored: boolean) => void;
  readonly signal?: AbortSignal | undefined;
  /** Told of the bytes on disk, as they are read. */
  readonly onBytes?: OnBytes | undefined;
}

export type OnBytes = (bytes: number) => void;

export interface FileBytes {
  /** Bytes on disk, as read. */
  readonly bytes: number;
  /** CRC-32 of those bytes. */
  readonly crc32: number;
  /** Told by the content: the bytes given on were `inflatedBytes`. */
  readonly compression: Compression;
  readonly inflatedBytes: number;
}

const CHUNK_BYTES = 2 * 1024 * 1024;
/** Between looks at the event loop, so that an abort is heard; small files never wait for it. */
const CHUNKS_PER_TURN = 8;

/**
 * Feeds a file once, in bounded memory. Reads with blocking calls: it is meant for a worker.
 *
 * @throws LandfallError OBJECT_MISSING, SOURCE_UNREADABLE, or FILE_DAMAGED (compression); what `feed` throws; the signal's reason when
 *   aborted. Running it again is always safe.
 */
export async function feedFile(options: FeedFileOptions): Promise<FileBytes> {
  const file = displayKey(options.path);
  const source = new FileChunks(options.path, file, options.onBytes);
  try {
    const head = source.next();
    const compression = head === undefined ? "none" : compressionOf(head);
    const decompress = decompressorOf(compression);
    let inflatedBytes = 0;
    const write = (bytes: Buffer): void => {
      inflatedBytes += bytes.length;
      options.feed(bytes, compression === "none");
    };
    if (decompress === undefined) await feedPlain(head, source, write, options.signal);
    else {
      let first: Buffer | undefined = head;
      const read = (): Buffer | undefined => {
        const chunk = first ?? source.next();
        first = undefined;
        return chunk;
      };
      const { maxExpansion, maxExpandedBytes, signal } = options;
      await decompress({
        ...(maxExpansion === undefined ? {} : { maxExpansion }),
        ...(maxExpandedBytes === undefined ? {} : { maxExpandedBytes }),
        ...(signal === undefined ? {} : { signal }),
        read,
        write,
        file,
      });
    }
    const { bytes, crc32 } = source;
    return { bytes, crc32, compression, inflatedBytes };
  } finally {
    source.close();
  }
}

/**
 * Bytes and CRC-32 of a file as it lies there, whatever is in it.
 *
 * @throws LandfallError OBJECT_MISSING, SOURCE_UNREADABLE
 */
export function checksumFile(path: string): { readonly bytes: number; readonly crc32: number } {
  const source = new FileChunks(path, displayKey(path));
  try {
    while (source.next() !== undefined);
    return { bytes: source.bytes, crc32: source.crc32 };
  } finally {
    source.close();
  }
}

/** `head`: the first chunk, read already. */
export async function feedPlain(
  head: Buffer | undefined,
  source: FileChunks,
  feed: (bytes: Buffer) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  let turn = 0;
  for (let chunk = head; chunk !== undefined; chunk = source.next()) {
    signal?.throwIfAborted();
    feed(chunk);
    turn += 1;
    if (turn % CHUNKS_PER_TURN === 0) await setImmediate();
  }
}

/** Buffers that no file is being read into: thousands of small files share one. */
const freeBuffers: Buffer[] = [];

/** Bytes of a file from one place up to another; a file that is shorter ends earlier. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

const WHOLE: ByteRange = { from: 0, to: Infinity };

/** The chunks of a file, read into one buffer, with their count and checksum. */
export class FileChunks {
  bytes = 0;
  crc32 = 0;
  readonly #file: string;
  readonly #range: ByteRange;
  readonly #handle: number;
  readonly #buffer: Buffer;

  readonly #onBytes: OnBytes | undefined;

  constructor(path: string, file: string, onBytes?: OnBytes, range = WHOLE) {
    this.#file = file;
    this.#onBytes = onBytes;
    this.#range = range;
    this.#handle = translated(file, () => openSync(decodePathBytes(path), "r"));
    this.#buffer = freeBuffers.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  /** The next bytes, undefined at the end; overwritten by the next call. */
  next(): Buffer | undefined {
    const at = this.#range.from + this.bytes;
    const most = Math.min(CHUNK_BYTES, this.#range.to - at);
    const count = translated(this.#file, () => readSync(this.#handle, this.#buffer, 0, most, at));
    if (count === 0) return undefined;
    const chunk = this.#buffer.subarray(0, count);
    this.bytes += count;
    this.#onBytes?.(count);
    this.crc32 = crc32(chunk, this.crc32);
    return chunk;
  }

  close(): void {
    closeSync(this.#handle);
    if (freeBuffers.length === 0) freeBuffers.push(this.#buffer);
  }
}

function translated<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (systemCodeOf(cause) === "ENOENT") {
      throw new LandfallError("OBJECT_MISSING", {
        message: `cannot scan ${file}: it is not there`,
        hint: "It was removed or renamed after it had been noticed; the next run sees what is there now.",
        file,
        cause,
      });
    }
    throw new LandfallError("SOURCE_UNREADABLE", {
      message: `cannot read ${file}: ${messageOf(cause)}`,
      hint: "Check that it is a file and that this user may read it.",
      file,
      cause,
    });
  }
}
