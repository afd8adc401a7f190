/** Which of the pipeline's reader options are honoured where records are counted by other means, and which stand in the way. */
import { formatOfName } from "../../../formats/format-of-name.ts";
import type { ReaderOptions } from "../../../formats/reader-options.ts";

export interface JsonReader {
  readonly format: "json";
  readonly encoding: string;
  readonly multiLine: boolean | "auto";
  /** Keys of the place where the records stand in a document. */
  readonly path: readonly string[] | undefined;
}

export interface CsvReader {
  readonly format: "csv";
  readonly encoding: string;
  readonly hasHeader: boolean;
  readonly skipRows: number;
  readonly multiLine: boolean;
  /** Bytes of ASCII; undefined for none, and for a separator that is told by the first line. */
  readonly separator: number | undefined;
  readonly quote: number | undefined;
  readonly escape: number | undefined;
  readonly comment: number | undefined;
}

export type CountedReader = JsonReader | CsvReader;

/** `option` is the one that no other means stand in for, as the declaration names it; undefined where it is the format. */
export type ReaderAnswer = { readonly reader: CountedReader } | { readonly option: string | undefined };

/** Options that decide what a value is, and never where a record ends. */
const NEUTRAL: ReadonlySet<string> = new Set([
  "mode",
  "columnNameOfCorruptRecord",
  "nullValue",
  "emptyValue",
  "nanValue",
  "positiveInf",
  "negativeInf",
  "dateFormat",
  "timestampFormat",
  "lineSep",
]);

const HONOURED: Readonly<Record<CountedReader["format"], ReadonlySet<string>>> = {
  json: new Set(["encoding", "multiLine", "jsonPath"]),
  csv: new Set(["encoding", "header", "skipRows", "multiLine", "sep", "quote", "escape", "comment"]),
};

/** Written with every byte of ASCII as itself, so that CSV needs no decoding to be counted. */
const ASCII_IN_ONE_BYTE: ReadonlySet<string> = new Set(["utf-8", "iso-8859-1", "iso-8859-9", "iso-8859-11"]);

/** @param told how the manifest says that the batch was read; undefined: as the names say, with default options */
export function countedReader(key: string, told: ReaderOptions | undefined): ReaderAnswer {
  // What lies in an archive are files of their own.
  if (/\.(?:zip|tar|tgz)\b/i.test(key)) return { option: undefined };
  const format = told?.format ?? formatOfName(key);
  if (format !== "json" && format !== "csv") return { option: undefined };
  const options = told?.options ?? {};
  const other = Object.keys(options).find((name) => !HONOURED[format].has(name) && !NEUTRAL.has(name));
  if (other !== undefined) return { option: `${format}.${other}` };
  const encoding = typeof options["encoding"] === "string" ? options["encoding"] : "utf-8";
  if (format === "json") {
    // The WHATWG's decoders know these two by other characters.
    if (encoding === "iso-8859-9" || encoding === "iso-8859-11") return { option: "json.encoding" };
    const { multiLine = "auto", jsonPath } = options;
    const path = Array.isArray(jsonPath) ? jsonPath.map(String) : undefined;
    return {
      reader: { format, encoding, multiLine: typeof multiLine === "boolean" ? multiLine : "auto", path },
    };
  }
  return csvReader(options, encoding);
}

function csvReader(options: Readonly<Record<string, unknown>>, encoding: string): ReaderAnswer {
  const { sep, header = true, skipRows = 0, multiLine = true } = options;
  const quote = byteOf(options["quote"] ?? '"');
  const separator = byteOf(sep);
  if (sep !== undefined && separator === undefined) return { option: "csv.sep" };
  return {
    reader: {
      format: "csv",
      encoding: ASCII_IN_ONE_BYTE.has(encoding) ? "utf-8" : encoding,
      hasHeader: header === true,
      skipRows: Number(skipRows),
      multiLine: multiLine === true,
      separator,
      quote,
      escape: byteOf(options["escape"]),
      comment: byteOf(options["comment"]),
    },
  };
}

/** Of one character of ASCII; undefined for all else. */
function byteOf(text: unknown): number | undefined {
  if (typeof text !== "string" || text.length !== 1) return undefined;
  const code = text.charCodeAt(0);
  return code < 128 ? code : undefined;
}
