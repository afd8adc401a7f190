/** What becomes of records that cannot be read: the options that JSON and CSV share. The words are Spark's. */
import { z } from "zod";
import { option } from "./option.ts";

export const RECORD_MODES = ["PERMISSIVE", "DROPMALFORMED", "FAILFAST"] as const;

export type RecordMode = (typeof RECORD_MODES)[number];

export const recordMode = z
  .enum(RECORD_MODES)
  .default("PERMISSIVE")
  .meta(
    option(
      "choice",
      "What becomes of a record that cannot be read. `PERMISSIVE` and `DROPMALFORMED` mean the same: it is rejected, kept and counted, where Spark makes a row of nulls of it or drops it in silence; with `columnNameOfCorruptRecord` it is a row of its text. `FAILFAST`: the batch fails with its file, number and place, and nothing is committed. A file that is damaged as a whole is quarantined in every mode.",
    ),
  );

export const columnNameOfCorruptRecord = z
  .string()
  .refine((text) => text.trim() !== "", { error: "must be a column name, not empty" })
  .optional()
  .meta(
    option(
      "text",
      "The STRING column that keeps the text of a record that cannot be read. The record is then no reject but a row: null in every column of the data, its text here (the first MiB of a longer one; U+FFFD for bytes that are not UTF-8), and counted as `corrupt`. The table gets the column if it lacks it; no key of the data goes into it. Left out: none, and such records are rejected.",
    ),
  );

/** A format's options as readers take them: most look at records and need no mode. */
export type WithRecordMode<Options extends { readonly mode: RecordMode }> = Omit<Options, "mode"> & {
  /** Absent: PERMISSIVE. */
  readonly mode?: RecordMode;
};
