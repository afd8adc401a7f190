/**
 * The schema of a Parquet file whose every column Spark 4, delta-rs and DuckDB read as one type of Delta, told by its physical and its
 * logical type. A closed list: a file with anything else in it is written anew before it goes into a table.
 *
 * | Parquet | Delta |
 * | --- | --- |
 * | BOOLEAN, FLOAT, DOUBLE without annotation | BOOLEAN, FLOAT, DOUBLE |
 * | INT32 as INT_8, as INT_16, as INT_32 or without annotation | TINYINT, SMALLINT, INT |
 * | INT64 as INT_64 or without annotation | BIGINT |
 * | BYTE_ARRAY as UTF8, without annotation | STRING, BINARY |
 * | INT32 as DATE | DATE |
 * | INT64 as TIMESTAMP in microseconds, of UTC or not | TIMESTAMP, TIMESTAMP_NTZ |
 * | DECIMAL in INT32 up to 9 digits, in INT64 from 10 to 18, in FIXED_LEN_BYTE_ARRAY | DECIMAL(p,s) |
 * | a group without annotation | STRUCT |
 * | LIST of a repeated group `list` with an `element` | ARRAY |
 * | MAP of a repeated group `key_value` with a required `key` and a `value` | MAP |
 */
import { nullableField, type DataType, type PrimitiveType, type StructType } from "../schema/data-type.ts";
import type { SchemaElement } from "./parquet-type.ts";

/** One row of `parquet_schema`. */
export interface FooterElement extends SchemaElement {
  readonly repetition_type: string | null;
}

export interface DataFileSchema {
  readonly schema: StructType;
  /** What is in no array and no map. */
  readonly leaves: readonly DataFileLeaf[];
}

export interface DataFileLeaf {
  readonly path: readonly string[];
  readonly type: PrimitiveType;
  /** The place of its column chunk in a row group. */
  readonly column: number;
}

/** `elements` as the footer lists them, depth first, the root first. Undefined: something is not on the list. */
export function dataFileSchema(elements: readonly FooterElement[]): DataFileSchema | undefined {
  const leaves: DataFileLeaf[] = [];
  let [at, column] = [1, 0];

  const fieldsOf = (count: number, path: readonly string[] | undefined): StructType | undefined => {
    const fields: StructType["fields"][number][] = [];
    const names = new Set<string>();
    for (let i = 0; i < count; i++) {
      const name = elements[at]?.name ?? "";
      const type = typeOf(path === undefined ? undefined : [...path, name]);
      if (type === undefined || names.has(name.toLowerCase())) return undefined;
      names.add(name.toLowerCase());
      fields.push(nullableField(name, type));
    }
    return fields.length === 0 ? undefined : { type: "struct", fields };
  };

  const repeated = (name: string, children: readonly string[]): boolean => {
    const group = elements[at++];
    return (
      isGroup(group, "REPEATED", null) &&
      group.name === name &&
      Number(group.num_children) === children.length &&
      // Of a group's children the first stands right behind it; the second is looked at once the first is read.
      elements[at]?.name === children[0]
    );
  };

  /** `path`: undefined within an array or a map. */
  const typeOf = (path: readonly string[] | undefined): DataType | undefined => {
    const element = elements[at++];
    if (element === undefined || element.repetition_type === "REPEATED") return undefined;
    const children = Number(element.num_children ?? 0);
    if (children === 0) {
      const type = leafType(element);
      if (type !== undefined && path !== undefined) leaves.push({ path, type, column });
      column += 1;
      return type;
    }
    if (element.converted_type === "LIST" && children === 1) {
      const elementType = repeated("list", ["element"]) ? typeOf(undefined) : undefined;
      return elementType && { type: "array", elementType, containsNull: true };
    }
    if (element.converted_type === "MAP" && children === 1) {
      if (!repeated("key_value", ["key", "value"]) || elements[at]?.repetition_type !== "REQUIRED")
        return undefined;
      const keyType = typeOf(undefined);
      const valueType = keyType && elements[at]?.name === "value" ? typeOf(undefined) : undefined;
      return keyType && valueType && { type: "map", keyType, valueType, valueContainsNull: true };
    }
    return isGroup(element, element.repetition_type, null) ? fieldsOf(children, path) : undefined;
  };

  const schema = fieldsOf(Number(elements[0]?.num_children ?? 0), []);
  return schema === undefined || at !== elements.length ? undefined : { schema, leaves };
}

function isGroup(
  element: FooterElement | undefined,
  repetition: string | null,
  converted: string | null,
): element is FooterElement {
  return (
    element !== undefined &&
    element.type === null &&
    element.repetition_type === repetition &&
    element.converted_type === converted &&
    element.logical_type === null
  );
}

/** By the physical type and how DuckDB reads it: the annotations of before 2018, and how those since then begin. */
const LEAVES: Readonly<
  Record<
    string,
    { readonly is: PrimitiveType; readonly as: readonly (string | null)[]; readonly since?: string }
  >
> = {
  "BOOLEAN BOOLEAN": { is: "boolean", as: [null] },
  "FLOAT FLOAT": { is: "float", as: [null] },
  "DOUBLE DOUBLE": { is: "double", as: [null] },
  "INT32 TINYINT": { is: "byte", as: ["INT_8"], since: "IntType(" },
  "INT32 SMALLINT": { is: "short", as: ["INT_16"], since: "IntType(" },
  "INT32 INTEGER": { is: "integer", as: [null, "INT_32"], since: "IntType(" },
  "INT64 BIGINT": { is: "long", as: [null, "INT_64"], since: "IntType(" },
  "BYTE_ARRAY VARCHAR": { is: "string", as: ["UTF8"], since: "StringType(" },
  "BYTE_ARRAY BLOB": { is: "binary", as: [null] },
  "INT32 DATE": { is: "date", as: ["DATE"], since: "DateType(" },
};

const MICROS =
  /^TimestampType\(isAdjustedToUTC=([01]), .*MILLIS=<null>, MICROS=MicroSeconds\(\), NANOS=<null>/;

function leafType(element: FooterElement): PrimitiveType | undefined {
  const { type, converted_type: converted, logical_type: logical, duckdb_type: read } = element;
  const known = LEAVES[`${type} ${read}`];
  if (known !== undefined) {
    const isSame = logical === null || (known.since !== undefined && logical.startsWith(known.since));
    return known.as.includes(converted) && isSame ? known.is : undefined;
  }
  const micros = MICROS.exec(logical ?? "")?.[1];
  if (type === "INT64" && micros !== undefined) {
    if (micros === "1" && read === "TIMESTAMP WITH TIME ZONE") return "timestamp";
    return micros === "0" && read === "TIMESTAMP" ? "timestamp_ntz" : undefined;
  }
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(read ?? "");
  if (decimal === null || converted !== "DECIMAL") return undefined;
  const [digits, scale] = [Number(decimal[1]), Number(decimal[2])];
  const fits =
    type === "FIXED_LEN_BYTE_ARRAY" ||
    (type === "INT32" && digits <= 9) ||
    (type === "INT64" && digits > 9 && digits <= 18);
  return fits ? `decimal(${digits},${scale})` : undefined;
}
