/** Scans the bytes of one file, or of one member of an archive, as they come. */
import type { CsvOptions } from "../../formats/csv-options.ts";
import { csvDialect } from "./csv-dialect.ts";
import { CsvScanner, type CsvScan } from "./csv-scanner.ts";
import { CsvValues } from "./csv-values.ts";
import type { JsonLayout } from "./json-layout.ts";
import { JsonLines, type JsonLayoutOptions } from "./json-lines.ts";
import { DEFAULT_RECORD_BYTES, JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";

/** Gets the plain bytes in order, with whether they are those on disk; they may be overwritten as soon as it returns. */
export type OnPlain = (bytes: Buffer, isStored: boolean) => void;

/** `feed` the bytes in order, then `finish` once. Both throw FILE_DAMAGED for what no record can be found in. */
export interface OpenScan<S> {
  /** The bytes may be changed. */
  feed(bytes: Buffer, isStored: boolean): void;
  finish(): S;
}

export interface JsonPartOptions extends JsonScanOptions {
  /** The name for messages. */
  readonly name: string;
  /** How records lie in the file. Default: each line is one. */
  readonly layout?: JsonLayoutOptions;
  readonly onPlain?: OnPlain | undefined;
}

export interface JsonPartScan extends JsonScan {
  /** The plain bytes begin with a byte order mark, which is no part of the first record. */
  readonly marked: boolean;
  /** `values`: the lines were made of other records, and offsets are those of the lines, not of the file. */
  readonly layout: JsonLayout;
}

export interface CsvPartOptions {
  /** The name for messages. */
  readonly name: string;
  /** The file's key: its name decides the separator where none is stated. */
  readonly key: string;
  readonly csv: CsvOptions;
  /** The file's rank by key among those inferred together. Default 0. */
  readonly file?: number;
  readonly maxRecordBytes?: number;
  readonly maxColumns?: number;
  /** As in `CsvScanOptions`. */
  readonly countsDigits?: boolean;
  readonly onPlain?: OnPlain | undefined;
}

const LINES: JsonLayoutOptions = { multiLine: false };

export function scanJsonPart(options: JsonPartOptions): OpenScan<JsonPartScan> {
  const scanner = new JsonScanner(options);
  let areStored = true;
  const lines = new JsonLines({
    layout: options.layout ?? LINES,
    maxRecordBytes: options.maxRecordBytes ?? DEFAULT_RECORD_BYTES,
    file: options.name,
    write: (bytes, layout) => {
      scanner.feed(bytes);
      options.onPlain?.(bytes, areStored && layout === "lines");
    },
  });
  return {
    feed(bytes, isStored) {
      areStored = isStored;
      lines.feed(bytes);
    },
    finish() {
      lines.finish();
      return { ...scanner.finish(), marked: scanner.marked, layout: lines.layout ?? "lines" };
    },
  };
}

/** Turns a file's bytes into lines of JSON, one record each: `feed` them in order, then `finish` once. */
export interface LineMaker {
  /** The next bytes; they may be overwritten as soon as this returns. */
  feed(bytes: Buffer): void;
  finish(): void;
}

export interface MadePartOptions extends JsonScanOptions {
  /** What is given to `write` may be overwritten as soon as it returns. */
  readonly make: (write: (lines: Buffer) => void) => LineMaker;
  readonly onPlain?: OnPlain | undefined;
}

/** For a format of which lines of JSON are made: `onPlain` gets those. */
export function scanMadePart(options: MadePartOptions): OpenScan<JsonPartScan> {
  const scanner = new JsonScanner(options);
  const maker = options.make((lines) => {
    options.onPlain?.(lines, false);
    scanner.feed(lines);
  });
  return {
    feed: (bytes) => maker.feed(bytes),
    finish() {
      maker.finish();
      return { ...scanner.finish(), marked: false, layout: "values" };
    },
  };
}

export function scanCsvPart(options: CsvPartOptions): OpenScan<CsvScan> {
  const { csv, key, onPlain } = options;
  const scanner = new CsvScanner({ ...options, dialect: csvDialect(csv, key), values: new CsvValues(csv) });
  return {
    feed(bytes, isStored) {
      scanner.feed(bytes);
      onPlain?.(bytes, isStored);
    },
    finish: () => scanner.finish(),
  };
}
