/** Scans one NDJSON or CSV file from disk. */
import { displayKey } from "../../base/path-bytes.ts";
import type { CsvOptions } from "../../formats/csv-options.ts";
import { csvDialect } from "./csv-dialect.ts";
import { CsvScanner, type CsvScan } from "./csv-scanner.ts";
import { CsvValues } from "./csv-values.ts";
import { feedFile, type FileBytes, type OnBytes } from "./feed-file.ts";
import type { ExpansionLimits } from "./gunzip.ts";
import { JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";

interface FileOptions extends ExpansionLimits {
  /** The path, percent-encoded (`encodePathBytes`). */
  readonly path: string;
  /** Gets the bytes that a gzip file inflates to, in order; they may be overwritten as soon as it returns. */
  readonly onInflated?: (bytes: Buffer) => void;
  /** Gets the bytes of a file that is not compressed, in the same way. */
  readonly onPlain?: (bytes: Buffer) => void;
  readonly signal?: AbortSignal;
  /** Told of bytes as they are read. */
  readonly onBytes?: OnBytes;
}

export interface ScanFileOptions extends JsonScanOptions, FileOptions {}

export interface FileScan extends JsonScan, FileBytes {
  /** The (inflated) bytes begin with a byte order mark, which is no part of the first record. */
  readonly marked: boolean;
}

/**
 * Scans an NDJSON file once, in bounded memory. Reads with blocking calls: it is meant for a worker. Offsets of records are
 * those of the inflated bytes.
 *
 * @throws as `feedFile`. Running it again is always safe.
 */
export async function scanFile(options: ScanFileOptions): Promise<FileScan> {
  const scanner = new JsonScanner(options);
  const file = await feedFile({ ...options, feed: (bytes) => scanner.feed(bytes) });
  return { ...scanner.finish(), ...file, marked: scanner.marked };
}

export interface ScanCsvFileOptions extends FileOptions {
  readonly csv: CsvOptions;
  /** The file's key: its name decides the separator where none is stated. */
  readonly key: string;
  /** The file's rank by key among those inferred together. Default 0. */
  readonly file?: number;
  readonly maxRecordBytes?: number;
  readonly maxColumns?: number;
}

/**
 * The same for CSV. Offsets of records are those of the text in UTF-8, which goes to `onInflated` where the file's bytes are another
 * encoding.
 *
 * @throws as `feedFile`, and FILE_DAMAGED for a header that names no columns
 */
export async function scanCsvFile(options: ScanCsvFileOptions): Promise<CsvScan & FileBytes> {
  const { csv, key, path } = options;
  const scanner = new CsvScanner({
    ...options,
    dialect: csvDialect(csv, key),
    values: new CsvValues(csv),
    name: displayKey(path),
  });
  const { encoding } = csv;
  const file = await feedFile({ ...options, encoding, feed: (bytes) => scanner.feed(bytes) });
  return { ...scanner.finish(), ...file };
}
