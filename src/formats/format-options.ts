/** Every format that files may have, with the options that its reader takes: sections of the declaration, named like the format. */
import { avroShape, type AvroOptions } from "./avro-options.ts";
import { csvShape, type CsvOptions } from "./csv-options.ts";
import { jsonShape, type JsonOptions } from "./json-options.ts";
import { textShape, type TextOptions } from "./text-options.ts";
import { xmlShape, type XmlOptions } from "./xml-options.ts";

export const FORMATS = ["json", "csv", "parquet", "avro", "xml", "text", "binaryFile"] as const;

export type FileFormat = (typeof FORMATS)[number];

/** The options of every format, defaults filled in: plain data that crosses processes. */
export interface FormatOptions {
  readonly json: JsonOptions;
  readonly csv: CsvOptions;
  readonly avro: AvroOptions;
  readonly xml: XmlOptions;
  readonly text: TextOptions;
}

/** The options that a reader has when nobody states any. */
export const DEFAULT_FORMAT_OPTIONS: FormatOptions = {
  json: jsonShape.parse({}),
  csv: csvShape.parse({}),
  avro: avroShape.parse({}),
  xml: xmlShape.parse({}),
  text: textShape.parse({}),
};
