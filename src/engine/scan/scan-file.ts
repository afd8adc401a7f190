/** Scans one NDJSON or CSV file from disk. */
import { displayKey } from "../../base/path-bytes.ts";
import type { CsvOptions } from "../../formats/csv-options.ts";
import type { JsonOptions } from "../../formats/json-options.ts";
import { csvDialect } from "./csv-dialect.ts";
import { CsvScanner, type CsvScan } from "./csv-scanner.ts";
import { CsvValues } from "./csv-values.ts";
import { feedFile, type FileBytes, type OnBytes } from "./feed-file.ts";
import type { ExpansionLimits } from "./expansion.ts";
import type { JsonLayout } from "./json-layout.ts";
import { JsonLines } from "./json-lines.ts";
import { DEFAULT_RECORD_BYTES, JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";

const LINES: JsonOptions = { multiLine: false };

/** Gets the plain bytes in order, with whether they are those on disk; they may be overwritten as soon as it returns. */
export type OnPlain = (bytes: Buffer, isStored: boolean) => void;

interface FileOptions extends ExpansionLimits {
  /** The path, percent-encoded (`encodePathBytes`). */
  readonly path: string;
  readonly onPlain?: OnPlain;
  readonly signal?: AbortSignal;
  /** Told of bytes as they are read. */
  readonly onBytes?: OnBytes;
}

export interface ScanFileOptions extends JsonScanOptions, FileOptions {
  /** How records lie in the file. Default: each line is one. */
  readonly layout?: JsonOptions;
}

export interface FileScan extends JsonScan, FileBytes {
  /** The (inflated) bytes begin with a byte order mark, which is no part of the first record. */
  readonly marked: boolean;
  /** `values`: the lines were made of other records, and offsets are those of the lines, not of the file. */
  readonly layout: JsonLayout;
}

/**
 * Scans a JSON file once, in bounded memory, as lines or after making lines of it. Reads with blocking calls: it is meant for a
 * worker. Offsets of records are those of the inflated bytes.
 *
 * @throws as `feedFile`, and FILE_DAMAGED as `JsonLines`. Running it again is always safe.
 */
export async function scanFile(options: ScanFileOptions): Promise<FileScan> {
  const scanner = new JsonScanner(options);
  let isFileStored = true;
  const lines = new JsonLines({
    layout: options.layout ?? LINES,
    maxRecordBytes: options.maxRecordBytes ?? DEFAULT_RECORD_BYTES,
    file: displayKey(options.path),
    write: (bytes, layout) => {
      scanner.feed(bytes);
      options.onPlain?.(bytes, isFileStored && layout === "lines");
    },
  });
  const feed = (bytes: Buffer, isStored: boolean): void => {
    isFileStored = isStored;
    lines.feed(bytes);
  };
  const file = await feedFile({ ...options, feed });
  lines.finish();
  return { ...scanner.finish(), ...file, marked: scanner.marked, layout: lines.layout ?? "lines" };
}

export interface ScanCsvFileOptions extends FileOptions {
  readonly csv: CsvOptions;
  /** The file's key: its name decides the separator where none is stated. */
  readonly key: string;
  /** The file's rank by key among those inferred together. Default 0. */
  readonly file?: number;
  readonly maxRecordBytes?: number;
  readonly maxColumns?: number;
  /** As in `CsvScanOptions`. */
  readonly countsDigits?: boolean;
}

/**
 * The same for CSV. Offsets of records are those of the text in UTF-8, which goes to `onPlain` where the file's bytes are another
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
  const feed = (bytes: Buffer, isStored: boolean): void => {
    scanner.feed(bytes);
    options.onPlain?.(bytes, isStored);
  };
  const file = await feedFile({ ...options, encoding: csv.encoding, feed });
  return { ...scanner.finish(), ...file };
}
