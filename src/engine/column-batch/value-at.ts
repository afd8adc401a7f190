/** The values of a column in JavaScript. */
import type { Column, DecimalColumn } from "./column-batch.ts";

/**
 * A value as JavaScript has it: null; number (byte, short, integer, float, double, and a date's days since 1970-01-01); bigint (long, and
 * the microseconds of timestamps since 1970-01-01T00:00:00); boolean; string; a decimal as text with all digits of its scale; Uint8Array
 * (a view, not a copy); an array; a Map; an object of a struct's fields, without a prototype.
 */
export type ColumnValue =
  | null
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | readonly ColumnValue[]
  | ReadonlyMap<ColumnValue, ColumnValue>
  | { readonly [field: string]: ColumnValue };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Value `i` of a column. @throws RangeError where it has no such value */
export function valueAt(column: Column, i: number): ColumnValue {
  if (!Number.isInteger(i) || i < 0 || i >= column.length)
    throw new RangeError(
      `The column ${column.name} has ${column.length} values, and none with the index ${i}.`,
    );
  if (isNullAt(column, i)) return null;
  switch (column.kind) {
    case "number":
    case "long":
      return column.values[i]!;
    case "boolean":
      return column.values[i] === 1;
    case "decimal":
      return decimalText(unscaled(column, i), column.scale);
    case "string":
      return decoder.decode(bytesAt(column, i));
    case "binary":
      return bytesAt(column, i);
    case "array":
      return valuesBetween(column.elements, column.offsets, i);
    case "map": {
      const values = valuesBetween(column.values, column.offsets, i);
      return new Map(valuesBetween(column.keys, column.offsets, i).map((key, at) => [key, values[at]!]));
    }
    case "struct": {
      // A field may be called `__proto__`.
      const fields = Object.create(null) as Record<string, ColumnValue>;
      for (const field of column.fields) fields[field.name] = valueAt(field, i);
      return fields;
    }
    default:
      return column satisfies never;
  }
}

/** All values of a column, as `valueAt` gives them. */
export function valuesOf(column: Column): ColumnValue[] {
  return Array.from({ length: column.length }, (_, i) => valueAt(column, i));
}

/** True where value `i` is null. */
export function isNullAt({ validity }: Column, i: number): boolean {
  return validity !== undefined && (validity[i >> 3]! & (1 << (i & 7))) === 0;
}

function bytesAt(
  column: { readonly offsets: Int32Array; readonly bytes: Uint8Array },
  i: number,
): Uint8Array {
  return column.bytes.subarray(column.offsets[i], column.offsets[i + 1]);
}

function valuesBetween(column: Column, offsets: Int32Array, i: number): ColumnValue[] {
  const from = offsets[i]!;
  return Array.from({ length: offsets[i + 1]! - from }, (_, at) => valueAt(column, from + at));
}

function unscaled({ bits, values }: DecimalColumn, i: number): bigint {
  if (bits < 128) return BigInt(values[i]!);
  const words = values as BigInt64Array;
  return (words[2 * i + 1]! << 64n) | BigInt.asUintN(64, words[2 * i]!);
}

function decimalText(value: bigint, scale: number): string {
  if (scale === 0) return value.toString();
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${value < 0n ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}
