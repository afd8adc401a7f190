/** The options of text files. Names and meanings are Spark's. */
import { z } from "zod";
import { encodingShape } from "./encoding-shape.ts";
import { option } from "./option.ts";

const ESCAPES: Readonly<Record<string, string>> = { "\\r": "\r", "\\n": "\n", "\\t": "\t" };

export const textShape = z.strictObject({
  encoding: encodingShape,
  wholeText: z
    .boolean()
    .default(false)
    .meta(option("boolean", "Whether a file is one row; otherwise each of its lines is, empty ones too.")),
  lineSep: z
    .string()
    .min(1)
    .transform((text) => text.replaceAll(/\\[rnt]/g, (escape) => ESCAPES[escape]!))
    .optional()
    .meta(
      option(
        "text",
        "What ends a line: any text, `\\r`, `\\n` and `\\t` for those characters. Left out: LF, CRLF and CR, each of them.",
      ),
    ),
});

export type TextOptions = z.output<typeof textShape>;
