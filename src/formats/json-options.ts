/** The options of JSON files. Names are Spark's and Auto Loader's where they have one. */
import { z } from "zod";
import { encodingShape } from "./encoding-shape.ts";
import { parseJsonPath } from "./json-path.ts";
import { option } from "./option.ts";
import { columnNameOfCorruptRecord, recordMode, type WithRecordMode } from "./record-mode.ts";

export const jsonShape = z.strictObject({
  mode: recordMode,
  columnNameOfCorruptRecord,
  encoding: encodingShape,
  multiLine: z
    .literal(["auto", true, false, "true", "false"])
    .transform((value) => (value === "auto" ? value : String(value) === "true"))
    .prefault("auto")
    .meta(
      option(
        "choice",
        "`false`: each line is a record. `true`: records are whole values over any lines: objects one after the other, or the elements of arrays. " +
          "`auto` looks at the first value of each file: `[`, an object with another value behind it on its line, and an object that goes on over lines as JSON does (or opens with `{` alone on its line) mean `true`; all else means `false`.",
      ),
    ),
  jsonPath: z
    .string()
    .transform((text, context) => {
      const keys = parseJsonPath(text);
      if (keys !== undefined) return keys;
      context.addIssue({
        code: "custom",
        message: "must be keys below $, such as $.data.items or $['a b'].items, without filters",
      });
      return z.NEVER;
    })
    .optional()
    .meta(
      option(
        "text",
        "Where the records stand in a document: the array (or object) at these keys, `$.data.items`. What stands beside it is skipped; a file with a document that lacks it is quarantined.",
      ),
    ),
});

export type JsonOptions = WithRecordMode<z.output<typeof jsonShape>>;
