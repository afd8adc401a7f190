/** Writes a relation as Parquet files of a sane size, one partition a file, with the statistics of each. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError } from "../base/landfall-error.ts";
import { nearest } from "../base/nearest.ts";
import type { DataType, StructType } from "../schema/data-type.ts";
import { freeName } from "../schema/source-name.ts";
import type { Duckdb } from "./duckdb.ts";
import type { ColumnStatistics, StageProgress, WrittenFile } from "./engine.ts";
import { leafCount } from "./check-schema.ts";
import { quoteName, quoteText } from "./sql.ts";
import { withinMemory, type WriteMemory } from "./within-memory.ts";

/** Target size of a data file. DuckDB closes a file at the first row group past it, so none comes near 1 GB. */
const TARGET_FILE_BYTES = 128 * 1024 ** 2;

/** No data file is larger. */
export const MAX_FILE_BYTES = 1024 ** 3;

/**
 * Values of a row group that a column may have and still get a dictionary, a tenth of its rows. DuckDB's own limit is a fifth: of a column
 * where nearly every value is another one it then sorts in twice as many before it gives up, a twentieth of all the time that writing takes.
 */
const DICTIONARY_VALUES = 12_288;
/** With a limit that is stated DuckDB reserves room for as many values in each column and thread, with its own for as many as there are rows. */
const COLUMNS_WITH_LIMIT = 100;

/** Milliseconds between two words of progress. */
const TELL_EVERY_MS = 250;

export interface WriteParquetOptions {
  readonly duckdb: Duckdb;
  /** A SELECT whose columns are those of `schema`, in order. */
  readonly select: string;
  readonly schema: StructType;
  readonly partitionBy: readonly string[];
  /** An absolute folder of Landfall's making; files go into a fresh folder below it. */
  readonly folder: string;
  readonly maxPartitions: number;
  /** Bytes after which a file is closed at its next row group. Default: 128 MB. Files of partitions are not told. */
  readonly targetFileBytes?: number | undefined;
  /** In the order of the SELECT, on an instance that keeps it. Default: in any order. */
  readonly inOrder?: boolean | undefined;
  /** Members of COPY's FIELD_IDS, for the columns that stand in files. Default: columns have no ids. */
  readonly fieldIds?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
}

/** Answers one entry a file; no file at all for a relation without rows. */
export async function writeParquet(options: WriteParquetOptions): Promise<WrittenFile[]> {
  const { duckdb, onProgress } = options;
  const tell = (): void => {
    const percent = duckdb.percentDone();
    if (percent >= 0) onProgress?.({ phase: "write", done: Math.min(100, Math.round(percent)), total: 100 });
  };
  const watch = onProgress === undefined ? undefined : setInterval(tell, TELL_EVERY_MS);
  try {
    return await (options.partitionBy.length === 0 ? writeWhole(options) : writePartitioned(options));
  } finally {
    clearInterval(watch);
  }
}

async function writeWhole(options: WriteParquetOptions): Promise<WrittenFile[]> {
  const { duckdb, select, signal, targetFileBytes = TARGET_FILE_BYTES } = options;
  const rows = await withinMemory({
    duckdb,
    write: async (memory) => {
      const folder = await freshFolder(options);
      return duckdb.rows(
        `COPY (${select}) TO ${quoteText(folder)} (${copyOptions(options, memory)},
          FILE_SIZE_BYTES ${targetFileBytes}, FILENAME_PATTERN 'whole_{uuid}', WRITE_EMPTY_FILE false)`,
        "write Parquet files",
        signal,
      );
    },
  });
  return rows.map((row) => writtenFile(row, {})).filter((file) => file.rows > 0);
}

