/**
 * Fits the values of a Parquet file into columns, in SQL: for each value the part that stays and the part that is rescued, as
 * JSON text. No digit is lost: what an exact round trip does not prove to fit is rescued.
 *
 * | file \ column | integers | FLOAT, DOUBLE | DECIMAL | the same kind | another kind |
 * | ------------- | --- | --- | --- | --- | --- |
 * | integers      | by value | by value | by value | | rescued |
 * | FLOAT, DOUBLE | rescued | by value | rescued | | rescued |
 * | DECIMAL       | by value | by value | by value | | rescued |
 * | time without a zone | | | | TIMESTAMP in the pipeline's zone, TIMESTAMP_NTZ as it is; of nanoseconds whole microseconds | rescued |
 * | instant in nanoseconds | | | | TIMESTAMP where it is whole microseconds | rescued |
 * | time of day, UUID | | | | STRING of its text | rescued |
 * | string, binary, boolean, date, timestamp | | | | as it is, dates and times within years 1 to 9999 | rescued |
 *
 * A column of which its file says that all is null brings nulls, whatever the column.
 *
 * Structs are fitted field by field, arrays element by element (an element that is rescued leaves null in its place), a map as
 * a whole. Rescued numbers are JSON numbers, bytes are base64, a map is an object, all other values are text.
 */
import { decimalOf, type DataType, type PrimitiveType, type StructType } from "../schema/data-type.ts";
import { ELEMENT, type KeyPath } from "../schema/key-path.ts";
import { sourceNameOf } from "../schema/source-name.ts";
import { arrayOf, jsonText, memberOf, objectOf, readLeaf, type Leaf } from "./parquet-json.ts";
import type { ParquetType } from "./parquet-type.ts";
import { duckdbType, quoteName, quoteText } from "./sql.ts";

/** SQL expressions over one row. */
export interface Fitted {
  readonly kept: string;
  /** JSON text of what did not fit, null if all did. Undefined: every value fits. */
  readonly rescued: string | undefined;
  /** The places, below the value, of what may not fit; none where every value fits. */
  readonly misfits: readonly Misfit[];
}

/** A place with a value that its column does not take; a map does not fit as a whole. */
export interface Misfit {
  readonly path: KeyPath;
  /** Whether there is such a value in a row: true, or else false or null. */
  readonly isFound: string;
}

export interface FitOptions {
  readonly source: ParquetType;
  /** Undefined for a value that has no column. */
  readonly target: DataType | undefined;
  /** SQL of the value. */
  readonly value: string;
  /** IANA zone of times without one. */
  readonly timeZone: string;
  /** Names that differ from a field's by case only go into it, unless there is one spelt like it. Default false. */
  readonly ignoresCase?: boolean;
  /** How many lambdas enclose the value. Default 0. */
  readonly depth?: number;
}

/** Fits one value. `kept` is of the target's type. */
export function fitValue(options: FitOptions): Fitted {
  const { source, target, value } = options;
  if (source.kind === "null") return fits(target === undefined ? "NULL" : nullOf(target));
  if (target === undefined) return nothingKept(options, "NULL");
  if (source.kind === "leaf") return fitLeaf(options, source);
  if (typeof target === "object") {
    if (source.kind === "struct" && target.type === "struct")
      return fitStruct({ ...options, source }, target);
    if (source.kind === "array" && target.type === "array")
      return fitArray({ ...options, source }, target.elementType);
    if (source.kind === "map" && target.type === "map")
      return fitMap({ ...options, source }, target.keyType, target.valueType);
  }
  return nothingKept(options, nullOf(target), value);
}

type Of<Kind extends ParquetType["kind"]> = Omit<FitOptions, "source"> & {
  readonly source: Extract<ParquetType, { kind: Kind }>;
};

function nullOf(type: DataType): string {
  return `CAST(NULL AS ${duckdbType(type)})`;
}

function nothingKept(options: FitOptions, kept: string, value = options.value): Fitted {
  return {
    kept,
    rescued: jsonText(options.source, value, options.depth ?? 0),
    misfits: [{ path: [], isFound: `${value} IS NOT NULL` }],
  };
}

function fits(kept: string): Fitted {
  return { kept, rescued: undefined, misfits: [] };
}

