/** The options of CSV and TSV files. Names and meanings are Spark's; where a default or a meaning differs, the description says so. */
import { z } from "zod";
import { encodingShape } from "./encoding-shape.ts";
import { option } from "./option.ts";
import { columnNameOfCorruptRecord, recordMode, type WithRecordMode } from "./record-mode.ts";
import { temporalPatternFault } from "./temporal-pattern.ts";

/** What Spark writes for "no character". */
const NO_CHARACTER = "\0";

/** `\t` and `\u0001` as they are typed on a command line. */
function withoutEscapes(text: string): string {
  return text
    .replaceAll("\\t", "\t")
    .replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

/** One punctuation character of ASCII, or none. */
function character() {
  return z
    .string()
    .transform((text) => (text === NO_CHARACTER || text === "\\u0000" ? "" : text))
    .refine((text) => /^[!-/:-@[-`{-~]?$/.test(text), {
      error: "must be one punctuation character of ASCII, or the empty text for none",
    });
}

function temporalPattern(kind: "date" | "timestamp") {
  return z
    .string()
    .superRefine((text, context) => {
      const fault = temporalPatternFault({ kind, text });
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    })
    .optional();
}

/** A text that stands for a number that is none. */
function special() {
  return z
    .string()
    .refine((text) => text !== "", { error: "must not be empty" })
    .optional();
}

const fields = z.strictObject({
  mode: recordMode,
  columnNameOfCorruptRecord,
  header: z
    .boolean()
    .default(true)
    .meta(
      option(
        "boolean",
        "The first record names the columns, which are found by name, in whatever order they stand. `false`: they are `_c0`, `_c1`, … as many as the first record has fields. Auto Loader's default is `false`.",
      ),
    ),
  sep: z
    .string()
    .transform(withoutEscapes)
    .refine((text) => /^[^\p{L}\p{N}"\r\n\0]{1,8}$/u.test(text), {
      error: "must be 1 to 8 characters, none of them a letter, digit, quote or line end; \\t for a tab",
    })
    .optional()
    .meta(
      option(
        "text",
        "What parts the fields of a record: one character or several, `\\t` for a tab. Left out: a comma; a tab in files named `.tsv` or `.tab`.",
      ),
    ),
  quote: character()
    .prefault('"')
    .meta(
      option(
        "text",
        "The character around fields that hold separators or line ends; empty: none. Inside, two of it stand for one.",
      ),
    ),
  escape: character()
    .optional()
    .meta(
      option(
        "text",
        "What makes a quote inside a quoted field part of its text, beside the doubled quote, which always does. Left out: nothing else does (RFC 4180); Spark's default is a backslash. Unquoted fields have no escapes.",
      ),
    ),
  charToEscapeQuoteEscaping: character()
    .optional()
    .meta(
      option(
        "text",
        "What makes `escape` itself plain text inside a quoted field. Left out: `escape`, so that `\\\\` is one backslash; empty: nothing does.",
      ),
    ),
  comment: character()
    .prefault("")
    .meta(option("text", "Lines that begin with it are left out and are no records. Empty: none.")),
  nullValue: z
    .string()
    .default("")
    .meta(
      option(
        "text",
        "A field of this text, quoted or not, is null. An unquoted empty field always is, a quoted one is the empty text.",
      ),
    ),
  emptyValue: z.string().default("").meta(option("text", "The text that a quoted empty field stands for.")),
  nanValue: special().meta(
    option(
      "text",
      "A field of this text is NaN in a DOUBLE or FLOAT column. Left out: none; Spark's default is `NaN`.",
    ),
  ),
  positiveInf: special().meta(
    option("text", "The same for infinity. Left out: none; Spark's default is `Inf`."),
  ),
  negativeInf: special().meta(
    option("text", "The same for minus infinity. Left out: none; Spark's default is `-Inf`."),
  ),
  dateFormat: temporalPattern("date").meta(
    option(
      "text",
      "How dates are written, in Spark's letters: `yyyy yy M MM d dd`, other characters and 'quoted' text as they stand, optional parts in `[ ]`. What is a number too is one, unless its column is typed or hinted DATE. Left out: `yyyy-MM-dd`.",
    ),
  ),
  timestampFormat: temporalPattern("timestamp").meta(
    option(
      "text",
      "The same for timestamps, with `H HH m mm s ss`, fractions `S` to `SSSSSSSSS` and zones `X`, `XX`, `XXX`. Left out: ISO 8601 to the second, with a fraction and a zone or without.",
    ),
  ),
  ignoreLeadingWhiteSpace: z
    .boolean()
    .default(false)
    .meta(option("boolean", "Blanks before a field are no part of it, nor those before its opening quote.")),
  ignoreTrailingWhiteSpace: z
    .boolean()
    .default(false)
    .meta(option("boolean", "Blanks behind a field are no part of it, nor those behind its closing quote.")),
  skipRows: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .meta(
      option(
        "count",
        "Lines at the beginning of a file, empty ones counted, that are neither header nor data.",
      ),
    ),
  multiLine: z
    .boolean()
    .default(true)
    .meta(
      option(
        "boolean",
        "Line ends inside quotes belong to the field. `false`: a line end always ends the record, and a quote that is open there makes this one record malformed. Auto Loader's default is `false`.",
      ),
    ),
  lineSep: z
    .string()
    .transform((text) => text.replaceAll("\\r", "\r").replaceAll("\\n", "\n"))
    .refine((text) => /^(?:\r\n|\r|\n)$/.test(text), {
      error: "must be \\n, \\r\\n or \\r, all of which end a record whichever is stated",
    })
    .optional()
    .meta(
      option(
        "text",
        "`\\n`, `\\r\\n` or `\\r`: taken for Spark's sake, since each of them ends a record always.",
      ),
    ),
  encoding: encodingShape,
});

export const csvShape = fields.superRefine((csv, context) => {
  const sep = csv.sep ?? ",";
  const collides = (name: "quote" | "escape" | "comment", character: string): void => {
    if (character !== "" && sep.includes(character))
      context.addIssue({
        code: "custom",
        path: [name],
        message: `must differ from sep, which is ${JSON.stringify(sep)}`,
      });
  };
  collides("quote", csv.quote);
  if (csv.escape !== undefined && csv.escape !== csv.quote) collides("escape", csv.escape);
  collides("comment", csv.comment);
  if (csv.comment !== "" && csv.comment === csv.quote)
    context.addIssue({ code: "custom", path: ["comment"], message: "must differ from quote" });
});

export type CsvOptions = WithRecordMode<z.output<typeof csvShape>>;

/** The same as people write them: what is left out has its default. */
export type CsvOptionsWritten = z.input<typeof csvShape>;
