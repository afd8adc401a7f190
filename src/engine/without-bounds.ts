/**
 * Floating-point values of which DuckDB knows no bounds. Of a column with NaN a Parquet footer gives those of the other numbers, and DuckDB, to
 * which NaN is above all of them, answers `x > 5` and `max(x)` from there.
 */
import type { DataType, StructType } from "../schema/data-type.ts";
import { duckdbType, quoteName } from "./sql.ts";

/** The same value, computed. What is subtracted keeps -0.0 and NaN as they are. @param type DuckDB's */
export function floatingWithoutBounds(read: string, type: string): string {
  return `(${read} - CAST(0 AS ${type}))`;
}

/** The same list, computed: of `x[1]` the bounds are those of the elements. */
export function listWithoutBounds(read: string): string {
  return `${read}[:]`;
}

/** The same value of a type, with every floating-point number in it computed; as it is where there is none, and of a map, which has no bounds. */
export function withoutBounds(read: string, type: DataType): string {
  if (!holdsFloating(type)) return read;
  if (typeof type === "string") return floatingWithoutBounds(read, duckdbType(type));
  if (type.type !== "struct") return listWithoutBounds(read);
  const parts = type.fields.map(
    ({ name, type: inner }) => `${quoteName(name)} := ${withoutBounds(`${read}.${quoteName(name)}`, inner)}`,
  );
  return `CASE WHEN ${read} IS NULL THEN NULL ELSE struct_pack(${parts.join(", ")}) END`;
}

/** The rows of a SELECT of a schema's columns and maybe others, those of the schema without bounds. */
export function rowsWithoutBounds(select: string, schema: StructType): string {
  const computed = schema.fields.flatMap(({ name, type }) =>
    holdsFloating(type) ? [`${withoutBounds(quoteName(name), type)} AS ${quoteName(name)}`] : [],
  );
  return computed.length === 0
    ? select
    : `SELECT * REPLACE (${computed.join(", ")}) FROM (${select}) landfall_bounded`;
}

/** Whether bounds may be known of a floating-point number in it. */
export function holdsFloating(type: DataType): boolean {
  if (typeof type === "string") return type === "float" || type === "double";
  if (type.type === "struct") return type.fields.some((field) => holdsFloating(field.type));
  return type.type === "array" && holdsFloating(type.elementType);
}
