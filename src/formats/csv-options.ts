/** The options of CSV and TSV files. Names and meanings are Spark's; where a default differs, its description says so. */
import { z } from "zod";
import { option } from "./option.ts";
import { recordMode, type WithRecordMode } from "./record-mode.ts";

export const csvShape = z.strictObject({
  mode: recordMode,
  sep: z
    .string()
    .transform((text) => (text === "\\t" ? "\t" : text))
    .refine((text) => /^[\t\x20-\x7e]$/.test(text) && !/["\w]/.test(text), {
      error: "must be one ASCII character that is no letter, digit or quote, or \\t for a tab",
    })
    .prefault(",")
    .meta(option("text", "What parts the fields of a record: one character, `\\t` for a tab.")),
});

export type CsvOptions = WithRecordMode<z.output<typeof csvShape>>;
