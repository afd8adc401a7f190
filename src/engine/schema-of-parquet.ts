/** What Parquet files of a person's hold, as a table's columns. */
import { stat } from "node:fs/promises";
import { LandfallError, systemCodeOf } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import type { Duckdb } from "./duckdb.ts";
import { readFooters } from "./parquet-footers.ts";
import { fieldsOf, type LeafReading, type ParquetType } from "./parquet-type.ts";

const MAX_COLUMNS = 100_000;
const MAX_DEPTH = 100;

/**
 * One schema for each shape of file, in the order of the files.
 *
 * @throws LandfallError SOURCE_MISSING for a file that is not there, FILE_DAMAGED for one that is no Parquet, TABLE_SCHEMA_CONFLICT
 *   for a column of a type that no table has
 */
export async function schemasOfParquet(
  duckdb: Duckdb,
  { paths, signal }: { readonly paths: readonly string[]; readonly signal?: AbortSignal | undefined },
): Promise<StructType[]> {
  for (const path of paths) await lookFor(path);
  const footers = await readFooters({
    duckdb,
    paths,
    maxColumns: MAX_COLUMNS,
    maxDepth: MAX_DEPTH,
    signal,
  });
  const shapes = new Map<string, StructType>();
  for (const footer of footers) {
    if ("damage" in footer) {
      throw new LandfallError("FILE_DAMAGED", {
        message: `${footer.path} cannot be written into a table: ${footer.damage}.`,
        hint: "Nothing was written. Leave the file out, or have it written again.",
        file: footer.path,
      });
    }
    for (const { name, type } of footer.columns) checkTaken(type, { path: footer.path, column: name });
    shapes.set(footer.shape, { type: "struct", fields: fieldsOf(footer.columns) });
  }
  return [...shapes.values()];
}

/** Of those the table's reader would cut digits off, or has no value. */
const UNTAKEN: Readonly<Partial<Record<LeafReading, string>>> = {
  nanos: "times in nanoseconds",
  utcNanos: "times in nanoseconds",
  text: "a time of day or a UUID",
};

/** @throws LandfallError TABLE_SCHEMA_CONFLICT */
function checkTaken(type: ParquetType, at: { readonly path: string; readonly column: string }): void {
  const inner = (name: string, held: ParquetType): void =>
    checkTaken(held, { ...at, column: `${at.column}.${name}` });
  if (type.kind === "struct") for (const field of type.fields) inner(field.name, field.type);
  if (type.kind === "array") inner("element", type.element);
  if (type.kind === "map") {
    inner("key", type.key);
    inner("value", type.value);
  }
  const what = type.kind === "leaf" ? UNTAKEN[type.reading] : undefined;
  if (what === undefined) return;
  throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `The column ${at.column} of ${at.path} holds ${what}, which no column of a table does.`,
    hint: "Nothing was written. Cast it where the file is made: to microseconds, or to text.",
    file: at.path,
  });
}

async function lookFor(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (cause) {
    if (!["ENOENT", "ENOTDIR"].includes(systemCodeOf(cause) ?? "")) throw unreadable(path, cause);
  }
  throw new LandfallError("SOURCE_MISSING", {
    message: `There is no file ${path}.`,
    hint: "Name Parquet files by their paths, not folders or patterns.",
    file: path,
  });
}

function unreadable(path: string, cause: unknown): LandfallError {
  return new LandfallError("SOURCE_UNREADABLE", { message: `${path} cannot be read.`, file: path, cause });
}
