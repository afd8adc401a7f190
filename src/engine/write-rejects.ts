/** Writes the rejected records of a batch as one Parquet file. */
import { join } from "node:path";
import { LandfallError } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import type { Duckdb } from "./duckdb.ts";
import type { WrittenFile } from "./engine.ts";
import { pathsArgument, quoteText } from "./sql.ts";

const SCANNED_COLUMNS =
  "{file: 'VARCHAR', record: 'BIGINT', byte_offset: 'BIGINT', length: 'BIGINT', reason: 'VARCHAR', content: 'VARCHAR'}";

/** What the scanner set aside, as a relation. */
function scannedRejects(paths: readonly string[]): string {
  return `read_json(${pathsArgument(paths)}, format = 'newline_delimited', records = true, compression = 'uncompressed',
    maximum_object_size = 16777216, columns = ${SCANNED_COLUMNS})`;
}

/** The error of `FAILFAST`, for the first record of one file that the scanner set aside. */
export async function brokenRecord(options: {
  readonly duckdb: Duckdb;
  readonly paths: readonly string[];
  readonly format: string;
  readonly signal: AbortSignal | undefined;
}): Promise<LandfallError> {
  const { duckdb, paths, format, signal } = options;
  const [first] = await duckdb.rows(
    `SELECT file, record, byte_offset, reason FROM ${scannedRejects(paths)} ORDER BY record LIMIT 1`,
    "find the first broken record",
    signal,
  );
  const { file, record, byte_offset: offset, reason } = first as Record<string, string | null>;
  const place = offset === null ? "" : `, which begins at byte ${offset},`;
  return new LandfallError("RECORD_BROKEN", {
    message: `${displayKey(file!)}: record ${record}${place} cannot be read: ${reason}; ${format}.mode is FAILFAST.`,
    hint: `Nothing was committed. Mend or remove the file, or choose ${format}.mode: PERMISSIVE, which rejects such records, keeps and counts them.`,
    file: file!,
  });
}

/** Undefined where there is none. */
export async function writeRejects(options: {
  readonly duckdb: Duckdb;
  /** Of the scanner. */
  readonly paths: readonly string[];
  /** A SELECT of the rows that broke a rule. */
  readonly broken: string | undefined;
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}): Promise<WrittenFile | undefined> {
  const { duckdb, paths, broken, folder, signal } = options;
  const selects = [
    ...(paths.length === 0
      ? []
      : [
          `SELECT file, record, byte_offset, length, reason, CAST(NULL AS VARCHAR) AS rule, from_base64(content) AS content FROM ${scannedRejects(paths)}`,
        ]),
    ...(broken === undefined ? [] : [broken]),
  ];
  return selects.length === 0 ? undefined : writeRejectRows({ duckdb, selects, folder, signal });
}

/** One file of rejects, as `rejects.parquet`, of SELECTs that have its columns. */
export async function writeRejectRows(options: {
  readonly duckdb: Duckdb;
  readonly selects: readonly string[];
  readonly folder: string;
  readonly signal: AbortSignal | undefined;
}): Promise<WrittenFile> {
  const { duckdb, selects, folder, signal } = options;
  const path = join(folder, "rejects.parquet");
  const [row] = await duckdb.rows(
    `COPY (SELECT * FROM (${selects.join("\nUNION ALL\n")}) ORDER BY file, record)
      TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, RETURN_STATS)`,
    "write the rejected records",
    signal,
  );
  return {
    path,
    rows: Number(row!["count"]),
    bytes: Number(row!["file_size_bytes"]),
    partition: {},
    statistics: [],
  };
}
