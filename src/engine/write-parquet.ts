/** Writes a relation as Parquet files of a sane size, one partition a file, with the statistics of each. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError } from "../base/landfall-error.ts";
import type { StructType } from "../schema/data-type.ts";
import { freeName } from "../schema/source-name.ts";
import type { Duckdb } from "./duckdb.ts";
import type { ColumnStatistics, StageProgress, WrittenFile } from "./engine.ts";
import { leafCount } from "./check-schema.ts";
import { quoteName, quoteText } from "./sql.ts";

/** Target size of a data file. DuckDB closes a file at the first row group past it, so none comes near 1 GB. */
const TARGET_FILE_BYTES = 128 * 1024 ** 2;

/** No data file is larger. */
export const MAX_FILE_BYTES = 1024 ** 3;

/** Each thread holds a row group until it is whole; without this it would be 122,880 rows, which of large ones no memory holds. */
const ROW_GROUP_BYTES = 64 * 1024 ** 2;

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
  const folder = join(options.folder, "data");
  await mkdir(folder, { recursive: true });
  const rows = await options.duckdb.rows(
    `COPY (${options.select}) TO ${quoteText(folder)} (FORMAT parquet, COMPRESSION snappy, ${dictionary(options.schema)} RETURN_STATS,
      FILE_SIZE_BYTES ${TARGET_FILE_BYTES}, ROW_GROUP_SIZE_BYTES ${ROW_GROUP_BYTES}, FILENAME_PATTERN 'whole_{uuid}', OVERWRITE_OR_IGNORE, WRITE_EMPTY_FILE false)`,
    "write Parquet files",
    options.signal,
  );
  return rows.map((row) => writtenFile(row, {})).filter((file) => file.rows > 0);
}

function dictionary(schema: StructType): string {
  return leafCount(schema) <= COLUMNS_WITH_LIMIT ? `DICTIONARY_SIZE_LIMIT ${DICTIONARY_VALUES},` : "";
}

/**
 * Partition values become numbers first: DuckDB would put them into folder names in its own notation and escaping, and what
 * counts are the values in the log (protocol, "Partition Value Serialization"). An empty text is null there, so it is here.
 */
async function writePartitioned(options: WriteParquetOptions): Promise<WrittenFile[]> {
  const { duckdb, partitionBy, signal } = options;
  const folder = join(options.folder, "data");
  await mkdir(folder, { recursive: true });
  const taken = new Set(options.schema.fields.map((field) => field.name.toLowerCase()));
  const number = freeName("landfall_partition", taken);
  const keys = partitionBy.map((name) => partitionKey(name, options.schema));
  const names = partitionBy.map(quoteName);
  await duckdb.run(
    `CREATE OR REPLACE TEMP TABLE landfall_partitions AS SELECT row_number() OVER () AS ${quoteName(number)}, * FROM
      (SELECT DISTINCT ${keys.map((key, i) => `${key} AS ${names[i]!}`).join(", ")} FROM (${options.select}))`,
    "find the partitions",
    signal,
  );
  const values = await duckdb.rows(
    `SELECT ${quoteName(number)}, ${names.map((name) => `CAST(${name} AS VARCHAR) AS ${name}`).join(", ")} FROM landfall_partitions`,
    "list the partitions",
    signal,
  );
  if (values.length > options.maxPartitions) {
    throw new LandfallError("LIMIT_EXCEEDED", {
      message: `The batch would write ${values.length} partitions; the limit is ${options.maxPartitions}.`,
      hint: "Partition by a column with fewer values, lower limits.maxFilesPerTrigger, or raise limits.maxPartitions.",
    });
  }
  const sameKey = partitionBy
    .map(
      (name, i) =>
        `${partitionKey(name, options.schema, "batch.")} IS NOT DISTINCT FROM landfall_partitions.${names[i]!}`,
    )
    .join(" AND ");
  const rows = await duckdb.rows(
    `COPY (SELECT batch.* EXCLUDE (${names.join(", ")}), landfall_partitions.${quoteName(number)}
      FROM (${options.select}) batch JOIN landfall_partitions ON ${sameKey})
      TO ${quoteText(folder)} (FORMAT parquet, COMPRESSION snappy, ${dictionary(options.schema)} RETURN_STATS, PARTITION_BY (${quoteName(number)}), OVERWRITE_OR_IGNORE)`,
    "write partitioned Parquet files",
    signal,
  );
  const byNumber = new Map(values.map((row) => [String(row[number]), row]));
  return rows.map((row) => {
    const key = (row["partition_keys"] as { value: string }[])[0]!.value;
    const partition = byNumber.get(key)!;
    return writtenFile(
      row,
      Object.fromEntries(partitionBy.map((name) => [name, partition[name] as string | null])),
    );
  });
}

function partitionKey(name: string, schema: StructType, relation = ""): string {
  const field = schema.fields.find((candidate) => candidate.name === name);
  const column = relation + quoteName(name);
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
