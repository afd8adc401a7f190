/** The reference page of types: what is inferred, and what fits which column, from the very table that the program goes by. */
import { COLUMN_KINDS, FITS, type Verdict } from "../src/schema/fit.ts";
import { VALUE_CLASSES } from "../src/schema/value-class.ts";

const HEAD = `# Types: what is inferred and what fits

<!-- Generated from src/schema/fit.ts by \`node tools/docs.ts\`; change it there. -->

No cast loses a digit or changes a meaning: a value that does not fit its column stands in \`_rescued_data\` as it was written.

## The lattice

What a column becomes when it is seen first, over all rows of a batch; the order of the files does not matter
(\`src/schema/infer-schema.test.ts\`). A column that stands in the table never changes its type. A hint or an explicit column goes before.

| seen at a path, nulls aside                   | column                                                              |
| --------------------------------------------- | ------------------------------------------------------------------- |
| integers within 64 bits                       | LONG                                                                |
| fractions, or integers and fractions          | DOUBLE if every value fits, else STRING of the source text          |
| integers beyond 64 bits                       | STRING of the source text                                           |
| both, with \`prefersDecimal\`                 | DECIMAL of the digits seen, up to 38; else as above                 |
| true, false                                   | BOOLEAN                                                             |
| date and time, at most 6 digits of a fraction | TIMESTAMP; without a zone it means \`timeZone\`                       |
| dates                                         | DATE                                                                |
| dates and times, or other text                | STRING                                                              |
| objects                                       | STRUCT, field by field                                              |
| arrays                                        | ARRAY of what their elements are together                           |
| two kinds                                     | STRING of the source text                                           |
| only null, \`{}\` or \`[]\`                       | none yet; a present \`{}\` or \`[]\` is rescued                         |

A decimal fits DOUBLE when the shortest text that DOUBLE prints has the same decimal value.

## What fits which column

`;

const MARKS: Readonly<Record<Verdict, string>> = {
  fits: "fits",
  byValue: "by value",
  sourceText: "text",
  rescued: "–",
};

const MEANINGS: Readonly<Record<string, string>> = {
  NULL: "null",
  BOOL: "true, false",
  INT8: "integer, 8 bits",
  INT16: "integer, 16 bits",
  INT32: "integer, 32 bits",
  INT15: "integer, 15 digits at most",
  INT64_EXACT: "integer, 64 bits, exact as DOUBLE",
  INT64: "integer, 64 bits, not exact as DOUBLE",
  BIG_EXACT: "integer beyond 64 bits, exact as DOUBLE",
  BIG: "integer beyond 64 bits",
  DEC: "fraction that DOUBLE keeps",
  DEC_LONG: "fraction with more digits",
  EXP: "with exponent, DOUBLE keeps it",
  EXP_LONG: "with exponent, DOUBLE would not",
  TS_ZONED: "date and time with zone",
  TS_LOCAL: "date and time without zone",
  TS_NANO: "date and time, over 6 digits of a fraction",
  DATE: "date",
  STR: "other text",
  OBJ: "object",
  ARR: "array",
};

/** The page's text. */
export function typesPage(): string {
  const classes = VALUE_CLASSES.filter((name) => name !== "DUP");
  const kinds = COLUMN_KINDS.filter((kind) => kind !== "none");
  const head = `| JSON value | ${kinds.join(" | ")} |\n| --- |${" --- |".repeat(kinds.length)}`;
  const rows = classes.map(
    (name) =>
      `| ${MEANINGS[name] ?? name} | ${kinds.map((kind) => MARKS[FITS[kind][name].verdict]).join(" | ")} |`,
  );
  const key = `
*by value*: held if every digit fits, else rescued. *text*: a string column holds the JSON source text of other values. *–*: rescued. Of equal keys in one
object the last counts, and those before it are rescued. Reasons:

${kinds.map((kind) => reasonOf(kind)).join("\n")}
`;
  return `${HEAD}${head}\n${rows.join("\n")}\n${key}`;
}

function reasonOf(kind: (typeof COLUMN_KINDS)[number]): string {
  const reasons = VALUE_CLASSES.map((name) => FITS[kind][name]).filter((fit) => fit.verdict === "rescued");
  const own = reasons
    .map((fit) => fit.reason)
    .find((reason) => reason !== "" && !reason.startsWith("the last of equal keys"));
  return `- \`${kind}\`: ${own ?? "takes everything"}`;
}
