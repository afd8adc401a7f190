/** The reference page of `landfall query`: its tables, from the very list that the command goes by. */
import { LEDGER_TABLES } from "../src/operate/ledger-tables.ts";
import { formatDdlType } from "../src/schema/format-ddl.ts";
import { table } from "./declaration-page.ts";

const HEAD = `# \`landfall query\`

<!-- Generated from src/operate/ledger-tables.ts and tools/query-page.ts by \`node tools/docs.ts\`; change it there. -->

\`\`\`sh
landfall query ./table                        # the tables and their columns
landfall query ./table "SELECT state, count(*) FROM files GROUP BY state"
landfall query pipeline.yaml "SELECT reason, count(*) FROM rejects GROUP BY reason" --csv
\`\`\`

One SELECT, in DuckDB's SQL, over what the pipelines that feed a table know: of each file, each batch and each rejected record. Several
pipelines are in the column \`pipeline\`; \`--name\`, or a declaration in place of the table, asks one. The answer is that of one moment of each
ledger, and may be asked for during a run. A ledger that is lost is rebuilt to look at, which is said; what waits is not known then.

Columns keep their names and types; new ones are added behind the others. Instants are in UTC. \`--json\` prints one document
([json-output.md](json-output.md)), \`--csv\` CSV with a header, in which null is an empty field; \`--limit\` is 1,000 rows unless it is given.

The query runs on copies, on an instance of the engine that can open nothing else: no SQL reads another file, and none changes anything. A million
files take some seconds to copy; a table that the query does not name is not copied. Other programs get the same by
\`queryLedger\` ([library](../guide/library.md)).
`;

/** The page's text. */
export function queryPage(): string {
  const chapters = LEDGER_TABLES.map(({ name, meaning, columns }) => {
    const rows = columns.map((one) => [`\`${one.name}\``, formatDdlType(one.type), one.meaning]);
    const heading = `## \`${name}\`\n\n${meaning[0]!.toUpperCase()}${meaning.slice(1)}.`;
    return `${heading}\n\n${table(["column", "type", "meaning"], rows)}`;
  });
  return `${HEAD}\n${chapters.join("\n")}`;
}
