/**
 * The types of a Parquet file as Landfall takes them, from what its footer says and how DuckDB reads it. What has no answer yet
 * is named, so that its file can be quarantined with a reason; DuckDB would bend some of it in silence (nanoseconds, unsigned
 * integers beyond 63 bits, decimals beyond 38 digits).
 */
import {
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBTypeId,
  type DuckDBType,
} from "@duckdb/node-api";
import { nullableField, type DataType, type PrimitiveType, type StructField } from "../schema/data-type.ts";

/**
 * How a leaf's value becomes one of its type: as it is; unsigned, cast to the next signed type, which holds every value; a time that
 * is an instant in UTC although DuckDB reads it without a zone; in nanoseconds, of which only whole microseconds have a type in Delta,
 * without a zone or as an instant in UTC (which DuckDB reads from a copy: instants-in-nanoseconds.ts); or as its text, for what Delta has
 * no type for.
 */
export type LeafReading = "asIs" | "unsigned" | "utc" | "nanos" | "utcNanos" | "text";

export type ParquetType =
  | { readonly kind: "leaf"; readonly type: PrimitiveType; readonly reading: LeafReading }
  /** All null, as writers that infer types mark a column of which they have seen no value. */
  | { readonly kind: "null" }
  | { readonly kind: "struct"; readonly fields: readonly ParquetField[] }
  | { readonly kind: "array"; readonly element: ParquetType }
  | { readonly kind: "map"; readonly key: ParquetType; readonly value: ParquetType };

/** A column, or a struct's field; `readAs` is its name in DuckDB, which numbers names that are equal or differ by case only. */
export interface ParquetField {
  readonly name: string;
  readonly readAs: string;
  readonly type: ParquetType;
}

/** One row of `parquet_schema`. */
export interface SchemaElement {
  readonly name: string;
  readonly type: string | null;
  readonly num_children: string | null;
  readonly converted_type: string | null;
  readonly logical_type: string | null;
  readonly duckdb_type: string | null;
}

/** A type that Landfall does not take: a sentence for people. */
export interface Untaken {
  readonly untaken: string;
}

/**
 * The columns of a file: `elements` as the footer lists them, depth first, the root first; `read` as DuckDB reads them, in the
 * same order. Leaves come in the same order in both.
 */
export function parquetColumns(
  elements: readonly SchemaElement[],
  read: readonly { readonly name: string; readonly type: DuckDBType }[],
): readonly ParquetField[] | Untaken {
  const walked = walkElements(elements);
  const { names, leaves, untaken } = walked;
  if (untaken !== undefined) return { untaken };
  const variant = read.map(({ name, type }) => variantIn(type, [name])).find((path) => path !== undefined);
  if (variant !== undefined) return { untaken: `the column ${variant.join(".")} is ${VARIANT}` };
  const shaping: Shaping = { ...walked, taken: 0, isWhole: names.length === read.length };
  const columns = read.map(({ name, type }, i): ParquetField => ({
    name: names[i]!,
    readAs: name,
    type: shaped(type, shaping),
  }));
  const isWhole = shaping.isWhole && shaping.taken === leaves.length;
  return isWhole ? columns : { untaken: "the engine reads other columns than the footer names" };
}

