/** Whether a Parquet file is written as a data file of a table may be, as far as its footer tells. */
import { dataFileSchema, type DataFileSchema, type FooterElement } from "./data-file-schema.ts";
import type { Duckdb } from "./duckdb.ts";
import type { WrittenFile } from "./engine.ts";
import { pathsArgument } from "./sql.ts";

export interface DataFileLayout extends DataFileSchema {
  /** Rows of each row group. */
  readonly rowGroups: readonly number[];
  /** Of columns that are packed in several ways, the first that is packed at all. */
  readonly codec: NonNullable<WrittenFile["codec"]>;
}

/** What a reader holds of a row group at once. */
const MAX_ROW_GROUP_BYTES = 512 * 1024 ** 2;
/** On average, packed, where there are several: each is a request to a store, and a piece of every reader's plan. */
const MIN_ROW_GROUP_BYTES = 256 * 1024;

/** What every reader of Delta unpacks. */
const CODECS: ReadonlyMap<string, DataFileLayout["codec"]> = new Map([
  ["SNAPPY", "snappy"],
  ["ZSTD", "zstd"],
  ["GZIP", "gzip"],
  ["UNCOMPRESSED", "uncompressed"],
]);
/** Those of Parquet 1, which every reader knows. */
const ENCODINGS: ReadonlySet<string> = new Set([
  "PLAIN",
  "PLAIN_DICTIONARY",
  "RLE_DICTIONARY",
  "RLE",
  "BIT_PACKED",
]);

/**
 * Undefined where it is not, or DuckDB does not say. `path` is of Landfall's making.
 *
 * @throws LandfallError ENGINE_FAILED where the footer cannot be read
 */
export async function dataFileLayout(options: {
  readonly duckdb: Duckdb;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
}): Promise<DataFileLayout | undefined> {
  const { duckdb, path, signal } = options;
  const file = pathsArgument([path]);
  const elements = (await duckdb.rows(
    `SELECT name, type, num_children, repetition_type, converted_type, logical_type, duckdb_type FROM parquet_schema(${file})`,
    "read a Parquet schema",
    signal,
  )) as unknown as FooterElement[];
  const schema = dataFileSchema(elements);
  if (schema === undefined) return undefined;
  const groups = await duckdb.rows(
    `SELECT row_group_id, any_value(row_group_num_rows) AS rows, any_value(row_group_bytes) AS bytes, sum(total_compressed_size) AS packed,
      list(DISTINCT compression) AS codecs, list(DISTINCT encodings) AS encodings
      FROM parquet_metadata(${file}) GROUP BY row_group_id ORDER BY row_group_id`,
    "read a Parquet file's row groups",
    signal,
  );
  const isPlain = groups.every(
    ({ bytes, codecs, encodings }) =>
      Number(bytes) <= MAX_ROW_GROUP_BYTES &&
      (codecs as string[]).every((codec) => CODECS.has(codec)) &&
      (encodings as string[]).flatMap((all) => all.split(", ")).every((one) => ENCODINGS.has(one)),
  );
  const packed = groups.reduce((sum, group) => sum + Number(group["packed"]), 0);
  if (!isPlain) return undefined;
  if (groups.length > 1 && packed < groups.length * MIN_ROW_GROUP_BYTES) return undefined;
  if ((await marksOfOldCalendar({ duckdb, paths: [path], signal })).size > 0) return undefined;
  const used = new Set(groups.flatMap(({ codecs }) => codecs as string[]));
  const codec = [...CODECS].find(([name]) => used.has(name))?.[1];
  if (codec === undefined) return undefined;
  return { ...schema, codec, rowGroups: groups.map(({ rows }) => Number(rows)) };
}

/**
 * Spark moves the days and instants of files that say so from the calendar of before 1582; DuckDB, and who reads Delta, do not. Answers
 * which of the files do.
 */
export async function marksOfOldCalendar(options: {
  readonly duckdb: Duckdb;
  readonly paths: readonly string[];
  readonly signal: AbortSignal | undefined;
}): Promise<ReadonlySet<string>> {
  const { duckdb, paths, signal } = options;
  const rows = await duckdb.rows(
    `SELECT DISTINCT file_name FROM parquet_kv_metadata(${pathsArgument(paths)})
      WHERE key IN ('org.apache.spark.legacyDateTime'::BLOB, 'org.apache.spark.legacyINT96'::BLOB)
        OR (key = 'org.apache.spark.version'::BLOB AND NOT regexp_matches(value::VARCHAR, '^([3-9]|[1-9][0-9]+)\\.'))`,
    "read which program wrote the Parquet files",
    signal,
  );
  return new Set(rows.map((row) => String(row["file_name"])));
}
