/**
 * What an add tells of a column's values: bounds that hold for every value, and where nulls are (PROTOCOL.md, "Per-file Statistics").
 * Statistics are hints: what is absent, garbage or of another type says nothing.
 */
import { isJsonObject, parseJson, type JsonValue } from "../../base/lossless-json.ts";
import { decimalOf } from "../../schema/data-type.ts";
import type { AddFile } from "../actions.ts";
import { compareKnown, knownValue, type ExactValue, type KnownValue } from "./known-value.ts";
import type { TableColumn } from "../../schema/find-table-column.ts";

export interface ColumnFacts {
  /** No value is below it. */
  readonly min?: KnownValue | undefined;
  /** No value is above it, but for NaN where that may be. */
  readonly max?: KnownValue | undefined;
  readonly nulls: "none" | "some" | "all";
  /** NaN may be among the values whatever the maximum: it stands in no Parquet bound, and some writers copy those. */
  readonly mayHoldNan: boolean;
}

type Stats = Readonly<Record<string, JsonValue>>;

const NOTHING: ColumnFacts = { nulls: "some", mayHoldNan: true };

/** The facts of one add, whose statistics are parsed once and only when a column of the files asks for them. */
export function factsOfAdd(
  add: Pick<AddFile, "partitionValues" | "stats">,
  /** True keeps every digit of decimals, which takes longer. */
  needsDecimals: boolean,
): (column: TableColumn) => ColumnFacts {
  let parsed: Stats | null | undefined;
  return (column) => {
    if (column.isPartition) return partitionFacts(add, column);
    parsed ??= add.stats === undefined ? null : parseStats(add.stats, needsDecimals);
    return parsed === null ? NOTHING : statsFacts(parsed, column);
  };
}

export function isDecimal(column: TableColumn): boolean {
  return decimalOf(column.type) !== undefined;
}

function partitionFacts(add: Pick<AddFile, "partitionValues">, column: TableColumn): ColumnFacts {
  const text = add.partitionValues[column.physicalPath[0]!] ?? "";
  // The protocol has no empty string: null is what it means.
  if (text === "") return { nulls: "all", mayHoldNan: false };
  const value = knownValue(column.type, text);
  return value === undefined ? NOTHING : { min: value, max: value, nulls: "none", mayHoldNan: false };
}

function statsFacts(stats: Stats, column: TableColumn): ColumnFacts {
  const records = countOf(stats["numRecords"]);
  const nullCount = countOf(valueAt(stats["nullCount"], column));
  // With `tightBounds: false` a count in between means nothing; it is not looked at in either case.
  const nulls = nullCount === 0 ? "none" : nullCount !== undefined && nullCount === records ? "all" : "some";
  const mayHoldNan = column.type === "float" || column.type === "double";
  const min = lowerBound(column, textOf(valueAt(stats["minValues"], column)));
  const max = upperBound(column, textOf(valueAt(stats["maxValues"], column)));
  const order = min === undefined || max === undefined ? -1 : compareKnown(min, max);
  return order === undefined || order > 0 ? { nulls, mayHoldNan } : { min, max, nulls, mayHoldNan };
}

function lowerBound(column: TableColumn, text: string | undefined): KnownValue | undefined {
  const value = text === undefined ? undefined : boundOf(column, text);
  if (value?.kind === "instant") return { ...value, text: `${value.text.slice(0, MILLISECONDS)}000` };
  if (value?.kind === "exact") return exactBound(value, column, -1n);
  return value?.kind === "floating" && column.wasFloat
    ? { ...value, value: Math.min(value.value, Math.fround(value.value)) }
    : value;
}

function upperBound(column: TableColumn, text: string | undefined): KnownValue | undefined {
  const value = text === undefined ? undefined : boundOf(column, text);
  if (value?.kind === "instant") {
    // Cut down to milliseconds by whoever wrote it: the last microsecond that begins so.
    return { ...value, text: `${value.text.slice(0, MILLISECONDS)}999` };
  }
  if (value?.kind === "exact") return exactBound(value, column, 1n);
  if (value?.kind === "text" && value.text.endsWith("\ufffd")) {
    // Delta of old ended a shortened maximum with U+FFFD, which is below the characters beyond U+FFFF.
    return { ...value, text: `${value.text.slice(0, -1)}\u{10ffff}` };
  }
  return value?.kind === "floating" && column.wasFloat
    ? { ...value, value: Math.max(value.value, Math.fround(value.value)) }
    : value;
}

/** Every decimal of so many digits comes back from a double, and no double prints more than these. */
const [EXACT_DIGITS, DOUBLE_DIGITS] = [15, 17];
/** Of the 53 that a double has: some are left for what was computed on the way. */
const SURE_BITS = 50n;

/** A decimal's bound, moved by what it may have lost: delta-rs writes bounds as doubles. @param way -1n for a minimum, 1n for a maximum */
function exactBound(value: ExactValue, { type }: TableColumn, way: 1n | -1n): ExactValue {
  const size = decimalOf(type);
  if (size === undefined || size.precision <= EXACT_DIGITS) return value;
  const absolute = value.units < 0n ? -value.units : value.units;
  // A double prints zeros for the digits that it no longer has.
  if (String(absolute).replace(/0+$/, "").length > DOUBLE_DIGITS) return value;
  const scale = Math.max(value.scale, size.scale);
  const finer = 10n ** BigInt(scale - value.scale);
  return { ...value, units: value.units * finer + way * ((absolute * finer) >> SURE_BITS), scale };
}

/** Characters of an instant's text up to its milliseconds. */
const MILLISECONDS = "yyyy-MM-dd HH:mm:ss.SSS".length;

function boundOf(column: TableColumn, text: string): KnownValue | undefined {
  const value = knownValue(column.type, text);
  return value?.kind === "floating" && Number.isNaN(value.value) ? undefined : value;
}

function parseStats(text: string, needsDecimals: boolean): Stats | null {
  try {
    const stats = needsDecimals ? withNumbersAsTexts(text) : parseJson(text);
    return isJsonObject(stats) ? stats : null;
  } catch {
    return null;
  }
}

function withNumbersAsTexts(text: string): JsonValue {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? (context?.source ?? null) : value,
  ) as JsonValue;
}

function valueAt(root: JsonValue | undefined, column: TableColumn): JsonValue | undefined {
  let value = root;
  for (const name of column.physicalPath) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : undefined;
}

function countOf(value: JsonValue | undefined): number | undefined {
  const count = typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