interface Walked {
  /** Of the top-level columns. */
  readonly names: readonly string[];
  readonly leaves: readonly Leaf[];
  /** Names of the fields of each group of several, by the leaves that it encloses: `from:to`. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly untaken: string | undefined;
}

type Leaf = Extract<ParquetType, { kind: "leaf" | "null" }>;

function walkElements(elements: readonly SchemaElement[]): Walked {
  const names: string[] = [];
  const leaves: Leaf[] = [];
  const groups = new Map<string, string[]>();
  let untaken: string | undefined;
  let at = 1;
  const visit = (path: readonly string[]): string => {
    const element = elements[at++];
    if (element === undefined) return "";
    const here = [...path, element.name];
    const children = Number(element.num_children ?? 0);
    const found = children > 0 || element.type === null ? groupFault(element) : leafType(element);
    if (typeof found === "string") untaken ??= `the column ${here.join(".")} is ${found}`;
    else if (found !== undefined) leaves.push(found);
    const from = leaves.length;
    const fields: string[] = [];
    for (let i = 0; i < children; i++) fields.push(visit(here));
    if (fields.length > 1) groups.set(`${from}:${leaves.length}`, fields);
    return element.name;
  };
  for (let i = Number(elements[0]?.num_children ?? 0); i > 0; i--) names.push(visit([]));
  return { names, leaves, groups, untaken };
}

const VARIANT = "a VARIANT, which is not read yet";

function groupFault(element: SchemaElement): string | undefined {
  return /variant/i.test(element.logical_type ?? "") ? VARIANT : undefined;
}

/** The path of the first variant in a type. `parquet_schema` leaves the annotation of a group out; the type that DuckDB reads it as tells. */
function variantIn(type: DuckDBType, path: readonly string[]): readonly string[] | undefined {
  if (type.typeId === DuckDBTypeId.VARIANT) return path;
  if (type instanceof DuckDBListType) return variantIn(type.valueType, [...path, "element"]);
  if (type instanceof DuckDBMapType)
    return variantIn(type.keyType, [...path, "key"]) ?? variantIn(type.valueType, [...path, "value"]);
  if (!(type instanceof DuckDBStructType)) return undefined;
  for (const [i, name] of type.entryNames.entries()) {
    const found = variantIn(type.entryTypes[i]!, [...path, name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a group may be annotated as a VARIANT, for which alone two files with the same elements are read as different types. */
export function mayBeVariant(elements: readonly SchemaElement[]): boolean {
  return elements.some(({ num_children: children }, i) => {
    const first = elements[i + 1]?.name ?? "";
    return i > 0 && (children === "2" || children === "3") && VARIANT_PARTS.has(first);
  });
}

const VARIANT_PARTS: ReadonlySet<string> = new Set(["metadata", "value", "typed_value"]);

/** DuckDB's types that are taken as they are. */
const AS_THEY_ARE: Readonly<Record<string, PrimitiveType>> = {
  BOOLEAN: "boolean",
  TINYINT: "byte",
  SMALLINT: "short",
  INTEGER: "integer",
  BIGINT: "long",
  VARCHAR: "string",
  JSON: "string",
  BLOB: "binary",
  DATE: "date",
  "TIMESTAMP WITH TIME ZONE": "timestamp",
};

const UNSIGNED: Readonly<Record<string, PrimitiveType>> = {
  UTINYINT: "short",
  USMALLINT: "integer",
  UINTEGER: "long",
  UBIGINT: "decimal(20,0)",
};

/** Times of day and UUIDs. */
const AS_TEXT: ReadonlySet<string> = new Set(["TIME", "TIME_NS", "UUID"]);

/** What is said of physical types and annotations that have no answer yet. */
const UNTAKEN: readonly (readonly [RegExp, string])[] = [
  [/FLOAT16/i, "a FLOAT16"],
  [/INTERVAL/, "an INTERVAL"],
  [/VARIANT/i, "a VARIANT"],
  [/GEOMETRY|GEOGRAPHY/i, "a geometry"],
  [/DECIMAL/i, "a DECIMAL of more than 38 digits"],
];

/** A leaf, or what it is in words where it is not taken. */
function leafType(element: SchemaElement): Leaf | string {
  const { type, converted_type: converted, logical_type: logical, duckdb_type: read } = element;
  const all = `${type ?? ""} ${converted ?? ""} ${logical ?? ""} ${read ?? ""}`;
  if (read === '"NULL"') return { kind: "null" };
  const leaf = (name: PrimitiveType, reading: LeafReading = "asIs"): Leaf => ({
    kind: "leaf",
    type: name,
    reading,
  });
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(read ?? "");
  if (decimal !== null) return leaf(`decimal(${Number(decimal[1])},${Number(decimal[2])})`);
  if (type === "FLOAT" && read === "FLOAT") return leaf("float");
  if (type === "DOUBLE" && read === "DOUBLE") return leaf("double");
  // An instant, written by Spark, Hive and Impala; read to the microsecond, as Spark reads it.
  if (type === "INT96" && read === "TIMESTAMP") return leaf("timestamp", "utc");
  if (read === "TIMESTAMP_NS") return leaf("timestamp_ntz", "nanos");
  // The annotation of before 2018 says nothing of zones, and means instants (Parquet format, "TIMESTAMP").
  if (type === "INT64" && read === "TIMESTAMP")
    return logical === null ? leaf("timestamp", "utc") : leaf("timestamp_ntz");
  if (isInstantInNanos(element)) return leaf("timestamp", "utcNanos");
  const plain = AS_THEY_ARE[read ?? ""];
  if (plain !== undefined) return leaf(plain);
  const unsigned = UNSIGNED[read ?? ""];
  if (unsigned !== undefined) return leaf(unsigned, "unsigned");
  if (AS_TEXT.has(read ?? "")) return leaf("string", "text");
  const known = UNTAKEN.find(([pattern]) => pattern.test(all))?.[1];
  return `${known ?? `of the type ${all.trim()}`}, which is not read yet`;
}

/** True for a column that DuckDB would cut to microseconds. */
export function isInstantInNanos({ logical_type: logical, duckdb_type: read }: SchemaElement): boolean {
  return read === "TIMESTAMP WITH TIME ZONE" && /NANOS=NanoSeconds/.test(logical ?? "");
}

interface Shaping extends Pick<Walked, "leaves" | "groups"> {
  /** Leaves that have their place. */
  taken: number;
  /** False once the engine's columns are not the footer's. */
  isWhole: boolean;
}

function shaped(type: DuckDBType, shaping: Shaping): ParquetType {
  if (type instanceof DuckDBStructType) return shapedStruct(type, shaping);
  if (type instanceof DuckDBListType) return { kind: "array", element: shaped(type.valueType, shaping) };
  if (type instanceof DuckDBMapType) {
    const key = shaped(type.keyType, shaping);
    return { kind: "map", key, value: shaped(type.valueType, shaping) };
  }
  const leaf = shaping.leaves[shaping.taken++];
  shaping.isWhole &&= leaf !== undefined;
  return leaf ?? { kind: "null" };
}

/** A struct of several fields encloses the leaves of one group of the footer, which has their names; a single field's is not changed. */
function shapedStruct({ entryNames, entryTypes }: DuckDBStructType, shaping: Shaping): ParquetType {
  const from = shaping.taken;
  const types = entryTypes.map((type) => shaped(type, shaping));
  const names = entryNames.length > 1 ? shaping.groups.get(`${from}:${shaping.taken}`) : entryNames;
  shaping.isWhole &&=
    names?.length === entryNames.length && entryNames.every((readAs, i) => readAs.startsWith(names[i]!));
  return {
    kind: "struct",
    fields: types.map((type, i) => ({ name: names?.[i] ?? entryNames[i]!, readAs: entryNames[i]!, type })),
  };
}

/**
 * The type of a column made for it; none while all is null. A time without a zone means the pipeline's zone, and becomes
 * TIMESTAMP.
 */
export function deltaTypeOf(type: ParquetType): DataType | undefined {
  switch (type.kind) {
    case "null":
      return undefined;
    case "leaf":
      return type.type === "timestamp_ntz" ? "timestamp" : type.type;
    case "struct": {
      const fields = fieldsOf(type.fields);
      return fields.length === 0 ? undefined : { type: "struct", fields };
    }
    case "array": {
      const elementType = deltaTypeOf(type.element);
      return elementType === undefined ? undefined : { type: "array", elementType, containsNull: true };
    }
    case "map": {
      const [keyType, valueType] = [deltaTypeOf(type.key), deltaTypeOf(type.value)];
      if (keyType === undefined || valueType === undefined) return undefined;
      return { type: "map", keyType, valueType, valueContainsNull: true };
    }
  }
}

/** Columns or fields for those that have a type; of equal names the last is it, as of a JSON object's keys. */
export function fieldsOf(fields: readonly ParquetField[]): StructField[] {
  const last = new Map(fields.map((field) => [field.name, field]));
  return [...last.values()].flatMap(({ name, type }) => {
    const deltaType = deltaTypeOf(type);
    return deltaType === undefined ? [] : [nullableField(name, deltaType)];
  });
}
