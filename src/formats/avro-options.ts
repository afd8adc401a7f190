/** The options of Avro files. The name is Spark's. */
import { z } from "zod";
import { option } from "./option.ts";

export const avroShape = z.strictObject({
  avroSchema: z
    .string()
    .superRefine((text, context) => {
      const fault = schemaFault(text);
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    })
    .optional()
    .meta(
      option(
        "text",
        "The schema that the rows are to have: a record's, as JSON text, or the path of a file that holds it (`.avsc`). Files are read by Avro's rules of resolution: fields by name or alias, with defaults for those that a file lacks; others are left out. Left out: each file's own.",
      ),
    ),
});

export type AvroOptions = z.output<typeof avroShape>;

/** True for the schema itself, false for the path of a file. */
export function isSchemaText(text: string): boolean {
  return /^\s*[{["]/.test(text);
}

function schemaFault(text: string): string | undefined {
  if (text.trim() === "") return "must not be empty";
  if (!isSchemaText(text)) return undefined;
  try {
    const { type } = JSON.parse(text) as { readonly type?: unknown };
    return type === "record" ? undefined : 'must be the schema of a record: {"type": "record", …}';
  } catch {
    return "is no JSON text; the path of a file may stand in its place";
  }
}