/** Without what an earlier write may have left; beside it lie the files that are copied whole. */
async function freshFolder(options: WriteParquetOptions): Promise<string> {
  const folder = join(options.folder, "data", "written");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

function dictionary(schema: StructType): string {
  return leafCount(schema) <= COLUMNS_WITH_LIMIT ? `DICTIONARY_SIZE_LIMIT ${DICTIONARY_VALUES},` : "";
}

/** Rows of a row group that are written in order: DuckDB then counts rows, not bytes. */
const ORDERED_ROWS = 122_880;

function copyOptions(
  { schema, fieldIds, inOrder }: WriteParquetOptions,
  { rowGroupBytes }: WriteMemory,
): string {
  const ids = fieldIds === undefined ? "" : `FIELD_IDS {${fieldIds}},`;
  return `FORMAT parquet, COMPRESSION snappy, ${dictionary(schema)} ${ids} RETURN_STATS,
    ${inOrder === true ? `ROW_GROUP_SIZE ${ORDERED_ROWS}` : `ROW_GROUP_SIZE_BYTES ${rowGroupBytes}`}, OVERWRITE_OR_IGNORE`;
}

/**
 * Partition values become numbers first: DuckDB would put them into folder names in its own notation and escaping, and what
 * counts are the values in the log (protocol, "Partition Value Serialization"). An empty text is null there, so it is here.
 * The numbers are those of an ENUM: a join with a table of them takes three times as long, and holds on to the rows' memory.
 */
async function writePartitioned(options: WriteParquetOptions): Promise<WrittenFile[]> {
  const { duckdb, partitionBy, select, schema, signal } = options;
  checkPartitionColumns(partitionBy, schema);
  const taken = new Set(schema.fields.map((field) => field.name.toLowerCase()));
  const number = quoteName(freeName("landfall_partition", taken));
  const values = await partitionValues(options);
  if (values.length === 0) return [];
  const rows = await withinMemory({
    duckdb,
    write: async (memory) =>
      duckdb.rows(
        `COPY (SELECT * EXCLUDE (${partitionBy.map(quoteName).join(", ")}), ${numberOf(keyText(partitionBy, schema))} AS ${number} FROM (${select}))
          TO ${quoteText(await freshFolder(options))} (${copyOptions(options, memory)}, PARTITION_BY (${number}))`,
        "write partitioned Parquet files",
        signal,
      ),
    gatheredRows: () => gatheredRows(options),
  });
  const byNumber = new Map(values.map((row) => [String(row["number"]), row["values"] as (string | null)[]]));
  return rows.map((row) => {
    const partition = byNumber.get((row["partition_keys"] as { value: string }[])[0]!.value)!;
    return writtenFile(row, Object.fromEntries(partitionBy.map((name, i) => [name, partition[i]!])));
  });
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT for one that the rows have not */
function checkPartitionColumns(partitionBy: readonly string[], schema: StructType): void {
  const names = schema.fields.map((field) => field.name);
  const missing = partitionBy.find((name) => !names.includes(name));
  if (missing === undefined) return;
  const near = nearest(missing, names);
  throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `The table is to be partitioned by ${missing}, and the files of this batch have no such column; they have ${listed(names)}.`,
    hint: `${near === undefined ? "Name one of theirs" : `Did you mean ${near}? Name a column of theirs`} in table.partitionBy, or give the column a type in schema.hints, and it is null where a file lacks it; nothing was committed.`,
  });
}

const NAMED = 10;

function listed(names: readonly string[]): string {
  return `${names.slice(0, NAMED).join(", ")}${names.length > NAMED ? ", …" : ""}`;
}

