/**
 * Rows as columns of typed arrays: no object a value, and all of it survives structured cloning. What a value is in JavaScript is told by
 * `value-at.ts`.
 */
import type { DataType } from "../../schema/data-type.ts";

/** Some rows of a scan. */
export interface ColumnBatch {
  /** At least 1. */
  readonly rows: number;
  /** In the order that was asked for. */
  readonly columns: readonly Column[];
}

export type Column =
  | NumberColumn
  | LongColumn
  | BooleanColumn
  | DecimalColumn
  | TextColumn
  | ArrayColumn
  | MapColumn
  | StructColumn;

interface AnyColumn {
  /** Of a field the field's; of what is inside of lists `element`, of maps `key` and `value`. */
  readonly name: string;
  readonly type: DataType;
  /** Values, nulls among them. */
  readonly length: number;
  /** One bit a value, the lowest bit of a byte first: 0 is null, and whatever else stands for it then means nothing. Absent: no value is null. */
  readonly validity?: Uint8Array;
}

/** byte, short, integer, float and double in their width; a date as days since 1970-01-01. */
export interface NumberColumn extends AnyColumn {
  readonly kind: "number";
  readonly values: Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

/** long; timestamp and timestamp_ntz as microseconds since 1970-01-01T00:00:00, of the former in UTC. */
export interface LongColumn extends AnyColumn {
  readonly kind: "long";
  readonly values: BigInt64Array;
}

/** One byte a value, 0 or 1. */
export interface BooleanColumn extends AnyColumn {
  readonly kind: "boolean";
  readonly values: Uint8Array;
}

/**
 * A decimal's digits as one whole number, `scale` of them behind the point: up to 9 digits in 32 bits, up to 18 in 64; with more in two
 * elements a value, the lower 64 bits before the higher.
 */
export interface DecimalColumn extends AnyColumn {
  readonly kind: "decimal";
  readonly scale: number;
  /** Bits of a value. */
  readonly bits: 32 | 64 | 128;
  readonly values: Int32Array | BigInt64Array;
}

/** Value i is `bytes` from `offsets[i]` up to `offsets[i + 1]`; of a string in UTF-8. */
export interface TextColumn extends AnyColumn {
  readonly kind: "string" | "binary";
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** Value i is the elements from `offsets[i]` up to `offsets[i + 1]`. */
export interface ArrayColumn extends AnyColumn {
  readonly kind: "array";
  readonly offsets: Int32Array;
  readonly elements: Column;
}

/** Value i is the entries from `offsets[i]` up to `offsets[i + 1]`. */
export interface MapColumn extends AnyColumn {
  readonly kind: "map";
  readonly offsets: Int32Array;
  readonly keys: Column;
  readonly values: Column;
}

/** Value i is value i of each field. */
export interface StructColumn extends AnyColumn {
  readonly kind: "struct";
  readonly fields: readonly Column[];
}
