/** Scans one NDJSON file from disk: its bytes with their CRC-32 for the manifest, gzip by content, then the scanner. */
import { closeSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { LandfallError, messageOf, systemCodeOf } from "../../base/landfall-error.ts";
import { decodePathBytes, displayKey } from "../../base/path-bytes.ts";
import { gunzip, looksGzipped, type ExpansionLimits } from "./gunzip.ts";
import { JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";

export interface ScanFileOptions extends JsonScanOptions, ExpansionLimits {
  /** The path, percent-encoded (`encodePathBytes`). */
  readonly path: string;
  /** Gets the bytes that a gzip file inflates to, in order; they may be overwritten as soon as it returns. */
  readonly onInflated?: (bytes: Buffer) => void;
  readonly signal?: AbortSignal;
}

export interface FileScan extends JsonScan {
  /** Bytes on disk, as read. */
  readonly bytes: number;
  /** CRC-32 of those bytes. */
  readonly crc32: number;
  /** The file was gzip: the offsets of records are those of the inflated bytes, of which there are `inflatedBytes`. */
  readonly compression: "none" | "gzip";
  readonly inflatedBytes: number;
  /** The (inflated) bytes begin with a byte order mark, which is no part of the first record. */
  readonly marked: boolean;
}

const CHUNK_BYTES = 2 * 1024 * 1024;
/** Between looks at the event loop, so that an abort is heard; small files never wait for it. */
const CHUNKS_PER_TURN = 8;

/**
 * Scans a file once, in bounded memory. Reads with blocking calls: it is meant for a worker.
 *
 * @throws LandfallError OBJECT_MISSING, SOURCE_UNREADABLE, or FILE_DAMAGED (gzip); the signal's reason when aborted. Running it
 *   again is always safe.
 */
export async function scanFile(options: ScanFileOptions): Promise<FileScan> {
  const file = displayKey(options.path);
  const source = new FileChunks(options.path, file);
  try {
    const scanner = new JsonScanner(options);
    const head = source.next();
    const isGzip = head !== undefined && looksGzipped(head);
    let inflatedBytes = 0;
    const feed = (bytes: Buffer): void => {
      inflatedBytes += bytes.length;
      scanner.feed(bytes);
      if (isGzip) options.onInflated?.(bytes);
    };
    if (isGzip) {
      let first: Buffer | undefined = head;
      const read = (): Buffer | undefined => {
        const chunk = first ?? source.next();
        first = undefined;
        return chunk;
      };
      await gunzip({ ...options, read, write: feed, file });
    } else await feedPlain(head, source, feed, options.signal);
    return {
      ...scanner.finish(),
      bytes: source.bytes,
      crc32: source.crc32,
      compression: isGzip ? "gzip" : "none",
      inflatedBytes,
      marked: scanner.marked,
    };
  } finally {
    source.close();
  }
}

async function feedPlain(
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

/** The chunks of a file, read into one buffer, with their count and checksum. */
class FileChunks {
  bytes = 0;
  crc32 = 0;
  readonly #file: string;
  readonly #handle: number;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);

  constructor(path: string, file: string) {
    this.#file = file;
    this.#handle = translated(file, () => openSync(decodePathBytes(path), "r"));
  }

  /** The next bytes, undefined at the end; overwritten by the next call. */
  next(): Buffer | undefined {
    const count = translated(this.#file, () => readSync(this.#handle, this.#buffer, 0, CHUNK_BYTES, null));
    if (count === 0) return undefined;
    const chunk = this.#buffer.subarray(0, count);
    this.bytes += count;
    this.crc32 = crc32(chunk, this.crc32);
    return chunk;
  }

  close(): void {
    closeSync(this.#handle);
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
