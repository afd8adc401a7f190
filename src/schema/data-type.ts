/**
 * Delta's types, in the very form of its schema JSON (PROTOCOL.md, "Schema Serialization Format"), so that a schema is read
 * and written without translation and keeps every field's metadata.
 */
import type { JsonValue } from "../base/lossless-json.ts";

/** A primitive's name. Decimals are `decimal(p,s)`, 1 ≤ p ≤ 38, 0 ≤ s ≤ p. */
export type PrimitiveType =
  | "string"
  | "long"
  | "integer"
  | "short"
  | "byte"
  | "float"
  | "double"
  | "boolean"
  | "binary"
  | "date"
  | "timestamp"
  | "timestamp_ntz"
  /** Of any shape; only in tables of others, where it is read as JSON text. */
  | "variant"
  /** Null only, and never in files; only in tables of others. */
  | "void"
  | `decimal(${number},${number})`;

export interface StructField {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  /** Kept as it is, in order; `comment` is Spark's key for a column's comment. */
  readonly metadata: { readonly [key: string]: JsonValue };
}

export interface StructType {
  readonly type: "struct";
  readonly fields: readonly StructField[];
}

export interface ArrayType {
  readonly type: "array";
  readonly elementType: DataType;
  readonly containsNull: boolean;
}

export interface MapType {
  readonly type: "map";
  readonly keyType: DataType;
  readonly valueType: DataType;
  readonly valueContainsNull: boolean;
}

export type DataType = PrimitiveType | StructType | ArrayType | MapType;

/** Precision and scale of a decimal type; undefined for any other. */
export function decimalOf(
  type: DataType,
): { readonly precision: number; readonly scale: number } | undefined {
  if (typeof type !== "string") return undefined;
  const match = /^decimal\((\d+),\s*(-?\d+)\)$/.exec(type);
  return match ? { precision: Number(match[1]), scale: Number(match[2]) } : undefined;
}

/** A nullable field without metadata, the kind that inference makes. */
export function nullableField(name: string, type: DataType): StructField {
  return { name, type, nullable: true, metadata: {} };
}
