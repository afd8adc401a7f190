/**
 * gzip (RFC 1952), member by member, with every checksum and length verified. Node's `createGunzip` ends without an error at
 * a damaged header of a later member and drops the rest; a cut file can lose records without a word. Here it cannot.
 */
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { LandfallError } from "../../base/landfall-error.ts";
import { formatBytes } from "../../base/units.ts";
import { ByteReader } from "./byte-reader.ts";

export interface ExpansionLimits {
  /** Output over compressed bytes, from 16 MiB of output on. Default 200. */
  readonly maxExpansion?: number;
  /** Output bytes. Default 100 GB. */
  readonly maxExpandedBytes?: number;
}

export interface GunzipOptions extends ExpansionLimits {
  /** The next compressed bytes, undefined at the end; they may be overwritten by the call after. */
  readonly read: () => Buffer | undefined;
  /** Takes inflated bytes, in order; they may be overwritten after it returns. */
  readonly write: (bytes: Buffer) => void;
  /** The name for messages. */
  readonly file: string;
  readonly signal?: AbortSignal;
}

/** Below this much output nobody is harmed, and tiny files of zeros are honest. */
const EXPANSION_FLOOR = 16 * 1024 * 1024;
/** Members smaller than this are inflated without a stream each: files of many members have small ones. */
const SMALL_MEMBER = 256 * 1024;
const MAX_SMALL_OUTPUT = 8 * 1024 * 1024;
const MAX_HEADER_BYTES = 128 * 1024;

/** True for bytes that begin like a gzip file. */
export function looksGzipped(head: Buffer): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Inflates a whole gzip file in bounded memory. Zero bytes after the last member are padding and allowed; anything else is an
 * error. What was written before an error is not to be trusted.
 *
 * @throws LandfallError FILE_DAMAGED: truncated, damaged, garbage between or after members, or grown beyond the limits
 */
export async function gunzip(options: GunzipOptions): Promise<void> {
  const reader = new ByteReader(options.read);
  const output = new Output(options, reader);
  let wasSmall = false;
  for (let members = 0; ; members++) {
    if (members > 0 && onlyPaddingFollows(reader, options.file)) return;
    readHeader(reader, options.file);
    options.signal?.throwIfAborted();
    const before = reader.consumed;
    output.startMember();
    if (!wasSmall || !inflateSmallMember(reader, output)) await inflateMember(reader, output, options);
    wasSmall = reader.consumed - before < SMALL_MEMBER;
    checkTrailer(reader, output, options.file);
  }
}

/** Counts, checks and passes on what a member inflates to. */
class Output {
  memberBytes = 0;
  memberCrc = 0;
  #total = 0;
  readonly #options: GunzipOptions;
  readonly #reader: ByteReader;

  constructor(options: GunzipOptions, reader: ByteReader) {
    this.#options = options;
    this.#reader = reader;
  }

  startMember(): void {
    this.memberBytes = 0;
    this.memberCrc = 0;
  }

  write(bytes: Buffer): void {
    const { maxExpansion = 200, maxExpandedBytes = 100 * 1024 ** 3, file } = this.#options;
    this.#total += bytes.length;
    const isTooSteep = this.#total > EXPANSION_FLOOR && this.#total > maxExpansion * this.#reader.received;
    if (isTooSteep || this.#total > maxExpandedBytes) {
      throw damaged(
        file,
        `grows from ${formatBytes(this.#reader.received)} past ${formatBytes(this.#total)}`,
      );
    }
    this.memberBytes += bytes.length;
    this.memberCrc = crc32(bytes, this.memberCrc);
    this.#options.write(bytes);
  }
}

function damaged(file: string, what: string, cause?: unknown): LandfallError {
  return new LandfallError("FILE_DAMAGED", {
    message: `gzip: ${what}`,
    hint: "Nothing of the file was ingested. Deliver it again, or raise the limit if it is meant to be so.",
    file,
    cause,
  });
}

function take(reader: ByteReader, file: string): number {
  const byte = reader.take();
  if (byte === undefined) throw damaged(file, "the file is truncated");
  return byte;
}

