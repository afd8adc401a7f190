/** Writes deletion vectors for tests, by the words of the format (RoaringFormatSpec; PROTOCOL.md, "Deletion Vector Format"). */
import { crc32 } from "node:zlib";

/** The bytes of a vector. `kindOf` says how the container of 65,536 rows is written; small bitmaps and large arrays cannot be. */
export function encodeVector(options: {
  readonly rows: readonly number[];
  readonly kindOf: (rows: number) => "runs" | "plain";
  readonly native?: boolean;
}): Buffer {
  const rows = [...new Set(options.rows)].sort((a, b) => a - b);
  const containers = [...Map.groupBy(rows, (row) => Math.floor(row / 65_536))].map(([key, values]) => {
    const low = values.map((row) => row % 65_536);
    return { key, low, isRun: options.kindOf(key) === "runs" };
  });
  const bitmap = containers.length === 0 ? [] : [bitmapOf(containers)];
  if (options.native === true) {
    return Buffer.concat([
      int32(1_681_511_376),
      int32(bitmap.length),
      ...bitmap.flatMap((bytes) => [int32(bytes.length), bytes]),
    ]);
  }
  const count = Buffer.alloc(8);
  count.writeBigUInt64LE(BigInt(bitmap.length));
  return Buffer.concat([int32(1_681_511_377), count, ...bitmap.flatMap((bytes) => [int32(0), bytes])]);
}

interface Container {
  readonly key: number;
  readonly low: readonly number[];
  readonly isRun: boolean;
}

function bitmapOf(containers: readonly Container[]): Buffer {
  const hasRuns = containers.some(({ isRun }) => isRun);
  const bodies = containers.map(bodyOf);
  const flags = Buffer.alloc(Math.ceil(containers.length / 8));
  for (const [i, { isRun }] of containers.entries()) if (isRun) flags[i >> 3]! |= 1 << (i & 7);
  const head = hasRuns
    ? Buffer.concat([uint16(12_347), uint16(containers.length - 1), flags])
    : Buffer.concat([int32(12_346), int32(containers.length)]);
  const keys = containers.map(({ key, low }) => Buffer.concat([uint16(key), uint16(low.length - 1)]));
  const hasOffsets = !hasRuns || containers.length >= 4;
  let at = head.length + containers.length * (hasOffsets ? 8 : 4);
  const offsets = bodies.map((body) => {
    const offset = int32(at);
    at += body.length;
    return offset;
  });
  return Buffer.concat([head, ...keys, ...(hasOffsets ? offsets : []), ...bodies]);
}

function bodyOf({ low, isRun }: Container): Buffer {
  if (isRun) {
    const starts = low.filter((row, i) => low[i - 1] !== row - 1);
    const ends = low.filter((row, i) => low[i + 1] !== row + 1);
    return Buffer.concat([
      uint16(starts.length),
      ...starts.flatMap((start, i) => [uint16(start), uint16(ends[i]! - start)]),
    ]);
  }
  if (low.length <= 4096) return Buffer.concat(low.map(uint16));
  const bits = Buffer.alloc(8192);
  for (const row of low) bits[row >> 3]! |= 1 << (row & 7);
  return bits;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** A file of vectors, with the offset of each. */
export function vectorFile(vectors: readonly Buffer[]): {
  readonly bytes: Buffer;
  readonly offsets: readonly number[];
} {
  const parts: Buffer[] = [Buffer.from([1])];
  const offsets: number[] = [];
  let at = 1;
  for (const vector of vectors) {
    offsets.push(at);
    const [size, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeInt32BE(vector.length);
    checksum.writeUInt32BE(crc32(vector));
    parts.push(size, vector, checksum);
    at += vector.length + 8;
  }
  return { bytes: Buffer.concat(parts), offsets };
}

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** Z85 as Java writes it: zeros fill the last block. `rust`: the last block is short, and `#` is put before it for each byte it lacks. */
export function encodeZ85(bytes: Buffer, rust = false): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const block = bytes.subarray(at, at + 4);
    const lacking = 4 - block.length;
    if (rust && lacking > 0)
      return text + "#".repeat(lacking) + digits(block.readUIntBE(0, block.length), block.length + 1);
    text += digits(Buffer.concat([block, Buffer.alloc(lacking)]).readUInt32BE(), 5);
  }
  return text;
}

function digits(value: number, count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) {
    text = ALPHABET[value % 85]! + text;
    value = Math.floor(value / 85);
  }
  return text;
}
