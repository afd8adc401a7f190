/** The rows of a Delta table's live files, as SQL. */
import type { StructType } from "../schema/data-type.ts";
import type { QueryTable } from "./engine.ts";
import { readDataFiles } from "./read-data-files.ts";
import { duckdbType, nullColumns, quoteName, quoteText } from "./sql.ts";

/**
 * A query that gives the table's columns in their order: those of the files by name, absent ones null, partition values from the log by
 * the file's place in the list and never by its name.
 */
export function tableRelation(table: QueryTable): string {
  const columns = table.schema.fields;
  if (table.files.length === 0) {
    return `SELECT ${nullColumns(table.schema)} WHERE false`;
  }
  const inFiles: StructType = {
    type: "struct",
    fields: columns.filter((field) => !table.partitionColumns.includes(field.name)),
  };
  const read = readDataFiles(
    table.files.map((file) => file.path),
    inFiles,
  );
  if (table.partitionColumns.length === 0) return `SELECT * FROM ${read}`;
  const values = table.files.map(
    (file, i) =>
      `(${i}, ${table.partitionColumns.map((name) => textOrNull(file.partitionValues[name])).join(", ")})`,
  );
  const names = table.partitionColumns.map((_, i) => `p${i}`).join(", ");
  const selected = columns.map((field) => {
    const at = table.partitionColumns.indexOf(field.name);
    return at < 0
      ? `f.${quoteName(field.name)}`
      : `CAST(v.p${at} AS ${duckdbType(field.type)}) AS ${quoteName(field.name)}`;
  });
  return `SELECT ${selected.join(", ")}
    FROM (SELECT *, file_index FROM ${read}) f JOIN (VALUES ${values.join(", ")}) v(i, ${names}) ON f.file_index = v.i`;
}

function textOrNull(text: string | null | undefined): string {
  return text === null || text === undefined ? "NULL" : quoteText(text);
}
