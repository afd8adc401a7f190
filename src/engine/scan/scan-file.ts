/** Scans one file of lines of JSON, or one CSV file, from disk. */
import { displayKey } from "../../base/path-bytes.ts";
import type { CsvScan } from "./csv-scanner.ts";
import type { ExpansionLimits } from "./expansion.ts";
import { feedFile, type FileBytes, type OnBytes } from "./feed-file.ts";
import {
  scanCsvPart,
  scanJsonPart,
  type CsvPartOptions,
  type JsonPartOptions,
  type JsonPartScan,
} from "./scan-part.ts";

interface FileOptions extends ExpansionLimits {
  /** The path, percent-encoded (`encodePathBytes`). */
  readonly path: string;
  readonly signal?: AbortSignal;
  /** Told of bytes as they are read. */
  readonly onBytes?: OnBytes;
}

export interface ScanFileOptions extends Omit<JsonPartOptions, "name">, FileOptions {}

export interface FileScan extends JsonPartScan, FileBytes {}

/**
 * Scans a JSON file once, in bounded memory, as lines or after making lines of it. Reads with blocking calls: it is meant for a
 * worker. Offsets of records are those of the inflated bytes.
 *
 * @throws as `feedFile`, and FILE_DAMAGED as `JsonLines`. Running it again is always safe.
 */
export async function scanFile(options: ScanFileOptions): Promise<FileScan> {
  const scan = scanJsonPart({ ...options, name: displayKey(options.path) });
  const file = await feedFile({ ...options, feed: (bytes, isStored) => scan.feed(bytes, isStored) });
  return { ...scan.finish(), ...file };
}

export interface ScanCsvFileOptions extends Omit<CsvPartOptions, "name">, FileOptions {}

/**
 * The same for CSV. Offsets of records are those of the text in UTF-8, which goes to `onPlain` where the file's bytes are another
 * encoding.
 *
 * @throws as `feedFile`, and FILE_DAMAGED for a header that names no columns
 */
export async function scanCsvFile(options: ScanCsvFileOptions): Promise<CsvScan & FileBytes> {
  const scan = scanCsvPart({ ...options, name: displayKey(options.path) });
  const file = await feedFile({ ...options, feed: (bytes, isStored) => scan.feed(bytes, isStored) });
  return { ...scan.finish(), ...file };
}
