/** What becomes of records that cannot be read: the option that JSON and CSV share. The words are Spark's. */
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
      "What becomes of a record that cannot be read. `PERMISSIVE` and `DROPMALFORMED` mean the same: it is rejected, kept and counted, where Spark makes a row of nulls of it or drops it in silence. `FAILFAST`: the batch fails with its file, number and place, and nothing is committed. A file that is damaged as a whole is quarantined in every mode.",
    ),
  );

/** A format's options as readers take them: most look at records and need no mode. */
export type WithRecordMode<Options extends { readonly mode: RecordMode }> = Omit<Options, "mode"> & {
  /** Absent: PERMISSIVE. */
  readonly mode?: RecordMode;
};
