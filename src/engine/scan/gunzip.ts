/**
 * gzip (RFC 1952), member by member, with every checksum and length verified. Node's `createGunzip` ends without an error at
 * a damaged header of a later member and drops the rest; a cut file can lose records without a word. Here it cannot.
 */
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { ByteReader } from "./byte-reader.ts";
import { damageOf, guardedWrite, type Damaged, type DecompressOptions } from "./expansion.ts";
import { InflateStream } from "./inflate-stream.ts";

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
export async function gunzip(options: DecompressOptions): Promise<void> {
  const reader = new ByteReader(options.read);
  const { signal } = options;
  const damaged = damageOf("gzip", options.file);
  const output = new Output(options, reader);
  let wasSmall = false;
  for (let members = 0; ; members++) {
    if (members > 0 && onlyPaddingFollows(reader, damaged)) return;
    readHeader(reader, damaged);
    signal?.throwIfAborted();
    const before = reader.consumed;
    output.startMember();
    if (!wasSmall || !inflateSmallMember(reader, output))
      await inflateMember(reader, output, { damaged, signal });
    wasSmall = reader.consumed - before < SMALL_MEMBER;
    checkTrailer(reader, output, damaged);
  }
}

/** Counts, checks and passes on what a member inflates to. */
class Output {
  memberBytes = 0;
  memberCrc = 0;
  readonly #write: DecompressOptions["write"];

  constructor(options: DecompressOptions, reader: ByteReader) {
    this.#write = guardedWrite(options, reader, damageOf("gzip", options.file));
  }

  startMember(): void {
    this.memberBytes = 0;
    this.memberCrc = 0;
  }

  write(bytes: Buffer): void {
    this.memberBytes += bytes.length;
    this.memberCrc = crc32(bytes, this.memberCrc);
    this.#write(bytes);
  }
}

function take(reader: ByteReader, damaged: Damaged): number {
  const byte = reader.take();
  if (byte === undefined) throw damaged("the file is truncated");
  return byte;
}

/** RFC 1952 §2.3: ten bytes, then what the flags announce. */
function readHeader(reader: ByteReader, damaged: Damaged): void {
  const header: number[] = [];
  const next = (): number => {
    if (header.length > MAX_HEADER_BYTES) throw damaged("a header does not end");
    const byte = take(reader, damaged);
    header.push(byte);
    return byte;
  };
  if (next() !== 0x1f || next() !== 0x8b || next() !== 8)
    throw damaged("damaged, or followed by bytes that are not gzip");
  const flags = next();
  if ((flags & 0xe0) !== 0) throw damaged("a header with unknown flags");
  for (let i = 0; i < 6; i++) next();
  if ((flags & 4) !== 0) {
    for (let length = next() + next() * 256; length > 0; length--) next();
  }
  if ((flags & 8) !== 0) while (next() !== 0);
  if ((flags & 16) !== 0) while (next() !== 0);
  if ((flags & 2) === 0) return;
  const crc = crc32(Buffer.from(header)) & 0xffff;
  if (next() + next() * 256 !== crc) throw damaged("a header's checksum is wrong");
}

/** RFC 1952 §2.3.1: the CRC-32 of the member's bytes, and their number modulo 2^32. */
function checkTrailer(reader: ByteReader, output: Output, damaged: Damaged): void {
  const trailer = Buffer.alloc(8);
  for (let i = 0; i < 8; i++) trailer[i] = take(reader, damaged);
  if (trailer.readUInt32LE(0) !== output.memberCrc) throw damaged("a checksum is wrong");
  if (trailer.readUInt32LE(4) !== output.memberBytes % 2 ** 32) throw damaged("a length is wrong");
}

/** After a member: true at the end of the file, zero padding passed over; false where another member begins. */
function onlyPaddingFollows(reader: ByteReader, damaged: Damaged): boolean {
  if (reader.peek() === undefined) return true;
  if (reader.peek() !== 0) return false;
  for (let byte = reader.take(); byte !== undefined; byte = reader.take()) {
    if (byte !== 0) throw damaged("bytes after the padding");
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

/** Inflates the member through a stream, which says by `used` how much of the input was the member's. */
async function inflateMember(
  reader: ByteReader,
  output: Output,
  options: { readonly damaged: Damaged; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { damaged, signal } = options;
  const inflate = new InflateStream({
    stream: createInflateRaw({ chunkSize: 1024 * 1024 }),
    write: (bytes) => output.write(bytes),
    damaged: (cause) => damaged("the compressed data is damaged or truncated", cause),
  });
  try {
    let fed = 0;
    while (inflate.used === fed) {
      signal?.throwIfAborted();
      const input = reader.window();
      if (input === undefined) throw damaged("the file is truncated");
      await inflate.write(input);
      reader.skip(inflate.used - fed);
      fed += input.length;
    }
    await inflate.end();
  } finally {
    inflate.destroy();
  }
}
