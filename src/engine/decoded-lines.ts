/** Lines of JSON hold bytes as base64: how they are read, and what makes bytes of them again. DuckDB takes a text's own bytes for a BLOB. */
import type { DataType, StructType } from "../schema/data-type.ts";
import { quoteName, quoteText } from "./sql.ts";

/** The schema to read the lines with. */
export function schemaOfLines(schema: StructType): StructType {
  return encoded(schema) as StructType;
}

function encoded(type: DataType): DataType {
  if (type === "binary") return "string";
  if (typeof type === "string") return type;
  if (type.type === "array") return { ...type, elementType: encoded(type.elementType) };
  if (type.type === "map")
    return { ...type, keyType: encoded(type.keyType), valueType: encoded(type.valueType) };
  return { type: "struct", fields: type.fields.map((field) => ({ ...field, type: encoded(field.type) })) };
}

/** Select list over a relation of `schemaOfLines`. */
export function decodedColumns({ fields }: StructType): string {
  return fields
    .map(({ name, type }) => `${decoded(type, quoteName(name), 0)} AS ${quoteName(name)}`)
    .join(", ");
}

function decoded(type: DataType, value: string, depth: number): string {
  if (type === "binary") return `from_base64(${value})`;
  if (typeof type === "string" || !holdsBinary(type)) return value;
  const one = `e${depth}`;
  if (type.type === "array")
    return `list_transform(${value}, lambda ${one}: ${decoded(type.elementType, one, depth + 1)})`;
  if (type.type === "map") {
    const key = decoded(type.keyType, `${one}.key`, depth + 1);
    const held = decoded(type.valueType, `${one}.value`, depth + 1);
    return `CASE WHEN ${value} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries(${value}), lambda ${one}: struct_pack(k := ${key}, v := ${held}))) END`;
  }
  const members = type.fields.map(
    (field) =>
      `${quoteName(field.name)} := ${decoded(field.type, `struct_extract(${value}, ${quoteText(field.name)})`, depth)}`,
  );
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${members.join(", ")}) END`;
}

function holdsBinary(type: DataType): boolean {
  if (typeof type === "string") return type === "binary";
  if (type.type === "array") return holdsBinary(type.elementType);
  if (type.type === "map") return holdsBinary(type.keyType) || holdsBinary(type.valueType);
  return type.fields.some((field) => holdsBinary(field.type));
}
