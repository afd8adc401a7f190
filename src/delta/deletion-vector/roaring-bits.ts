/**
 * The rows of a deletion vector as bits (PROTOCOL.md, "Deletion Vector Format"): 64-bit Roaring bitmaps in the portable form, and in the
 * older form that Spark and the Java kernel read, too. The bytes may be anybody's: each length is held against what is there.
 */
import {
  BITMAP_BYTES,
  countOfBits,
  MOST_IN_ARRAY,
  NATIVE,
  PORTABLE,
  REVERSED,
  WITH_RUNS,
  WITHOUT_RUNS,
} from "./roaring-format.ts";

/** What is wrong with a vector's bytes: a sentence's end, for people. */
export class VectorDamaged extends Error {}

export interface DeletedRows {
  /** Row r is deleted iff `bits[r >> 3] & (128 >> (r & 7))`. As long as the last deleted row needs. */
  readonly bits: Uint8Array;
  readonly count: number;
}

interface Cursor {
  readonly view: DataView;
  at: number;
}

/** One container of 65,536 rows: where it begins, its bytes as they lie there. */
interface Container {
  readonly first: number;
  readonly kind: "array" | "bitmap" | "runs";
  /** Of runs: how many of them. */
  readonly values: number;
  readonly at: number;
}

/**
 * @param data from the magic number on
 * @param rows a vector that speaks of a row beyond so many is damaged
 * @throws VectorDamaged
 */
export function deletedRows(data: Uint8Array, rows: number): DeletedRows {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const containers = containersOf({ view, at: 0 });
  const last = containers.reduce((most, container) => Math.max(most, lastRow(view, container)), -1);
  if (last >= rows) throw new VectorDamaged(`it deletes the row ${last}, and there are ${rows}`);
  const bits = new Uint8Array(Math.ceil((last + 1) / 8));
  for (const container of containers) setRows(view, container, bits);
  return { bits, count: countOfBits(bits) };
}

function containersOf(cursor: Cursor): Container[] {
  const magic = int32(cursor);
  if (magic !== PORTABLE && magic !== NATIVE)
    throw new VectorDamaged(`it begins with the number ${magic}, with which none begins`);
  const isPortable = magic === PORTABLE;
  const buckets = isPortable ? uint64(cursor) : int32(cursor);
  // Each has a header of four bytes at the least.
  if (buckets < 0 || buckets * 4 > rest(cursor))
    throw new VectorDamaged(`it says that it has ${buckets} bitmaps`);
  const containers: Container[] = [];
  let before = -1;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const key = isPortable ? uint32(cursor) : bucket;
    if (key <= before) throw new VectorDamaged("its bitmaps are not in order");
    before = key;
    // The size of a bitmap of the older form; it is found by reading it.
    if (!isPortable) skip(cursor, 4);
    addBitmap(cursor, key * 2 ** 32, containers);
  }
  return containers;
}

/** One 32-bit bitmap (RoaringFormatSpec). */
function addBitmap(cursor: Cursor, first: number, containers: Container[]): void {
  const cookie = uint32(cursor);
  const hasRuns = cookie % 65_536 === WITH_RUNS;
  if (!hasRuns && cookie !== WITHOUT_RUNS)
    throw new VectorDamaged(`one of its bitmaps begins with the number ${cookie}, with which none begins`);
  const count = hasRuns ? Math.floor(cookie / 65_536) + 1 : uint32(cursor);
  if (count > 65_536) throw new VectorDamaged(`one of its bitmaps says that it has ${count} parts`);
  const isRun = cursor.at;
  if (hasRuns) skip(cursor, Math.ceil(count / 8));
  const heads = cursor.at;
  skip(cursor, count * 4);
  // Where each container begins: they follow each other, so that it need not be believed.
  if (!hasRuns || count >= 4) skip(cursor, count * 4);
  const { view } = cursor;
  let before = -1;
  for (let i = 0; i < count; i++) {
    const key = view.getUint16(heads + i * 4, true);
    const values = view.getUint16(heads + i * 4 + 2, true) + 1;
    if (key <= before) throw new VectorDamaged("the parts of one of its bitmaps are not in order");
    before = key;
    const at = { first: first + key * 65_536, at: cursor.at };
    if (hasRuns && (view.getUint8(isRun + (i >> 3)) & (1 << (i & 7))) !== 0) {
      const runs = uint16(cursor);
      if (runs === 0) throw new VectorDamaged("a part of one of its bitmaps is empty");
      skip(cursor, runs * 4);
      containers.push({ ...at, at: at.at + 2, kind: "runs", values: runs });
    } else {
      const isArray = values <= MOST_IN_ARRAY;
      skip(cursor, isArray ? values * 2 : BITMAP_BYTES);
      containers.push({ ...at, kind: isArray ? "array" : "bitmap", values });
    }
  }
}

function lastRow(view: DataView, { first, kind, values, at }: Container): number {
  switch (kind) {
    case "array":
      return first + view.getUint16(at + (values - 1) * 2, true);
    case "runs": {
      const run = at + (values - 1) * 4;
      const last = view.getUint16(run, true) + view.getUint16(run + 2, true);
      if (last > 65_535) throw new VectorDamaged("a part of one of its bitmaps goes on beyond its end");
      return first + last;
    }
    case "bitmap":
      for (let byte = BITMAP_BYTES - 1; byte >= 0; byte--) {
        const found = view.getUint8(at + byte);
        if (found !== 0) return first + byte * 8 + (31 - Math.clz32(found));
      }
      throw new VectorDamaged("a part of one of its bitmaps is empty");
  }
}

/** `bits` reaches to the last row of the last container; what a container says beyond its own last row is refused. */
function setRows(view: DataView, { first, kind, values, at }: Container, bits: Uint8Array): void {
  let before = -1;
  const set = (row: number): void => {
    if (row <= before) throw new VectorDamaged("its rows are not in order");
    before = row;
    const place = first + row;
    bits[place >>> 3]! |= 128 >> (place & 7);
  };
  switch (kind) {
    case "array":
      for (let i = 0; i < values; i++) set(view.getUint16(at + i * 2, true));
      return;
    case "runs":
      for (let i = 0; i < values; i++) {
        const start = view.getUint16(at + i * 4, true);
        const end = start + view.getUint16(at + i * 4 + 2, true);
        for (let row = start; row <= end; row++) set(row);
      }
      return;
    case "bitmap":
      for (let byte = 0; byte < BITMAP_BYTES; byte++) {
        const found = view.getUint8(at + byte);
        // A container begins at a whole byte; the bits of a byte are the other way round.
        if (found !== 0) bits[(first >>> 3) + byte] = REVERSED[found]!;
      }
  }
}

function rest({ view, at }: Cursor): number {
  return view.byteLength - at;
}

function skip(cursor: Cursor, bytes: number): void {
  if (bytes > rest(cursor)) throw new VectorDamaged("it ends too early");
  cursor.at += bytes;
}

function uint16(cursor: Cursor): number {
  skip(cursor, 2);
  return cursor.view.getUint16(cursor.at - 2, true);
}

function uint32(cursor: Cursor): number {
  skip(cursor, 4);
  return cursor.view.getUint32(cursor.at - 4, true);
}

function int32(cursor: Cursor): number {
  skip(cursor, 4);
  return cursor.view.getInt32(cursor.at - 4, true);
}

function uint64(cursor: Cursor): number {
  skip(cursor, 8);
  return Number(cursor.view.getBigUint64(cursor.at - 8, true));
}
