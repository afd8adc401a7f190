/** The reference page of the expressions in a table's metadata: its functions, from the very list that the translation goes by. */
import { CLOCK_FUNCTIONS, KNOWN_FUNCTIONS } from "../src/engine/expressions/translate-call.ts";
import { table } from "./declaration-page.ts";

const HEAD = `# Expressions of a table

<!-- Generated from src/engine/expressions/ and tools/expressions-page.ts by \`node tools/docs.ts\`; change it there. -->

A Delta table may carry Spark SQL in its metadata: CHECK constraints (\`delta.constraints.*\`), column invariants (\`delta.invariants\`), generated
columns (\`delta.generationExpression\`) and defaults (\`CURRENT_DEFAULT\`). Whoever writes rows must compute it as Spark does. Landfall reads the text
by a grammar of its own and translates each piece into SQL of its engine with every type said. A piece of which the same value is not known for
every row is refused, by EXPRESSION_UNKNOWN, which names the constraint or the column and the piece; nothing is written then.

What is computed is what Spark 4 computes with its defaults (ANSI mode): a number that its type does not hold, a division by zero and a text that is
no number are errors. \`test/judges/expressions.spark.test.ts\` has Spark compute the same expressions for the same rows.

A row breaks a constraint or an invariant unless it is true: null and an error are breaches too. A row breaks a generated column whose value is
given and is not the expression's. Both are CONSTRAINT_VIOLATED, with the rule and the values of the columns that it names. A field that must not be
null is null where its struct is. \`test/judges/table-rules.spark.test.ts\` has Spark take and refuse the same rows.
`;

const KNOWN: readonly (readonly string[])[] = [
  ["columns", "in any case, quoted by backticks, fields of structs by `.`"],
  [
    "literals",
    "numbers with and without suffix (`1`, `1L`, `1S`, `1Y`, `1.5`, `1.5BD`, `1.5D`, `1.5F`, `1e3`), texts in either quotes with Spark's escapes, `r'…'`, `X'…'`, `DATE '…'`, `TIMESTAMP '…'`, `TIMESTAMP_NTZ '…'`, `TRUE`, `FALSE`, `NULL`",
  ],
  ["logic", "`AND`, `OR`, `NOT`, `!`; the right side is computed only where the left one leaves it open"],
  [
    "comparisons",
    "`=`, `==`, `<>`, `!=`, `<`, `<=`, `>`, `>=`, `<=>`, `IS [NOT] DISTINCT FROM`, `[NOT] IN (…)`, `[NOT] BETWEEN`; numbers of all types, texts by their bytes, times also with a text; NaN equals itself and is above all",
  ],
  ["tests", "`IS [NOT] NULL`, `TRUE`, `FALSE`, `UNKNOWN`"],
  ["patterns", "`[NOT] LIKE` with a pattern that stands there, `ESCAPE`"],
  [
    "arithmetic",
    "`+`, `-`, `*`, `/`, `%`, `DIV` of numbers; `+`, `-`, `*`, `%` of decimals while 38 digits hold the result",
  ],
  ["choices", "`CASE` in both forms"],
  ["casts", "`CAST(… AS type)`: see below"],
];

const CASTS: readonly (readonly string[])[] = [
  [
    "whole number, decimal",
    "whole number, decimal, DOUBLE, STRING; a fraction is cut off, a decimal's is rounded",
  ],
  ["whole number", "FLOAT"],
  ["FLOAT, DOUBLE", "whole number, cut off; FLOAT to DOUBLE"],
  ["BOOLEAN", "whole number, STRING"],
  ["DATE", "TIMESTAMP (in UTC), TIMESTAMP_NTZ, STRING"],
  ["TIMESTAMP", "DATE, TIMESTAMP_NTZ, STRING"],
  ["TIMESTAMP_NTZ", "DATE, TIMESTAMP (in UTC), STRING"],
  [
    "STRING",
    "whole number, decimal, FLOAT, DOUBLE of digits; BOOLEAN of `true` and `false`; DATE of `2024-02-29`; TIMESTAMP and TIMESTAMP_NTZ of `2024-02-29 10:00:00` with up to six digits of a fraction, and `Z` or `+01:00`. Another text is an error at its row",
  ],
];

const REFUSED: readonly (readonly string[])[] = [
  [
    "functions that are not in the list, `current_user()`, `rand()`, `uuid()`",
    "their value is another in each engine, or at each time",
  ],
  ["RLIKE, regular expressions", "Java's and the engine's are not the same language"],
  [
    "`a[0]`, `map['k']`, `(…).field`, lambdas, comparisons of structs, arrays and maps",
    "not translated yet; they may be tested for null",
  ],
  ["subqueries, aggregates, windows", "a rule speaks of one row"],
  ["a number beside a text (`s > 5`)", "what Spark makes of it depends on its settings; write CAST"],
  [
    "division of decimals, decimals of more than 38 digits, DOUBLE to DECIMAL, FLOAT and DOUBLE to STRING",
    "the digits differ",
  ],
  ["`'it''s'`, two texts in a row", "Spark 3 and Spark 4 read them differently"],
  ["columns with a collation; CHAR(n) in an expression", "they are not compared by their bytes"],
  ["`INTERVAL`, `::`, `&`, `|`, `^`, `~`", "not translated yet"],
  ["years of other than four digits as text", "an error at its row: the engines write them differently"],
];

/** The page's text. */
export function expressionsPage(): string {
  const functions = Object.entries(KNOWN_FUNCTIONS).map(([name, { says }]) => [`\`${name}\``, says]);
  return `${HEAD}
## What is known

${table(["piece", "of it"], KNOWN)}

### Functions

${table(["function", "what it takes and gives"], functions)}

A default may ask the time as well, by ${CLOCK_FUNCTIONS.map((name) => `\`${name}\``).join(", ")}: one time for all rows of a write.

### Casts

${table(["from", "to"], CASTS)}

## Time zone

The date and the hour of a TIMESTAMP are those in UTC, as for all of Landfall. Spark takes its session's time zone: a table that is written from
sessions of several zones has a generated date of each.

## What is refused

${table(["piece", "why"], REFUSED)}
`;
}
