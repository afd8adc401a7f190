/** A table's rows as they stand in its files: under physical names, with ids where columns are mapped (PROTOCOL.md, "Column Mapping"). */
import type { DataType, StructField, StructType } from "../schema/data-type.ts";
import { columnIdOf, physicalNameOf, type ColumnMapping } from "../schema/physical-column.ts";
import { duckdbType, quoteName, quoteText } from "./sql.ts";

/** Select list over a relation of the schema's columns: each cast to its type, under its physical name, and so are fields of structs. */
export function physicalColumns({ fields }: StructType, mapping: ColumnMapping): string {
  return fields
    .map((field) => {
      const value = `CAST(${quoteName(field.name)} AS ${duckdbType(field.type)})`;
      return `${renamed(field.type, value, mapping, 0)} AS ${quoteName(physicalNameOf(field, mapping))}`;
    })
    .join(", ");
}

/** The value as it is where no name changes: DuckDB then passes it through. */
function renamed(type: DataType, value: string, mapping: ColumnMapping, depth: number): string {
  if (typeof type === "string" || !renames(type, mapping)) return value;
  const one = `e${depth}`;
  if (type.type === "array")
    return `list_transform(${value}, lambda ${one}: ${renamed(type.elementType, one, mapping, depth + 1)})`;
  if (type.type === "map") {
    const key = renamed(type.keyType, `${one}.key`, mapping, depth + 1);
    const held = renamed(type.valueType, `${one}.value`, mapping, depth + 1);
    return `CASE WHEN ${value} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(${value}), lambda ${one}: struct_pack(k := ${key}, v := ${held}))) END`;
  }
  const members = type.fields.map((field) => {
    const member = `struct_extract(${value}, ${quoteText(field.name)})`;
    return `${quoteName(physicalNameOf(field, mapping))} := ${renamed(field.type, member, mapping, depth)}`;
  });
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${members.join(", ")}) END`;
}

function renames(type: DataType, mapping: ColumnMapping): boolean {
  if (typeof type === "string") return false;
  if (type.type === "array") return renames(type.elementType, mapping);
  if (type.type === "map") return renames(type.keyType, mapping) || renames(type.valueType, mapping);
  return type.fields.some(
    (field) => physicalNameOf(field, mapping) !== field.name || renames(field.type, mapping),
  );
}

/** Members of COPY's FIELD_IDS; undefined where no column has an id. */
export function fieldIds(fields: readonly StructField[], mapping: ColumnMapping): string | undefined {
  if (mapping === "none") return undefined;
  const members = fields.flatMap((field) => {
    const inner = [ownId(field), idsWithin(field.type, mapping)].filter((part) => part !== undefined);
    return inner.length === 0 ? [] : [`${quoteText(physicalNameOf(field, mapping))}: {${inner.join(", ")}}`];
  });
  return members.length === 0 ? undefined : members.join(", ");
}

function ownId(field: StructField): string | undefined {
  const id = columnIdOf(field);
  return id === undefined ? undefined : `__duckdb_field_id: ${id}`;
}

/** Lists and maps have no id of their own for what they hold, which may be structs. */
function idsWithin(type: DataType, mapping: ColumnMapping): string | undefined {
  if (typeof type === "string") return undefined;
  if (type.type === "struct") return fieldIds(type.fields, mapping);
  const parts =
    type.type === "array"
      ? ([["element", type.elementType]] as const)
      : ([
          ["key", type.keyType],
          ["value", type.valueType],
        ] as const);
  const members = parts.flatMap(([name, held]) => {
    const ids = idsWithin(held, mapping);
    return ids === undefined ? [] : [`${name}: {${ids}}`];
  });
  return members.length === 0 ? undefined : members.join(", ");
}
