/** Scans one NDJSON or CSV file from disk. */
import { displayKey } from "../../base/path-bytes.ts";
import type { JsonOptions } from "../../formats/json-options.ts";
import type { CsvDialect } from "./csv-fields.ts";
import { CsvScanner, type CsvScan } from "./csv-scanner.ts";
import { feedFile, type FileBytes, type OnBytes } from "./feed-file.ts";
import type { ExpansionLimits } from "./gunzip.ts";
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

/** Turns a file's bytes into lines of JSON, one record each: `feed` them in order, then `finish` once. */
export interface LineMaker {
  /** The next bytes; they may be overwritten as soon as this returns. */
  feed(bytes: Buffer): void;
  finish(): void;
}

export interface ScanMadeLinesOptions extends JsonScanOptions, FileOptions {
  /** `file` is the name for messages; what is given to `write` may be overwritten as soon as it returns. */
  readonly make: (out: { readonly file: string; readonly write: (lines: Buffer) => void }) => LineMaker;
}

/**
 * The same for a format of which lines of JSON are made: `onPlain` gets those.
 *
 * @throws as `feedFile`, and what the maker throws
 */
export async function scanMadeLines(options: ScanMadeLinesOptions): Promise<FileScan> {
  const scanner = new JsonScanner(options);
  const write = (lines: Buffer): void => {
    options.onPlain?.(lines, false);
    scanner.feed(lines);
  };
  const maker = options.make({ file: displayKey(options.path), write });
  const file = await feedFile({ ...options, feed: (bytes) => maker.feed(bytes) });
  maker.finish();
  return { ...scanner.finish(), ...file, marked: false, layout: "values" };
}

export interface ScanCsvFileOptions extends FileOptions {
  readonly dialect: CsvDialect;
  /** The file's rank by key among those inferred together. Default 0. */
  readonly file?: number;
  readonly maxRecordBytes?: number;
  readonly maxColumns?: number;
}

/**
 * The same for CSV.
 *
 * @throws as `feedFile`, and FILE_DAMAGED for a header that names no columns
 */
export async function scanCsvFile(options: ScanCsvFileOptions): Promise<CsvScan & FileBytes> {
  const scanner = new CsvScanner({ ...options, name: displayKey(options.path) });
  const feed = (bytes: Buffer, isStored: boolean): void => {
    scanner.feed(bytes);
    options.onPlain?.(bytes, isStored);
  };
  const file = await feedFile({ ...options, feed });
  return { ...scanner.finish(), ...file };
}
