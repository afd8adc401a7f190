/**
 * bzip2, in plain TypeScript: Node has none. Blocks and streams one after the other, each block's and each stream's CRC
 * verified. Every length that a file states is held against its block, so that no hostile one runs on or out.
 */
import { setImmediate } from "node:timers/promises";
import { BitReader } from "./bit-reader.ts";
import { ByteReader } from "./byte-reader.ts";
import { readBzip2Block } from "./bzip2-block.ts";
import { damageOf, guardedWrite, type Damaged, type DecompressOptions } from "./expansion.ts";

/** "BZh", then the size of blocks in 100,000 bytes as a digit. */
const MAGIC = [0x42, 0x5a, 0x68];
const BLOCK_UNIT = 100_000;
/** The digits of pi, and those of its square root: what begins a block, and what ends a stream. */
const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;

/** True for bytes that begin like a bzip2 file, with a block or with the end of an empty one. */
export function looksLikeBzip2(head: Buffer): boolean {
  if (head.length < 4 || !isStreamHeader(head)) return false;
  const next = head.subarray(4, 10).toString("hex");
  return BLOCK_MAGIC.toString(16).startsWith(next) || END_MAGIC.toString(16).startsWith(next);
}

function isStreamHeader(bytes: Buffer): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte) && bytes[3]! >= 0x31 && bytes[3]! <= 0x39;
}

/**
 * Decompresses a whole bzip2 file in bounded memory (a block and its table: below 8 MB). Another stream or the end of the file must
 * follow a stream. What was written before an error is not to be trusted.
 *
 * @throws LandfallError FILE_DAMAGED: truncated, damaged, bytes after a stream, or grown beyond the limits
 */
export async function bunzip2(options: DecompressOptions): Promise<void> {
  for (const _block of bunzip2Blocks(options)) await setImmediate();
}

/** The same, a block at each step, for bytes that are at hand and few. */
export function* bunzip2Blocks(options: DecompressOptions): Generator<void> {
  const damaged = damageOf("bzip2", options.file);
  const reader = new ByteReader(options.read);
  const write = guardedWrite(options, reader, damaged);
  while (reader.peek() !== undefined) {
    const bits = new BitReader(reader, () => damaged("the file is truncated"));
    const blockBytes = readStreamHeader(bits, damaged);
    let streamCrc = 0;
    while (isBlockNext(bits, damaged)) {
      options.signal?.throwIfAborted();
      const crc = readBzip2Block({ bits, blockBytes, write, damaged });
      streamCrc = ((streamCrc << 1) | (streamCrc >>> 31)) ^ crc;
      yield;
    }
    if (bits.read32() !== streamCrc >>> 0) throw damaged("a stream's checksum is wrong");
  }
}

function readStreamHeader(bits: BitReader, damaged: Damaged): number {
  const head = Buffer.from([bits.read(8), bits.read(8), bits.read(8), bits.read(8)]);
  if (!isStreamHeader(head)) throw damaged("bytes that are no bzip2 stream");
  return (head[3]! - 0x30) * BLOCK_UNIT;
}

function isBlockNext(bits: BitReader, damaged: Damaged): boolean {
  const magic = bits.read(24) * 2 ** 24 + bits.read(24);
  if (magic !== BLOCK_MAGIC && magic !== END_MAGIC)
    throw damaged("bytes that are neither a block nor the end");
  return magic === BLOCK_MAGIC;
}
