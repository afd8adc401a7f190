/**
 * From what DuckDB reads to what the table holds: keys become column names, and times without a zone are taken in the pipeline's
 * zone, which DuckDB's own cast would take as UTC whatever the session's zone (reference: engine facts, §4).
 */
import type { DataType, StructType } from "../schema/data-type.ts";
import { inSourceNames, sourceNameOf } from "../schema/source-name.ts";
import { duckdbType, quoteName, quoteText } from "./sql.ts";

/** The schema to read with: keys of the data; timestamps as text where the zone is not UTC. */
export function readSchemaOf(schema: StructType, timeZone = "UTC"): StructType {
  const named = inSourceNames(schema);
  return timeZone === "UTC" ? named : (timestampsAsText(named) as StructType);
}

function timestampsAsText(type: DataType): DataType {
  if (type === "timestamp") return "string";
  if (typeof type === "string") return type;
  if (type.type === "array") return { ...type, elementType: timestampsAsText(type.elementType) };
  if (type.type === "map") return { ...type, valueType: timestampsAsText(type.valueType) };
  return {
    type: "struct",
    fields: type.fields.map((field) => ({ ...field, type: timestampsAsText(field.type) })),
  };
}

/** The select list over a relation that was read with `readSchemaOf`. */
export function projectColumns(options: {
  readonly schema: StructType;
  readonly timeZone: string;
  /** SQL of columns that do not come from the data, by name in lower case. */
  readonly values?: ReadonlyMap<string, string> | undefined;
}): string {
  return options.schema.fields
    .map((field) => {
      const value =
        options.values?.get(field.name.toLowerCase()) ??
        project(field.type, quoteName(sourceNameOf(field)), options.timeZone, 0);
      return `${value} AS ${quoteName(field.name)}`;
    })
    .join(", ");
}

/** The value as it is where nothing changes: DuckDB then passes it through. */
function project(type: DataType, value: string, timeZone: string, depth: number): string {
  if (!changes(type, timeZone)) return value;
  if (typeof type === "string") return inZone(value, timeZone);
  if (type.type === "array") {
    const element = `e${depth}`;
    return `list_transform(${value}, lambda ${element}: ${project(type.elementType, element, timeZone, depth + 1)})`;
  }
  if (type.type === "map") {
    const entry = `e${depth}`;
    const held = project(type.valueType, `struct_extract(${entry}, 'value')`, timeZone, depth + 1);
    return `CASE WHEN ${value} IS NOT NULL THEN map_from_entries(list_transform(map_entries(${value}), lambda ${entry}: struct_pack(k := struct_extract(${entry}, 'key'), v := ${held}))) END`;
  }
  const members = type.fields.map((field) => {
    const member = project(
      field.type,
      `struct_extract(${value}, ${quoteText(sourceNameOf(field))})`,
      timeZone,
      depth,
    );
    return `${quoteName(field.name)} := ${member}`;
  });
  return `CASE WHEN ${value} IS NULL THEN CAST(NULL AS ${duckdbType(type)}) ELSE struct_pack(${members.join(", ")}) END`;
}

function changes(type: DataType, timeZone: string): boolean {
  if (type === "timestamp") return timeZone !== "UTC";
  if (typeof type === "string") return false;
  if (type.type === "map") return changes(type.valueType, timeZone);
  if (type.type === "array") return changes(type.elementType, timeZone);
  return type.fields.some((field) => sourceNameOf(field) !== field.name || changes(field.type, timeZone));
}

/** A text of date and time as an instant: as it says, or in the zone. */
export function inZone(value: string, timeZone: string): string {
  return `CASE WHEN regexp_matches(${value}, '(Z|[+-][0-9]{2}:?[0-9]{2})$') THEN CAST(${value} AS TIMESTAMPTZ)
    ELSE timezone(${quoteText(timeZone)}, CAST(${value} AS TIMESTAMP)) END`;
}
