/** The options of XML files. Names and meanings are Spark's. */
import { z } from "zod";
import { option } from "./option.ts";

/** A name as XML has it, near enough to catch `<row>` and paths. */
const NAME = /^[\p{L}_:][\p{L}\p{N}_:.-]*$/u;

function key(what: string) {
  return z.string().refine((text) => text !== "" && !text.includes("\0"), {
    error: `must be ${what}, not empty`,
  });
}

export const xmlShape = z.strictObject({
  rowTag: z
    .string()
    .refine((text) => NAME.test(text), { error: "must be the name of an element, without < and >" })
    .optional()
    .meta(
      option("text", "The element that is a row, wherever it stands; inside such an element it is a column."),
    ),
  attributePrefix: key("a prefix")
    .default("_")
    .meta(option("text", "What stands before an attribute's name in its column's.")),
  valueTag: key("a name")
    .default("_VALUE")
    .meta(option("text", "The column of an element's own text where it has attributes or children too.")),
  excludeAttribute: z.boolean().default(false).meta(option("boolean", "Whether attributes are left out.")),
  ignoreNamespace: z
    .boolean()
    .default(false)
    .meta(
      option(
        "boolean",
        "Whether the prefixes of names are left out: `a:id` is `id`, in `rowTag` too. Otherwise names are as written.",
      ),
    ),
  ignoreSurroundingSpaces: z
    .boolean()
    .default(true)
    .meta(option("boolean", "Whether blanks around an element's text are left out.")),
  nullValue: z
    .string()
    .default("null")
    .meta(option("text", "A text or attribute that stands for null. An empty one always does.")),
  rowValidationXSDPath: z
    .string()
    .refine((text) => text !== "", { error: "must be the path of a file, not empty" })
    .optional()
    .meta(
      option(
        "text",
        "An XSD, one file that holds the whole schema, against which each row's element is held by itself: a row that does not validate is rejected with the reason.",
      ),
    ),
});

export type XmlOptions = z.output<typeof xmlShape>;
