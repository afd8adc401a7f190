/**
 * How a column of a table is read from files of one shape: by which name and type, and what makes the table's value of it. DuckDB casts
 * whatever it is given, in silence; so only what keeps each value passes here, and the rest is refused by name.
 */
import { decimalOf, type DataType, type StructField, type StructType } from "../schema/data-type.ts";
import { columnIdOf, physicalNameOf, type ColumnMapping } from "../schema/physical-column.ts";
import type { FileColumn } from "./parquet-shape.ts";
import { duckdbType, quoteName } from "./sql.ts";
import { floatingWithoutBounds, holdsFloating, listWithoutBounds } from "./without-bounds.ts";

export type ColumnReading =
  /** The files have it not: it is null. */
  | { readonly kind: "absent" }
  | {
      readonly kind: "read";
      /** DuckDB's type to read it as. */
      readonly type: string;
      /** The table's value of what was read. Undefined: that itself. */
      readonly value?: (read: string) => string;
    }
  | { readonly kind: "refused"; readonly why: Refusal };

/** `what`: a sentence's end after "holds the column …". */
export interface Refusal {
  readonly code: "TABLE_DATA_CORRUPT" | "TABLE_FEATURE_UNSUPPORTED";
  readonly column: string;
  readonly what: string;
}

const ABSENT: ColumnReading = { kind: "absent" };

/** The file's column of a field, with how it is read. */
export interface FoundColumn {
  /** As the file spells it. Undefined: it has none. */
  readonly name: string | undefined;
  readonly reading: ColumnReading;
}

export function readColumn(
  field: StructField,
  columns: readonly FileColumn[],
  { mapping, path = [], isInList = false, isOnlyRead = false }: Pick<Place, "mapping"> & Partial<Place>,
): FoundColumn {
  const here = [...path, field.name];
  const found = columnOf(field, columns, mapping);
  if (found.length > 1) {
    const names = found.map(({ name }) => name).join(", ");
    return { name: undefined, reading: refused(here, `more than once: ${names}`) };
  }
  const [column] = found;
  if (column === undefined) return { name: undefined, reading: ABSENT };
  return {
    name: column.name,
    reading: readAs(field.type, { column, mapping, path: here, isInList, isOnlyRead }),
  };
}

/** By its name, in any case as Spark does; or by its id, where it has one: `_change_type` of change files has none. */
function columnOf(
  field: StructField,
  columns: readonly FileColumn[],
  mapping: ColumnMapping,
): readonly FileColumn[] {
  const id = mapping === "id" ? columnIdOf(field) : undefined;
  if (id !== undefined) {
    return columns.filter((column) => column.id !== undefined && column.id === id);
  }
  const name = physicalNameOf(field, mapping).toLowerCase();
  return columns.filter((column) => column.name.toLowerCase() === name);
}

interface Place {
  readonly column: FileColumn;
  readonly mapping: ColumnMapping;
  readonly path: readonly string[];
  /** Of a list the whole has no bounds, and of a map neither. */
  readonly isInList: boolean;
  /** See `QueryTable`. */
  readonly isOnlyRead: boolean;
}

function readAs(type: DataType, place: Place): ColumnReading {
  const { column, path } = place;
  if (column.kind === "leaf" && column.type === '"NULL"') return ABSENT;
  if (type === "void") return ABSENT;
  if (type === "variant") return readVariant(place);
  if (typeof type === "string")
    return column.kind === "leaf" ? readLeaf(type, column.type, place) : unlike(type, place);
  switch (type.type) {
    case "struct":
      return column.kind === "struct" ? readStruct(type, column.fields, place) : unlike("struct", place);
    case "array": {
      if (column.kind !== "list") return unlike("array", place);
      const element = readAs(type.elementType, {
        ...place,
        column: column.element,
        path: [...path, "element"],
        isInList: true,
      });
      if (element.kind === "refused") return element;
      if (element.kind === "absent") return nullElements(type, column.element, path);
      const read: ColumnReading = { kind: "read", type: `${element.type}[]` };
      if (element.value !== undefined) return { ...read, ...mapped(element.value, path.length) };
      return !place.isInList && !place.isOnlyRead && holdsFloating(type)
        ? { ...read, value: listWithoutBounds }
        : read;
    }
    case "map": {
      if (column.kind !== "map") return unlike("map", place);
      const inside = { ...place, isInList: true };
      const key = readAs(type.keyType, { ...inside, column: column.key, path: [...path, "key"] });
      const value = readAs(type.valueType, { ...inside, column: column.value, path: [...path, "value"] });
      if (key.kind === "refused") return key;
      if (value.kind === "refused") return value;
      if (key.kind === "absent") return refused(path, "as a map without keys");
      return readMap(type.valueType, { key, value, depth: path.length });
    }
  }
}