function fitLeaf(options: FitOptions, source: Leaf): Fitted {
  const target = options.target!;
  const value = readLeaf(source, options.value);
  if (typeof target !== "string") return nothingKept(options, nullOf(target));
  if (source.reading === "nanos" || source.reading === "utcNanos")
    return fitNanos(options, source.reading, target, value);
  if (source.type === "timestamp_ntz" && target === "timestamp")
    return within(options, "timestamp", `timezone(${quoteText(options.timeZone)}, ${value})`);
  if (source.type === target) return target in YEARS ? within(options, target, value) : fits(value);
  const cast = `CAST(${value} AS ${duckdbType(target)})`;
  const rule = numberRule(source.type, target, value);
  if (rule === "exact") return fits(cast);
  if (rule === "never") return nothingKept(options, nullOf(target));
  return byValue(options, rule, cast);
}

/** Whole microseconds fit, a value with more digits is rescued whole. The type's years, 1677 to 2262, are all Delta's. */
function fitNanos(
  options: FitOptions,
  reading: "nanos" | "utcNanos",
  target: PrimitiveType,
  value: string,
): Fitted {
  const time = `CAST(${value} AS TIMESTAMP)`;
  const isWhole = `epoch_ns(${value}) % 1000 = 0`;
  if (reading === "nanos" && target === "timestamp_ntz") return byValue(options, isWhole, time);
  if (target !== "timestamp") return nothingKept(options, nullOf(target));
  const zone = reading === "nanos" ? options.timeZone : "UTC";
  return byValue(options, isWhole, `timezone(${quoteText(zone)}, ${time})`);
}

function byValue(options: FitOptions, condition: string, kept: string): Fitted {
  const { source, value, depth = 0 } = options;
  // A comparison with null is neither true nor false: null is kept, as null.
  const isFound = `NOT coalesce(${condition}, ${value} IS NULL)`;
  return {
    kept: `CASE WHEN ${condition} THEN ${kept} END`,
    rescued: `CASE WHEN ${isFound} THEN ${jsonText(source, value, depth)} END`,
    misfits: [{ path: [], isFound }],
  };
}

/** The years that Delta and Spark hold; Parquet holds more, and infinity. */
const YEARS: Readonly<Record<string, readonly [string, string]>> = {
  date: ["DATE '0001-01-01'", "DATE '9999-12-31'"],
  timestamp: ["TIMESTAMPTZ '0001-01-01 00:00:00+00'", "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'"],
  timestamp_ntz: ["TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"],
};

function within(options: FitOptions, type: string, value: string): Fitted {
  const [first, last] = YEARS[type]!;
  return byValue(options, `${value} BETWEEN ${first} AND ${last}`, value);
}

/** Bits of the signed integers. */
const INTEGER_BITS: Readonly<Record<string, number>> = { byte: 8, short: 16, integer: 32, long: 64 };
/** Bits of the integers that a floating type holds, each of them exactly. */
const EXACT_BITS: Readonly<Record<string, number>> = { float: 16, double: 32 };

/** `exact`: always fits; `never`; or the condition under which it does. */
function numberRule(source: PrimitiveType, target: PrimitiveType, value: string): string {
  const bits = INTEGER_BITS[source];
  const intoBits = INTEGER_BITS[target];
  const isFloating = target === "float" || target === "double";
  if (bits !== undefined) {
    if (intoBits !== undefined) return bits <= intoBits ? "exact" : sameAfter(value, target, source);
    if (isFloating) return bits <= EXACT_BITS[target]! ? "exact" : sameAfter(value, target, "hugeint");
    return decimalOf(target) === undefined ? "never" : sameAfter(value, target, source);
  }
  if (source === "float" && target === "double") return "exact";
  // NaN and infinity are the same in both, and equal to themselves in DuckDB.
  if (source === "double" && target === "float") return sameAfter(value, target, source);
  const isNumber = isFloating || intoBits !== undefined || decimalOf(target) !== undefined;
  return decimalOf(source) !== undefined && isNumber ? sameAfter(value, target, source) : "never";
}

/** There and back: a cast that rounds or overflows does not come back the same. */
function sameAfter(value: string, target: PrimitiveType, source: PrimitiveType | "hugeint"): string {
  const back = source === "hugeint" ? "HUGEINT" : duckdbType(source);
  return `TRY_CAST(TRY_CAST(${value} AS ${duckdbType(target)}) AS ${back}) = ${value}`;
}

