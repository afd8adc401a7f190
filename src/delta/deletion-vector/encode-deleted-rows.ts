/**
 * The bytes of a deletion vector (PROTOCOL.md, "Deletion Vector Format"): a 64-bit Roaring bitmap in the portable form, each container of
 * the kind that takes the least room (RoaringFormatSpec). What follows the header of twelve bytes is what CRoaring and Spark write, byte by byte.
 */
import {
  BITMAP_BYTES,
  MOST_IN_ARRAY,
  PORTABLE,
  REVERSED,
  WITH_RUNS,
  WITHOUT_RUNS,
} from "./roaring-format.ts";

/** From so many containers on, one with runs tells where each begins. */
const OFFSETS_FROM = 4;

export interface EncodedVector {
  readonly data: Buffer;
  /** Rows that it deletes. */
  readonly cardinality: number;
}

interface Container {
  readonly key: number;
  readonly cardinality: number;
  readonly isRun: boolean;
  readonly body: Buffer;
}

/** @param bits row r is deleted iff `bits[r >> 3] & (128 >> (r & 7))` */
export function encodeDeletedRows(bits: Uint8Array): EncodedVector {
  const containers: Container[] = [];
  const room = new Uint16Array(8 * BITMAP_BYTES);
  for (let key = 0; key * BITMAP_BYTES < bits.length; key++) {
    const own = bits.subarray(key * BITMAP_BYTES, (key + 1) * BITMAP_BYTES);
    const container = containerOf(key, { bits: own, room });
    if (container !== undefined) containers.push(container);
  }
  const cardinality = containers.reduce((sum, container) => sum + container.cardinality, 0);
  // Of 2^32 rows each, by the high half of the row's number: a file has fewer.
  const buckets = containers.length === 0 ? 0 : 1;
  const head = Buffer.alloc(buckets === 0 ? 12 : 16);
  head.writeInt32LE(PORTABLE, 0);
  head.writeInt32LE(buckets, 4);
  return { data: buckets === 0 ? head : Buffer.concat([head, ...bitmapOf(containers)]), cardinality };
}

function bitmapOf(containers: readonly Container[]): Buffer[] {
  const count = containers.length;
  const hasRuns = containers.some(({ isRun }) => isRun);
  const flags = hasRuns ? Math.ceil(count / 8) : 0;
  const hasOffsets = !hasRuns || count >= OFFSETS_FROM;
  const head = Buffer.alloc((hasRuns ? 4 : 8) + flags + count * (hasOffsets ? 8 : 4));
  let at = 4;
  if (hasRuns) {
    head.writeUInt16LE(WITH_RUNS, 0);
    head.writeUInt16LE(count - 1, 2);
    for (const [i, { isRun }] of containers.entries()) if (isRun) head[at + (i >> 3)]! |= 1 << (i & 7);
    at += flags;
  } else {
    head.writeUInt32LE(WITHOUT_RUNS, 0);
    at = head.writeUInt32LE(count, at);
  }
  for (const { key, cardinality } of containers) {
    at = head.writeUInt16LE(key, at);
    at = head.writeUInt16LE(cardinality - 1, at);
  }
  let begin = head.length;
  for (const { body } of containers) {
    if (hasOffsets) at = head.writeUInt32LE(begin, at);
    begin += body.length;
  }
  return [head, ...containers.map(({ body }) => body)];
}

/** @param of `room`: for the rows of a container */
function containerOf(
  key: number,
  { bits, room }: { readonly bits: Uint8Array; readonly room: Uint16Array },
): Container | undefined {
  const rows = rowsOf(bits, room);
  if (rows.length === 0) return undefined;
  const cardinality = rows.length;
  let runs = 1;
  for (let i = 1; i < cardinality; i++) if (rows[i] !== rows[i - 1]! + 1) runs++;
  const isRun = 2 + 4 * runs < Math.min(2 * cardinality, BITMAP_BYTES);
  const body = isRun
    ? runBody(rows, runs)
    : cardinality <= MOST_IN_ARRAY
      ? arrayBody(rows)
      : bitmapBody(bits);
  return { key, cardinality, isRun, body };
}

/** The rows that are set, ascending. */
function rowsOf(bits: Uint8Array, room: Uint16Array): Uint16Array {
  let count = 0;
  for (let at = 0; at < bits.length; at++) {
    // From the highest bit on, which is the first row of a byte.
    for (let left = bits[at]!; left !== 0;) {
      const bit = Math.clz32(left) - 24;
      room[count++] = at * 8 + bit;
      left &= ~(128 >> bit);
    }
  }
  return room.subarray(0, count);
}

function arrayBody(rows: Uint16Array): Buffer {
  const body = Buffer.alloc(rows.length * 2);
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let i = 0; i < rows.length; i++) view.setUint16(i * 2, rows[i]!, true);
  return body;
}

/** Each run as its first row and how many follow it. */
function runBody(rows: Uint16Array, runs: number): Buffer {
  const body = Buffer.alloc(2 + runs * 4);
  let at = body.writeUInt16LE(runs, 0);
  let first = rows[0]!;
  for (const [i, row] of rows.entries()) {
    if (rows[i + 1] === row + 1) continue;
    at = body.writeUInt16LE(first, at);
    at = body.writeUInt16LE(row - first, at);
    first = rows[i + 1]!;
  }
  return body;
}

/** The lowest bit of a byte is its first row there. */
function bitmapBody(bits: Uint8Array): Buffer {
  const body = Buffer.alloc(BITMAP_BYTES);
  for (const [i, byte] of bits.entries()) body[i] = REVERSED[byte]!;
  return body;
}
