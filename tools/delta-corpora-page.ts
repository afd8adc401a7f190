/** The catalogue of other programs' Delta tables: what each shows, and what reading it answers, from the very list that a test goes by. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "./declaration-page.ts";

const HEAD = `# Delta tables of others

<!-- Generated from test/tables/delta-rows.tsv by \`node tools/docs.ts\`; change it there. -->

Tables that Spark, Databricks, delta-rs and the Delta kernels wrote, from their public repositories (delta-io, Apache-2.0). They are no part of this
repository; \`test/tables/delta-rows.test.ts\` reads each of them at its newest version and compares:

- **as Spark reads them**: every value equals what Spark kept as its answer: types, decimals, instants, nested values;
- **as another reader counts**: as many rows as an independent reader finds;
- rows alone: nothing is known to compare with;
- an error's code: the table is damaged, is none, or needs what is not supported. \`OBJECT_MISSING\` stands where only the log was published, without
  the data files. What each code means: [errors.md](errors.md).

What becomes of their logs, and whether Landfall appends to them, stands in \`test/tables/delta-corpora.tsv\`.

`;

/** The page's text. */
export function deltaCorporaPage(): string {
  const list = readFileSync(join(import.meta.dirname, "../test/tables/delta-rows.tsv"), "utf8");
  const lines = list.trimEnd().split("\n");
  const rows = lines.filter((line) => !line.startsWith("#")).map((line) => line.split("\t"));
  return `${HEAD}${table(
    ["table", "what it shows", "answer"],
    rows.map(([name, shows, answer]) => [
      `\`${name!}\``,
      shows!,
      /^[A-Z]/.test(answer!) ? `\`${answer!}\`` : answer!,
    ]),
  )}`;
}
