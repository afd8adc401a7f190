/** Columns made of DuckDB's vectors, by type. */
import {
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBTypeId,
  type DuckDBType,
} from "@duckdb/node-api";
import type { Vector } from "@duckdb/node-bindings";
import { LandfallError } from "../../base/landfall-error.ts";
import type { Column } from "./column-batch.ts";
import { fixedBuilder, type FixedShape } from "./fixed-builder.ts";
import { listBuilder, mapBuilder, structBuilder } from "./nested-builders.ts";
import { textBuilder } from "./text-builder.ts";

export interface ColumnBuilder {
  /** Takes `count` values of a vector, from `from` on. */
  append(vector: Vector, from: number, count: number): void;
  /** Bytes taken so far, as good as. */
  bytes(): number;
  /** The column of what was taken; what comes next begins another. */
  take(): Column;
}

const FIXED: ReadonlyMap<DuckDBTypeId, FixedShape> = new Map([
  [DuckDBTypeId.BOOLEAN, { kind: "boolean", type: "boolean", array: Uint8Array }],
  [DuckDBTypeId.TINYINT, { kind: "number", type: "byte", array: Int8Array }],
  [DuckDBTypeId.SMALLINT, { kind: "number", type: "short", array: Int16Array }],
  [DuckDBTypeId.INTEGER, { kind: "number", type: "integer", array: Int32Array }],
  [DuckDBTypeId.BIGINT, { kind: "long", type: "long", array: BigInt64Array }],
  [DuckDBTypeId.FLOAT, { kind: "number", type: "float", array: Float32Array }],
  [DuckDBTypeId.DOUBLE, { kind: "number", type: "double", array: Float64Array }],
  [DuckDBTypeId.DATE, { kind: "number", type: "date", array: Int32Array }],
  [DuckDBTypeId.TIMESTAMP, { kind: "long", type: "timestamp_ntz", array: BigInt64Array }],
  [DuckDBTypeId.TIMESTAMP_TZ, { kind: "long", type: "timestamp", array: BigInt64Array }],
]);

/** @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a type that no Delta column has */
export function columnBuilder(name: string, type: DuckDBType): ColumnBuilder {
  const fixed = FIXED.get(type.typeId);
  if (fixed !== undefined) return fixedBuilder(name, fixed);
  if (type instanceof DuckDBDecimalType) return fixedBuilder(name, decimalShape(type));
  if (type.typeId === DuckDBTypeId.VARCHAR) return textBuilder(name, "string");
  if (type.typeId === DuckDBTypeId.BLOB) return textBuilder(name, "binary");
  if (type instanceof DuckDBListType) return listBuilder(name, columnBuilder("element", type.valueType));
  if (type instanceof DuckDBMapType)
    return mapBuilder(name, columnBuilder("key", type.keyType), columnBuilder("value", type.valueType));
  if (type instanceof DuckDBStructType) {
    const { entryNames, entryTypes } = type;
    return structBuilder(
      name,
      entryNames.map((field, i) => columnBuilder(field, entryTypes[i]!)),
    );
  }
  throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `The column ${name} comes as ${String(type)}, which cannot be given in column batches.`,
    hint: "Leave the column out, or cast it in a query.",
  });
}

/** DuckDB keeps up to 4 digits in 16 bits; they are given in 32. */
function decimalShape({ width, scale }: DuckDBDecimalType): FixedShape {
  const type = `decimal(${width},${scale})` as const;
  if (width <= 4) return { kind: "decimal", type, scale, bits: 32, array: Int32Array, stored: Int16Array };
  if (width <= 9) return { kind: "decimal", type, scale, bits: 32, array: Int32Array };
  if (width <= 18) return { kind: "decimal", type, scale, bits: 64, array: BigInt64Array };
  return { kind: "decimal", type, scale, bits: 128, array: BigInt64Array };
}
