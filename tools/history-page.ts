/** The reference page of the history's table, from the very list that it is written by. */
import { HISTORY_COLUMNS } from "../src/ingest/history/history-columns.ts";
import { formatDdlType } from "../src/schema/format-ddl.ts";
import { table } from "./declaration-page.ts";

const HEAD = `# The history as a Delta table

<!-- Generated from src/ingest/history/history-columns.ts and tools/history-page.ts by \`node tools/docs.ts\`; change it there. -->

\`\`\`yaml
table:
  location: ./table
  history: true # or a folder: history: ./history
\`\`\`

What became of each file of each batch, as a table that any reader of Delta reads: one row for each file of each batch, with the counts of its records.
It lies in \`_landfall/<pipeline>/history\` below the table, where neither readers of the table nor a vacuum look; or in the folder that is named,
which several pipelines may share. \`landfall query\` ([query.md](query.md)) asks the ledger instead, and needs no table: it knows files that wait,
and what was archived or decided since.

- **Once.** Rows come from the manifests of committed batches. How far the table has come is a \`txn\` of its own in that very table
  (\`landfall-history-<pipeline id>\`), so that each batch is in it once, whatever is killed when.
- **When.** At the end of a run that ends by itself, for all of its batches; while a pipeline keeps running every five minutes at most, or once a
  hundred batches wait. What was left out when it was stopped, or died, is written by the next one.
- **It holds up nothing.** Where the table cannot be written the run goes on and warns, and a later one goes on from where the table stands.
- **It can be removed.** The next run that commits or starts writes it anew, from the first batch on.
- **Few files.** Every sixteen versions the files below a megabyte become one; what no version of the last week needs is removed. The table is not
  partitioned: its files lie one after the other by batch, and their statistics say which.

`;

/** The page's text. */
export function historyPage(): string {
  const rows = HISTORY_COLUMNS.map((one) => [`\`${one.name}\``, formatDdlType(one.type), one.meaning]);
  return `${HEAD}${table(["column", "type", "meaning"], rows)}`;
}
