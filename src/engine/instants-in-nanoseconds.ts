/**
 * Parquet's instants in nanoseconds (TIMESTAMP(NANOS, isAdjustedToUTC = true)), which DuckDB cuts to microseconds without a word while
 * it reads those without a zone whole. So such a file is copied with the zone taken from its footer: one bit a column, in place, in
 * Thrift's compact protocol (thrift-compact-protocol.md; parquet.thrift, TimestampType).
 */
import { constants } from "node:fs";
import { chmod, copyFile, open } from "node:fs/promises";

/** Ids of the fields on the way: FileMetaData.schema, SchemaElement.logicalType, LogicalType.TIMESTAMP, and the two below it. */
const SCHEMA = 2;
const LOGICAL_TYPE = 10;
const TIMESTAMP = 8;
const IS_ADJUSTED_TO_UTC = 1;
const UNIT = 2;
const NANOS = 3;

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const LAST_VARINT = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;

/** Deeper than the format has anything. */
const MAX_NESTING = 32;
const TAIL_BYTES = 8;

/** A footer that is not what the format says. */
export class FooterFaultError extends Error {}

/**
 * Copies a Parquet file to `to` so that its instants in nanoseconds read as times without a zone, of the same count.
 *
 * @returns how many columns were changed
 * @throws FooterFaultError for a footer that cannot be followed, and what the file system says
 */
export async function copyWithoutZones(options: {
  readonly from: string | Buffer;
  readonly to: string;
}): Promise<number> {
  await copyFile(options.from, options.to, constants.COPYFILE_FICLONE);
  await chmod(options.to, 0o600);
  const file = await open(options.to, "r+");
  try {
    const { size } = await file.stat();
    const tail = await readAt(Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES));
    const length = tail.length === TAIL_BYTES ? tail.readUInt32LE(0) : Infinity;
    if (length + TAIL_BYTES > size) throw new FooterFaultError("the footer is longer than the file");
    const start = size - TAIL_BYTES - length;
    const footer = await readAt(start, length);
    const flags = instantFlags(footer);
    for (const at of flags) await file.write(Buffer.of((footer[at]! & 0xf0) | FALSE), 0, 1, start + at);
    return flags.length;
  } finally {
    await file.close();
  }

  async function readAt(position: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await file.read(buffer, 0, bytes, position);
    return buffer.subarray(0, bytesRead);
  }
}

/** Where a footer says of a column in nanoseconds that it holds instants: the places of those bytes. @throws FooterFaultError */
export function instantFlags(footer: Buffer): number[] {
  const found: number[] = [];
  const cursor = new CompactCursor(footer);
  cursor.eachField((id, type) => {
    if (id !== SCHEMA || type !== LIST) return false;
    cursor.eachElement(() => {
      cursor.eachField((field, fieldType) => {
        if (field !== LOGICAL_TYPE || fieldType !== STRUCT) return false;
        found.push(...flagsOfLogicalType(cursor));
        return true;
      });
    });
    return true;
  });
  return found;
}

function flagsOfLogicalType(cursor: CompactCursor): number[] {
  const found: number[] = [];
  cursor.eachField((kind, type) => {
    if (kind !== TIMESTAMP || type !== STRUCT) return false;
    let flag: number | undefined;
    let isNanos = false;
    cursor.eachField((id, fieldType, at) => {
      if (id === IS_ADJUSTED_TO_UTC && fieldType === TRUE) flag = at;
      if (id !== UNIT || fieldType !== STRUCT) return false;
      cursor.eachField((unit) => {
        isNanos ||= unit === NANOS;
        return false;
      });
      return true;
    });
    if (isNanos && flag !== undefined) found.push(flag);
    return true;
  });
  return found;
}

/** Walks values of the compact protocol; what nobody asks for is skipped. */
class CompactCursor {
  readonly #bytes: Buffer;
  #at = 0;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The fields of a struct; `take` returns whether it has read the value. `at` is the place of the byte with the field's type. */
  eachField(take: (id: number, type: number, at: number) => boolean): void {
    if (++this.#depth > MAX_NESTING) throw new FooterFaultError("the footer is nested too deep");
    for (let id = 0; ;) {
      const at = this.#at;
      const head = this.#byte();
      if (head === 0) break;
      const type = head & 0x0f;
      id = head >>> 4 === 0 ? zigzag(this.#varint()) : id + (head >>> 4);
      if (!take(id, type, at)) this.#skip(type, "field");
    }
    this.#depth -= 1;
  }

  /** The elements of a list of structs. */
  eachElement(take: () => void): void {
    const { size, type } = this.#listHead();
    if (type !== STRUCT) throw new FooterFaultError("the footer's schema is no list of columns");
    for (let i = 0; i < size; i++) take();
  }

  #listHead(): { readonly size: number; readonly type: number } {
    const head = this.#byte();
    return { size: head >>> 4 === 15 ? this.#varint() : head >>> 4, type: head & 0x0f };
  }

  #skip(type: number, place: "field" | "element"): void {
    if (type === TRUE || type === FALSE) {
      // The type of a field is its value; an element is a byte.
      if (place === "element") this.#advance(1);
    } else if (type === BYTE) this.#advance(1);
    else if (type > BYTE && type <= LAST_VARINT) this.#skipVarint();
    else if (type === DOUBLE) this.#advance(8);
    else if (type === BINARY) this.#advance(this.#varint());
    else if (type === LIST || type === SET) {
      const { size, type: inner } = this.#listHead();
      for (let i = 0; i < size; i++) this.#skip(inner, "element");
    } else if (type === MAP) this.#skipMap();
    else if (type === STRUCT) this.eachField(() => false);
    else throw new FooterFaultError(`the footer has a value of the unknown type ${type}`);
  }

  #skipMap(): void {
    const size = this.#varint();
    if (size === 0) return;
    const types = this.#byte();
    for (let i = 0; i < size; i++) {
      this.#skip(types >>> 4, "element");
      this.#skip(types & 0x0f, "element");
    }
  }

  #byte(): number {
    this.#advance(1);
    return this.#bytes[this.#at - 1]!;
  }

  #advance(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw new FooterFaultError("the footer ends inside a value");
  }

  #skipVarint(): void {
    while ((this.#byte() & 0x80) !== 0);
  }

  /** Lengths and ids: 32 bits. */
  #varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if ((byte & 0x80) === 0) return value;
    }
    throw new FooterFaultError("the footer has a number of more than 32 bits for a length");
  }
}

function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