type Read = Extract<ColumnReading, { kind: "read" }>;

function mapped(value: Read["value"], depth: number): Pick<Read, "value"> {
  if (value === undefined) return {};
  const element = `e${depth}`;
  return { value: (list) => `list_transform(${list}, lambda ${element}: ${value(element)})` };
}

function readMap(
  valueType: DataType,
  { key, value, depth }: { readonly key: Read; readonly value: ColumnReading; readonly depth: number },
): ColumnReading {
  const isNull = value.kind !== "read";
  const type = `MAP(${key.type}, ${isNull ? "BOOLEAN" : value.type})`;
  const valueOf = isNull ? (): string => nullOf(valueType) : value.value;
  if (key.value === undefined && valueOf === undefined) return { kind: "read", type };
  const entry = `e${depth}`;
  const [keyOf, made] = [key.value ?? same, valueOf ?? same];
  return {
    kind: "read",
    type,
    value: (map) =>
      `CASE WHEN ${map} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(${map}), lambda ${entry}: struct_pack(k := ${keyOf(`${entry}.key`)}, v := ${made(`${entry}.value`)}))) END`,
  };
}

function same(read: string): string {
  return read;
}

/** Elements of which the file has no value: as many nulls as there are elements. */
function nullElements(
  type: Extract<DataType, { type: "array" }>,
  element: FileColumn,
  path: readonly string[],
): ColumnReading {
  if (element.kind !== "leaf") return refused(path, "without what its elements are made of");
  const readAsType = element.type === '"NULL"' ? "INTEGER" : element.type;
  return {
    kind: "read",
    type: `${readAsType}[]`,
    value: (list) => `list_transform(${list}, lambda e${path.length}: ${nullOf(type.elementType)})`,
  };
}

function nullOf(type: DataType): string {
  return `CAST(NULL AS ${duckdbType(type)})`;
}

/** DuckDB makes a struct of a struct by the names of its fields, where one is equal at the least. */
function readStruct(type: StructType, fields: readonly FileColumn[], place: Place): ColumnReading {
  const { path } = place;
  const parts: string[] = [];
  const made: ((read: string) => string)[] = [];
  let isPlain = true;
  for (const field of type.fields) {
    const { name, reading } = readColumn(field, fields, place);
    if (reading.kind === "refused") return reading;
    const isRead = reading.kind === "read" && name !== undefined;
    // In any case of letters the names are one to DuckDB.
    isPlain &&= isRead && reading.value === undefined && name.toLowerCase() === field.name.toLowerCase();
    if (!isRead) {
      made.push(() => `${quoteName(field.name)} := ${nullOf(field.type)}`);
      continue;
    }
    parts.push(`${quoteName(isPlain ? field.name : name)} ${reading.type}`);
    const valueOf = reading.value ?? same;
    made.push((read) => `${quoteName(field.name)} := ${valueOf(`${read}.${quoteName(name)}`)}`);
  }
  if (isPlain && parts.length > 0) return { kind: "read", type: `STRUCT(${parts.join(", ")})` };
  if (parts.length === 0) {
    // Whether it is null stands in what the file has of it.
    const leaf = fields.find((field) => field.kind === "leaf" && field.type !== '"NULL"');
    if (leaf?.kind !== "leaf") return refused(path, "without any field of the table's");
    parts.push(`${quoteName(leaf.name)} ${leaf.type}`);
  }
  return {
    kind: "read",
    type: `STRUCT(${parts.join(", ")})`,
    value: (read) =>
      `CASE WHEN ${read} IS NULL THEN NULL ELSE struct_pack(${made.map((part) => part(read)).join(", ")}) END`,
  };
}

