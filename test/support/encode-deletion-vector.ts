/**
 * Writes deletion vectors for tests, by the words of the format (RoaringFormatSpec; PROTOCOL.md, "Deletion Vector Format"): in forms that
 * others write and Landfall does not.
 */
import { charsOf } from "../../src/delta/deletion-vector/z85.ts";

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

/** Z85 as the crate of Rust writes it: the last block is short, and `#` is put before it for each byte that it lacks. */
export function encodeShortZ85(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const block = bytes.subarray(at, at + 4);
    text += "#".repeat(4 - block.length) + charsOf(block.readUIntBE(0, block.length), block.length + 1);
  }
  return text;
}