function fitStruct(options: Of<"struct">, target: StructType): Fitted {
  const { source, value } = options;
  const names = source.fields.map((field) => field.name);
  const columns = new Map(
    target.fields.map((field) => [placeOf(names, sourceNameOf(field), options.ignoresCase ?? false), field]),
  );
  const kept = new Map<string, string>();
  const rescued: string[] = [];
  const misfits: Misfit[] = [];
  let isSame = source.fields.length === target.fields.length;
  for (const [i, { name, readAs, type }] of source.fields.entries()) {
    const column = columns.get(i);
    const member = `struct_extract(${value}, ${quoteText(readAs)})`;
    const fitted = fitValue({ ...options, source: type, target: column?.type, value: member });
    if (column !== undefined) kept.set(column.name, fitted.kept);
    if (fitted.rescued !== undefined) rescued.push(memberOf(name, fitted.rescued));
    for (const { path, isFound } of fitted.misfits) misfits.push({ path: [name, ...path], isFound });
    isSame &&= fitted.kept === member && target.fields[i]!.name === readAs;
  }
  const members = target.fields.map(
    (field) => `${quoteName(field.name)} := ${kept.get(field.name) ?? nullOf(field.type)}`,
  );
  return {
    kept: isSame
      ? value
      : `CASE WHEN ${value} IS NULL THEN ${nullOf(target)} ELSE struct_pack(${members.join(", ")}) END`,
    rescued: rescued.length === 0 ? undefined : objectOf(rescued),
    misfits,
  };
}

/** The last place of a name, or else, where case is ignored, of the last that differs by case only; -1 for none. */
export function placeOf(names: readonly string[], name: string, ignoresCase: boolean): number {
  const exact = names.lastIndexOf(name);
  if (exact !== -1 || !ignoresCase) return exact;
  return names.findLastIndex((other) => other.toLowerCase() === name.toLowerCase());
}

function fitArray(options: Of<"array">, elementType: DataType): Fitted {
  const { source, value, depth = 0 } = options;
  const element = `e${depth}`;
  const inner = fitValue({
    ...options,
    source: source.element,
    target: elementType,
    value: element,
    depth: depth + 1,
  });
  const kept = inner.kept === element ? value : `list_transform(${value}, lambda ${element}: ${inner.kept})`;
  if (inner.rescued === undefined) return fits(kept);
  const texts = `list_transform(${value}, lambda ${element}: ${inner.rescued})`;
  return {
    kept,
    rescued: `CASE WHEN list_count(${texts}) > 0 THEN ${arrayOf(texts, element)} END`,
    misfits: inner.misfits.map(({ path, isFound }) => ({
      path: [ELEMENT, ...path],
      isFound: `len(list_filter(${value}, lambda ${element}: ${isFound})) > 0`,
    })),
  };
}

/** A map without one of its entries would be another map: it is kept or rescued as a whole. */
function fitMap(options: Of<"map">, keyType: DataType, valueType: DataType): Fitted {
  const { source, value, depth = 0 } = options;
  const entry = `e${depth}`;
  const member = (name: "key" | "value", type: DataType): Fitted =>
    fitValue({
      ...options,
      source: source[name],
      target: type,
      value: `struct_extract(${entry}, '${name}')`,
      depth: depth + 1,
    });
  const key = member("key", keyType);
  const held = member("value", valueType);
  const isSame =
    key.kept === `struct_extract(${entry}, 'key')` && held.kept === `struct_extract(${entry}, 'value')`;
  const entries = `map_entries(${value})`;
  const kept = isSame
    ? value
    : `CASE WHEN ${value} IS NOT NULL THEN map_from_entries(list_transform(${entries}, lambda ${entry}: struct_pack(k := ${key.kept}, v := ${held.kept}))) END`;
  const texts = [key.rescued, held.rescued].filter((text) => text !== undefined);
  if (texts.length === 0) return fits(kept);
  const count = `list_count(list_transform(${entries}, lambda ${entry}: coalesce(${texts.join(", ")})))`;
  return {
    kept: `CASE WHEN ${count} = 0 THEN ${kept} END`,
    rescued: `CASE WHEN ${count} > 0 THEN ${jsonText(source, value, depth)} END`,
    misfits: [{ path: [], isFound: `${count} > 0` }],
  };
}