/** RFC 1952 §2.3: ten bytes, then what the flags announce. */
function readHeader(reader: ByteReader, file: string): void {
  const header: number[] = [];
  const next = (): number => {
    if (header.length > MAX_HEADER_BYTES) throw damaged(file, "a header does not end");
    const byte = take(reader, file);
    header.push(byte);
    return byte;
  };
  if (next() !== 0x1f || next() !== 0x8b || next() !== 8)
    throw damaged(file, "bytes that are no gzip member");
  const flags = next();
  if ((flags & 0xe0) !== 0) throw damaged(file, "a header with unknown flags");
  for (let i = 0; i < 6; i++) next();
  if ((flags & 4) !== 0) {
    for (let length = next() + next() * 256; length > 0; length--) next();
  }
  if ((flags & 8) !== 0) while (next() !== 0);
  if ((flags & 16) !== 0) while (next() !== 0);
  if ((flags & 2) === 0) return;
  const crc = crc32(Buffer.from(header)) & 0xffff;
  if (next() + next() * 256 !== crc) throw damaged(file, "a header's checksum is wrong");
}

/** RFC 1952 §2.3.1: the CRC-32 of the member's bytes, and their number modulo 2^32. */
function checkTrailer(reader: ByteReader, output: Output, file: string): void {
  const trailer = Buffer.alloc(8);
  for (let i = 0; i < 8; i++) trailer[i] = take(reader, file);
  if (trailer.readUInt32LE(0) !== output.memberCrc) throw damaged(file, "a checksum is wrong");
  if (trailer.readUInt32LE(4) !== output.memberBytes % 2 ** 32) throw damaged(file, "a length is wrong");
}

/** After a member: true at the end of the file, zero padding passed over; false where another member begins. */
function onlyPaddingFollows(reader: ByteReader, file: string): boolean {
  if (reader.peek() === undefined) return true;
  if (reader.peek() !== 0) return false;
  for (let byte = reader.take(); byte !== undefined; byte = reader.take()) {
    if (byte !== 0) throw damaged(file, "bytes after the padding");
  }
  return true;
}

/** Inflates the member from the bytes at hand. False, with nothing consumed, where the stream must do it (or say what is wrong). */
function inflateSmallMember(reader: ByteReader, output: Output): boolean {
  const input = reader.window();
  if (input === undefined) return false;
  let bytes: Buffer;
  let used: number;
  try {
    const options = { info: true, maxOutputLength: MAX_SMALL_OUTPUT };
    const result = inflateRawSync(input, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    bytes = result.buffer;
    used = result.engine.bytesWritten;
  } catch {
    return false;
  }
  reader.skip(used);
  output.write(bytes);
  return true;
}

/** Inflates the member through a stream, which says by `bytesWritten` how much of the input was the member's. */
async function inflateMember(reader: ByteReader, output: Output, options: GunzipOptions): Promise<void> {
  const inflate = createInflateRaw({ chunkSize: 1024 * 1024 });
  let failure: unknown;
  inflate.on("error", (error: Error) => {
    failure ??= damaged(options.file, "the compressed data is damaged or truncated", error);
  });
  inflate.on("data", (bytes: Buffer) => {
    if (failure !== undefined) return;
    try {
      output.write(bytes);
    } catch (error) {
      failure = error;
    }
  });
  // Every end counts, because a stream that fails calls back neither its write nor its end.
  const over = new Promise<void>((resolve) => {
    for (const event of ["end", "error", "close"]) inflate.once(event, () => resolve());
  });
  try {
    let fed = 0;
    while (inflate.bytesWritten === fed) {
      options.signal?.throwIfAborted();
      const input = reader.window();
      if (input === undefined) throw damaged(options.file, "the file is truncated");
      await Promise.race([over, new Promise<void>((resolve) => inflate.write(input, () => resolve()))]);
      if (failure !== undefined) throw failure;
      reader.skip(inflate.bytesWritten - fed);
      fed += input.length;
    }
    inflate.end();
    await over;
    if (failure !== undefined) throw failure;
  } finally {
    inflate.destroy();
  }
}