/** The values of each partition as texts, and the number that stands for them. */
async function partitionValues({
  duckdb,
  select,
  schema,
  partitionBy,
  maxPartitions,
  signal,
}: WriteParquetOptions): Promise<Record<string, unknown>[]> {
  const texts = partitionBy.map((name) => `CAST(${partitionKey(name, schema)} AS VARCHAR)`);
  await duckdb.run(
    `CREATE OR REPLACE TEMP TABLE landfall_partitions AS
      SELECT DISTINCT ${keyText(partitionBy, schema)} AS key, [${texts.join(", ")}] AS "values" FROM (${select})`,
    "find the partitions",
    signal,
  );
  const [found] = await duckdb.rows(
    "SELECT count(*) AS count FROM landfall_partitions",
    "count the partitions",
    signal,
  );
  const count = Number(found!["count"]);
  if (count > maxPartitions) {
    throw new LandfallError("LIMIT_EXCEEDED", {
      message: `The batch would write ${count} partitions; the limit is ${maxPartitions}.`,
      hint: "Partition by a column with fewer values, lower limits.maxFilesPerTrigger, or raise limits.maxPartitions.",
    });
  }
  await duckdb.run(
    `DROP TYPE IF EXISTS ${NUMBERS}; CREATE TEMP TYPE ${NUMBERS} AS ENUM (SELECT key FROM landfall_partitions)`,
    "number the partitions",
    signal,
  );
  return duckdb.rows(
    `SELECT ${numberOf("key")} AS number, "values" FROM landfall_partitions`,
    "list the partitions",
    signal,
  );
}

/** The ENUM of the partitions' keys. */
const NUMBERS = "landfall_partition_numbers";

function numberOf(key: string): string {
  return `enum_code(CAST(${key} AS ${NUMBERS}))`;
}

/** One text for all partition columns, another one for every other partition: with its length, none runs into the next. */
function keyText(partitionBy: readonly string[], schema: StructType): string {
  const parts = partitionBy.map((name) => {
    const text = `CAST(${partitionKey(name, schema)} AS VARCHAR)`;
    return `coalesce(strlen(${text}) || ':' || ${text}, '-')`;
  });
  return parts.join(" || ");
}

/** As many rows as are of the size of two row groups: each thread gathers rows before they go to their partitions. */
async function gatheredRows({ duckdb, select, schema, signal }: WriteParquetOptions): Promise<number> {
  const sizes = schema.fields.map(({ name, type }) => `coalesce(${sizeOf(quoteName(name), type)}, 0)`);
  const [row] = await duckdb.rows(
    `SELECT CAST(avg(${sizes.join(" + ")}) AS BIGINT) AS bytes FROM (${select})`,
    "measure the rows",
    signal,
  );
  return Math.max(1, Math.floor((2 * duckdb.rowGroupBytes) / Math.max(1, Number(row!["bytes"]))));
}

function sizeOf(column: string, type: DataType): string {
  if (type === "string") return `strlen(${column})`;
  if (type === "binary") return `octet_length(${column})`;
  return typeof type === "string" ? "16" : `strlen(CAST(${column} AS VARCHAR))`;
}

function partitionKey(name: string, schema: StructType): string {
  const field = schema.fields.find((candidate) => candidate.name === name);
  const column = quoteName(name);
  return field?.type === "string" ? `nullif(${column}, '')` : column;
}

function writtenFile(row: Record<string, unknown>, partition: Record<string, string | null>): WrittenFile {
  const columns = (row["column_statistics"] ?? []) as {
    key: string;
    value: { key: string; value: string }[];
  }[];
  return {
    path: String(row["filename"]),
    rows: Number(row["count"]),
    bytes: Number(row["file_size_bytes"]),
    partition,
    statistics: columns.map(columnStatistics),
  };
}

function columnStatistics(column: {
  key: string;
  value: { key: string; value: string }[];
}): ColumnStatistics {
  const found = new Map(column.value.map((entry) => [entry.key, entry.value]));
  const min = found.get("min");
  const max = found.get("max");
  const nullCount = found.get("null_count");
  return {
    path: quotedPath(column.key),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(nullCount === undefined ? {} : { nullCount: Number(nullCount) }),
    ...(found.get("has_nan") === "true" ? { hasNan: true } : {}),
  };
}

/** The segments of DuckDB's quoted path, `"a"."b""c"`. */
export function quotedPath(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")*)"/g)].map((match) => match[1]!.replaceAll('""', '"'));
}
