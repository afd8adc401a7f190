/** Rows that are to be written into a table, wherever they come from. */
import { isAbsolute, resolve } from "node:path";
import { LandfallError } from "../../base/landfall-error.ts";
import type { WriteRowsRequest } from "../../engine/engine.ts";
import { quoteName } from "../../engine/sql.ts";
import type { StructType } from "../../schema/data-type.ts";
import { scannedRows, type ScannedRows, type TableScan } from "../../table/scan-snapshot.ts";
import type { TableParts } from "../../table/table-access.ts";
import type { LeftOut } from "./left-out.ts";
import { spoolRows } from "./spool-rows.ts";

/** A row by the names of its columns: one that is left out has its default, what the table computes or counts for it, or null. */
export interface RowToWrite {
  readonly [column: string]: unknown;
}

/**
 * Objects, one a row; Parquet files by their paths; or the scan of a table, this one or another. Objects have values as a scan gives them, and
 * for dates, times and decimals as people write them: a Date, ISO text (a TIMESTAMP's with its zone), `"12.50"`.
 */
export type RowsToWrite =
  | Iterable<RowToWrite>
  | AsyncIterable<RowToWrite>
  | { readonly parquet: string | readonly string[] }
  | TableScan;

export interface RowSource {
  /** What the rows have. */
  readonly schema: StructType;
  /** Nulls where this schema allows none were refused already, but in columns of `leftOut`. */
  readonly holdsNotNull: boolean;
  /** Columns that the table fills, and that some rows may leave out, by their names in lower case. Default: each row has all columns. */
  readonly leftOut?: ReadonlyMap<string, LeftOut>;
  /** How many they are, where that is known. */
  readonly rows?: number;
  /** A SELECT of the schema's columns, and of the flags of `leftOut`. @param table with these columns, whose types they fit */
  select(table: StructType): { readonly tables: WriteRowsRequest["tables"]; readonly sql: string };
  /** Removes what was written on the way. */
  close(): Promise<void>;
}

export interface OpenRowsOptions {
  readonly parts: TableParts;
  /** The columns of rows that are objects. */
  readonly schema: StructType;
  /** Columns that the table fills where rows leave them out, in any case. */
  readonly filled: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Objects are read here, once: a plan that is made anew has the same rows.
 *
 * @throws LandfallError ROW_MISFIT, USAGE for what are no rows, SOURCE_MISSING, FILE_DAMAGED; what the iterable throws
 */
export async function openRows(rows: RowsToWrite, options: OpenRowsOptions): Promise<RowSource> {
  if (typeof rows === "object" && rows !== null) {
    const scanned = scannedRows(rows);
    if (scanned !== undefined) return scanSource(await scanned());
    if ("parquet" in rows) return parquetSource(rows.parquet, options);
    if (Symbol.asyncIterator in rows || Symbol.iterator in rows)
      return spoolRows(rows as Iterable<RowToWrite> | AsyncIterable<RowToWrite>, options);
  }
  throw new LandfallError("USAGE", {
    message: "These are no rows to write.",
    hint: "Give an iterable of objects, { parquet: paths }, or the scan of a table.",
  });
}

function scanSource({ table, columns, where }: ScannedRows): RowSource {
  const names = columns ?? table.schema.fields.map(({ name }) => name);
  const fields = names.flatMap((name) => table.schema.fields.find((field) => field.name === name) ?? []);
  const condition = where === undefined ? "" : ` WHERE (\n${where}\n)`;
  return {
    schema: { type: "struct", fields },
    holdsNotNull: true,
    // As in a scan, `t` may stand before the columns.
    select: () => ({
      tables: { source: table },
      sql: `SELECT ${names.map((name) => `t.${quoteName(name)}`).join(", ")} FROM source t${condition}`,
    }),
    close: () => Promise.resolve(),
  };
}

async function parquetSource(
  named: string | readonly string[],
  { parts, signal }: OpenRowsOptions,
): Promise<RowSource> {
  const paths = [named].flat().map((path) => (isAbsolute(path) ? path : resolve(path)));
  const schemas = await parts.engine.schemasOfParquet({ paths }, { signal });
  const fields = new Map<string, StructType["fields"][number]>();
  for (const field of schemas.flatMap((schema) => schema.fields)) {
    const known = fields.get(field.name.toLowerCase());
    if (known === undefined) fields.set(field.name.toLowerCase(), field);
    else if (JSON.stringify(known.type) !== JSON.stringify(field.type)) throw unlike(field.name);
  }
  const schema: StructType = { type: "struct", fields: [...fields.values()] };
  const files = paths.map((path) => ({ path, partitionValues: {} }));
  return {
    schema,
    holdsNotNull: false,
    select: () => ({
      tables: { source: { schema, partitionColumns: [], files } },
      sql: "SELECT * FROM source",
    }),
    close: () => Promise.resolve(),
  };
}

function unlike(column: string): LandfallError {
  return new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `The Parquet files have the column ${column} in several types.`,
    hint: "Write those of one type at a time.",
  });
}
