/** Values of a Parquet file as JSON text, in SQL. Numbers are JSON numbers, bytes base64, a map is an object, all other values are text. */
import { decimalOf, type PrimitiveType } from "../schema/data-type.ts";
import type { ParquetType } from "./parquet-type.ts";
import { duckdbType, quoteText } from "./sql.ts";

/** `"name":text`, or null. */
export function memberOf(name: string, text: string): string {
  return `(${quoteText(`${JSON.stringify(name)}:`)} || ${text})`;
}

/** An object of members that are SQL texts or nulls; null if all are. */
export function objectOf(members: readonly string[], last = ""): string {
  return `CASE WHEN coalesce(${members.join(", ")}) IS NOT NULL THEN '{' || concat_ws(',', ${members.join(", ")}${last}) || '}' END`;
}

export function arrayOf(texts: string, element: string): string {
  return `'[' || array_to_string(list_transform(${texts}, lambda ${element}: coalesce(${element}, 'null')), ',') || ']'`;
}

const JSON_NUMBERS = new Set<PrimitiveType>(["byte", "short", "integer", "long", "boolean"]);

/** A value as JSON text; null for null. */
export function jsonText(source: ParquetType, value: string, depth: number): string {
  const inner = `e${depth}`;
  switch (source.kind) {
    case "null":
      return "CAST(NULL AS VARCHAR)";
    case "leaf":
      return leafText(source, value);
    case "struct": {
      const members = source.fields.map(({ name, readAs, type }) =>
        memberOf(name, jsonText(type, `struct_extract(${value}, ${quoteText(readAs)})`, depth)),
      );
      return `CASE WHEN ${value} IS NOT NULL THEN '{' || concat_ws(',', ${members.join(", ")}) || '}' END`;
    }
    case "array": {
      const text = jsonText(source.element, inner, depth + 1);
      return arrayOf(`list_transform(${value}, lambda ${inner}: ${text})`, inner);
    }
    case "map": {
      const name = `struct_extract(${inner}, 'key')`;
      const named = source.key.kind === "leaf" ? plainText(source.key, name) : `CAST(${name} AS VARCHAR)`;
      const key = `CAST(to_json(${named}) AS VARCHAR)`;
      const held = jsonText(source.value, `struct_extract(${inner}, 'value')`, depth + 1);
      return `'{' || array_to_string(list_transform(map_entries(${value}), lambda ${inner}: ${key} || ':' || coalesce(${held}, 'null')), ',') || '}'`;
    }
  }
}

function leafText(leaf: Leaf, value: string): string {
  const { type } = leaf;
  const text = plainText(leaf, value);
  if (JSON_NUMBERS.has(type) || decimalOf(type) !== undefined) return text;
  if (type === "float" || type === "double")
    return `CASE WHEN isfinite(${value}) THEN ${text} ELSE '"' || ${text} || '"' END`;
  if (type === "binary") return `'"' || to_base64(${value}) || '"'`;
  if (leaf.reading !== "text" && type === "string") return `CAST(to_json(${value}) AS VARCHAR)`;
  return `'"' || ${text} || '"'`;
}

function plainText(leaf: Leaf, value: string): string {
  if (leaf.reading === "nanos") return nanosText(value);
  if (leaf.reading === "utcNanos") return `${nanosText(value)} || '+00'`;
  return `CAST(${readLeaf(leaf, value)} AS VARCHAR)`;
}

/** As DuckDB prints it, but by its count: DuckDB takes the ends of the type for infinity, or for no time at all. */
function nanosText(value: string): string {
  const count = `CAST(epoch_ns(${value}) AS HUGEINT)`;
  const part = `((${count} % 1000000000 + 1000000000) % 1000000000)`;
  const seconds = `make_timestamp(CAST((${count} - ${part}) // 1000 AS BIGINT))`;
  return `strftime(${seconds}, '%Y-%m-%d %H:%M:%S') || CASE WHEN ${part} = 0 THEN '' ELSE rtrim('.' || lpad(CAST(${part} AS VARCHAR), 9, '0'), '0') END`;
}

export type Leaf = Extract<ParquetType, { kind: "leaf" }>;

/** A leaf's value as one of its type. */
export function readLeaf(leaf: Leaf, value: string): string {
  if (leaf.reading === "text") return `CAST(${value} AS VARCHAR)`;
  if (leaf.reading === "unsigned") return `CAST(${value} AS ${duckdbType(leaf.type)})`;
  return leaf.reading === "utc" ? `timezone('UTC', ${value})` : value;
}
