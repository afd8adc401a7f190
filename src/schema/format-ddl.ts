/** Delta schemas written as Spark DDL, the opposite of `ddl.ts`: for `table schema` and for CREATE TABLE in summaries. */
import type { DataType, StructField, StructType } from "./data-type.ts";

const NAMES: Readonly<Record<string, string>> = {
  long: "BIGINT",
  integer: "INT",
  short: "SMALLINT",
  byte: "TINYINT",
};

/**
 * The schema as one line of Spark DDL, which `parseDdl` reads back. What DDL cannot say is left out: metadata other than the
 * comment, and that an array's elements or a map's values are never null.
 */
export function formatDdl(schema: StructType): string {
  return schema.fields.map(formatDdlColumn).join(", ");
}

/** One column: `id BIGINT NOT NULL COMMENT 'x'`. */
export function formatDdlColumn(field: StructField): string {
  return `${quoteName(field.name)} ${formatDdlType(field.type)}${constraints(field)}`;
}

/** A type by Spark's name: `DECIMAL(10,2)`, `ARRAY<STRUCT<a: INT>>`. */
export function formatDdlType(type: DataType): string {
  if (typeof type === "string") return NAMES[type] ?? type.toUpperCase().replaceAll(" ", "");
  if (type.type === "array") return `ARRAY<${formatDdlType(type.elementType)}>`;
  if (type.type === "map") return `MAP<${formatDdlType(type.keyType)}, ${formatDdlType(type.valueType)}>`;
  const fields = type.fields.map(
    (field) => `${quoteName(field.name)}: ${formatDdlType(field.type)}${constraints(field)}`,
  );
  return `STRUCT<${fields.join(", ")}>`;
}

function constraints(field: StructField): string {
  const comment = field.metadata["comment"];
  return `${field.nullable ? "" : " NOT NULL"}${typeof comment === "string" ? ` COMMENT ${quoteText(comment)}` : ""}`;
}

function quoteName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name.replaceAll("`", "``")}\``;
}

// Backslash escapes are read alike by Spark 3 and 4; a doubled quote is not. Line ends would break a one-line listing.
function quoteText(text: string): string {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("'", "\\'")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\0", "\\000");
  return `'${escaped}'`;
}
