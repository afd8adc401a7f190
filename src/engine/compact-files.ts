/** Small data files of a table become one: the same rows, each value as it was. */
import type { DataType, StructField, StructType } from "../schema/data-type.ts";
import { isWidening } from "../schema/is-widening.ts";
import { marksOfOldCalendar } from "./data-file-layout.ts";
import { dataFileSchema, type FooterElement } from "./data-file-schema.ts";
import type { Duckdb } from "./duckdb.ts";
import type { CompactRequest, CompactResult } from "./engine.ts";
import { readDataFiles } from "./read-data-files.ts";
import { pathsArgument, quoteName } from "./sql.ts";
import { writeParquet } from "./write-parquet.ts";

/** @throws LandfallError ENGINE_FAILED where a file cannot be read */
export async function compactFiles(
  request: CompactRequest,
  context: { readonly duckdb: Duckdb; readonly signal: AbortSignal | undefined },
): Promise<CompactResult> {
  const { files, schema, scratchFolder } = request;
  const { duckdb, signal } = context;
  const read = await lookAt(request, context);
  const taken = files.filter((_, i) => typeof read[i] === "number");
  if (taken.length < 2) return { read, written: [] };
  const columns = schema.fields.map(({ name }) => quoteName(name)).join(", ");
  const written = await writeParquet({
    duckdb,
    select: `SELECT ${columns} FROM ${readDataFiles(taken, schema)}`,
    schema,
    partitionBy: [],
    folder: scratchFolder,
    maxPartitions: 1,
    signal,
  });
  return { read, written };
}

/** The rows of each file, as its footer says, or why it is left as it is. */
async function lookAt(
  { files, schema }: CompactRequest,
  { duckdb, signal }: { readonly duckdb: Duckdb; readonly signal: AbortSignal | undefined },
): Promise<(number | string)[]> {
  const list = pathsArgument(files);
  const footers = await duckdb.rows(
    `SELECT file_name, num_rows FROM parquet_file_metadata(${list})`,
    "read the footers of data files",
    signal,
  );
  const elements = (await duckdb.rows(
    `SELECT file_name, name, type, num_children, repetition_type, converted_type, logical_type, duckdb_type FROM parquet_schema(${list})`,
    "read the schemas of data files",
    signal,
  )) as unknown as (FooterElement & { readonly file_name: string })[];
  const rows = new Map(footers.map((footer) => [String(footer["file_name"]), Number(footer["num_rows"])]));
  const byFile = Map.groupBy(elements, (element) => element.file_name);
  const ofOldCalendar = await marksOfOldCalendar({ duckdb, paths: files, signal });
  return files.map((path) => {
    const found = dataFileSchema(byFile.get(path) ?? []);
    if (found === undefined) return "its Parquet is not laid out as Landfall writes it";
    if (ofOldCalendar.has(path)) return "its days and times are of the calendar before 1582";
    const wrong = found.schema.fields.find((field) => !isColumnOf(schema, field));
    if (wrong !== undefined) return `the table has no column ${wrong.name} of its type`;
    return rows.get(path) ?? "its footer does not tell its rows";
  });
}

function isColumnOf(table: StructType, { name, type }: StructField): boolean {
  const column = table.fields.find((field) => field.name === name);
  return column !== undefined && holds(column.type, type);
}

/** True where each value of the file's type is one of the table's, unchanged: structs may have got fields since, and columns wider types. */
function holds(table: DataType, file: DataType): boolean {
  if (typeof table === "string" || typeof file === "string")
    return (
      table === file || (typeof table === "string" && typeof file === "string" && isWidening(file, table))
    );
  if (table.type === "struct" && file.type === "struct")
    return file.fields.every((field) => isColumnOf(table, field));
  if (table.type === "array" && file.type === "array") return holds(table.elementType, file.elementType);
  if (table.type === "map" && file.type === "map")
    return holds(table.keyType, file.keyType) && holds(table.valueType, file.valueType);
  return false;
}
