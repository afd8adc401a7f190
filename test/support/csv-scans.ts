/** Reads and scans CSV texts under options as they are written in a declaration. */
import { csvShape, type CsvOptions, type CsvOptionsWritten } from "../../src/formats/csv-options.ts";
import { DEFAULT_FORMAT_OPTIONS, type FormatOptions } from "../../src/formats/format-options.ts";
import { csvDialect } from "../../src/engine/scan/csv-dialect.ts";
import { CsvReader } from "../../src/engine/scan/csv-reader.ts";
import { CsvScanner, type CsvScan } from "../../src/engine/scan/csv-scanner.ts";
import { CsvValues } from "../../src/engine/scan/csv-values.ts";
import { malformedReason, recordPlaces } from "../../src/engine/scan/record-list.ts";
import { inferSchema } from "../../src/schema/infer-schema.ts";

export interface CsvScanLimits {
  readonly maxRecordBytes?: number;
  readonly maxColumns?: number;
  readonly file?: number;
}

export function csvOptions(written: CsvOptionsWritten = {}): CsvOptions {
  return csvShape.parse(written);
}

/** The options of all formats, those of CSV as they are given. */
export function csvFormats(written: CsvOptionsWritten): FormatOptions {
  return { ...DEFAULT_FORMAT_OPTIONS, csv: csvOptions(written) };
}

export function csvScanner(written: CsvOptionsWritten = {}, limits: CsvScanLimits = {}): CsvScanner {
  const options = csvOptions(written);
  const dialect = csvDialect(options, "test.csv");
  return new CsvScanner({ dialect, values: new CsvValues(options), name: "test.csv", ...limits });
}

export function scanCsv(
  content: string | Buffer,
  limits: CsvScanLimits = {},
  written: CsvOptionsWritten = {},
): CsvScan {
  const scanner = csvScanner(written, limits);
  scanner.feed(Buffer.from(content));
  return scanner.finish();
}

/** Names and records as texts, null for null, by the reader alone. */
export function readCsv(
  content: string | Buffer,
  written: CsvOptionsWritten = {},
  key = "test.csv",
): (string | null)[][] {
  const rows: (string | null)[][] = [];
  const reader = new CsvReader({
    dialect: csvDialect(csvOptions(written), key),
    file: key,
    onHeader: (header) => rows.push([...header.names]),
    onRecord: (buf, fields) =>
      rows.push(
        Array.from({ length: fields.count }, (_, i) => (fields.isNull(buf, i) ? null : fields.text(buf, i))),
      ),
  });
  reader.feed(Buffer.from(content));
  reader.finish();
  return rows;
}

/** The inferred types by column. */
export function csvTypes(scanned: CsvScan): Record<string, unknown> {
  const { fields } = inferSchema({ trie: scanned.trie });
  return Object.fromEntries(fields.map((field) => [field.name, field.type]));
}

/** Why records were malformed, in their order. */
export function csvReasons(scanned: CsvScan): string[] {
  return [...recordPlaces(scanned.malformed)].map(malformedReason);
}