/** As the text of its JSON. */
function readVariant({ column, path }: Place): ColumnReading {
  if (column.kind !== "struct") return unlike("variant", { column, path });
  const text = (value: string): string => `CAST(CAST(${value} AS JSON) AS VARCHAR)`;
  if (column.isVariant) {
    // DuckDB has one null for a variant that is null and for none.
    const value = (read: string): string => `CASE WHEN ${read} IS NULL THEN NULL ELSE ${text(read)} END`;
    return { kind: "read", type: "VARIANT", value };
  }
  const names = column.fields.map(({ name }) => name);
  if (names.includes("typed_value")) {
    const what =
      "as a shredded VARIANT, which Landfall does not read yet unless the Parquet file says that it is a VARIANT";
    return {
      kind: "refused",
      why: { code: "TABLE_FEATURE_UNSUPPORTED", column: path.join("."), what },
    };
  }
  if (!names.includes("metadata") || !names.includes("value")) return unlike("variant", { column, path });
  return {
    kind: "read",
    type: "STRUCT(metadata BLOB, value BLOB)",
    // Both are required where there is a variant at all.
    value: (read) =>
      `CASE WHEN ${read} IS NULL THEN NULL ELSE ${text(`variant_bytes_to_variant(${read}.metadata || ${read}.value)`)} END`,
  };
}

const INTEGERS = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"];
const TIMES = ["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"];

/**
 * What DuckDB may read as a type: the same, or one that type widening leads from (PROTOCOL.md, "Type Widening"). A number that is too
 * large for its column is an error of DuckDB's own.
 */
const READ_AS: Readonly<Record<string, readonly string[]>> = {
  byte: INTEGERS,
  short: INTEGERS,
  integer: INTEGERS,
  long: INTEGERS,
  float: ["FLOAT"],
  double: ["DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "INTEGER"],
  boolean: ["BOOLEAN"],
  string: ["VARCHAR", "JSON", "ENUM"],
  binary: ["BLOB"],
  date: ["DATE"],
  timestamp: TIMES,
  timestamp_ntz: [...TIMES, "DATE"],
};

function readLeaf(
  type: DataType & string,
  file: string,
  { path, isInList, isOnlyRead }: Pick<Place, "path" | "isInList" | "isOnlyRead">,
): ColumnReading {
  const plain: ColumnReading = { kind: "read", type: duckdbType(type) };
  if (READ_AS[type]?.includes(file) === true)
    return holdsFloating(type) && !isInList && !isOnlyRead
      ? { ...plain, value: (read) => floatingWithoutBounds(read, plain.type) }
      : plain;
  // Text that is not said to be such, as Impala wrote it; DuckDB's cast would write bytes beyond ASCII as escapes.
  if (type === "string" && file === "BLOB")
    return { kind: "read", type: file, value: (read) => `decode(${read})` };
  if (type === "binary" && file === "VARCHAR")
    return { kind: "read", type: file, value: (read) => `encode(${read})` };
  const target = decimalOf(type);
  const source = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(file);
  if (
    target !== undefined &&
    (INTEGERS.includes(file) || (source !== null && Number(source[2]) <= target.scale))
  )
    return plain;
  return refused(path, `as ${file === "" ? "a group" : file}, where the table has ${type}`);
}

function unlike(type: string, { column, path }: Pick<Place, "column" | "path">): ColumnReading {
  const found = column.kind === "leaf" ? column.type : `a ${column.kind}`;
  return refused(path, `as ${found}, where the table has ${type}`);
}

function refused(path: readonly string[], what: string): ColumnReading {
  return { kind: "refused", why: { code: "TABLE_DATA_CORRUPT", column: path.join("."), what } };
}
