import process from "node:process";
import { systemClock } from "../../base/clock.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { LEDGER_TABLES } from "../../operate/ledger-tables.ts";
import { queryLedger, type LedgerQueryResult } from "../../operate/query-ledger.ts";
import { pipelinesOf } from "../../operate/table-view.ts";
import { formatDdlType } from "../../schema/format-ddl.ts";
import { csvLines } from "../csv-lines.ts";
import { printDocument, printLines, terminalWidth, wrapped } from "../print-result.ts";
import { tableOrPipeline } from "../table-or-pipeline.ts";
import { textTable } from "../text-table.ts";
import { wholeNumber } from "../whole-number.ts";

export interface QueryFlags {
  readonly json?: true;
  readonly csv?: true;
  readonly limit: string;
  readonly name?: string;
  readonly state?: string;
}

/** `landfall query <table|pipeline.yaml> [sql]` */
export async function queryCommand(options: {
  readonly place: string;
  readonly sql: string | undefined;
  readonly flags: QueryFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { sql, flags, signal } = options;
  const { location, name } = await tableOrPipeline(options.place, flags);
  const limit = wholeNumber("--limit", flags.limit);
  const result = await withTableView({ location, state: flags.state }, async (view) => {
    if (sql !== undefined)
      return queryLedger(view, { sql, limit, pipeline: name, clock: systemClock, signal });
    // A wrong place or name is told, whatever was asked.
    await pipelinesOf(view.storage, name);
    return undefined;
  });
  if (result === undefined) {
    if (flags.json === true) printDocument({ tables: described() });
    else printLines(tableLines(options.place));
    return 0;
  }
  for (const pipeline of result.rebuilt) {
    process.stderr.write(
      `the ledger of "${pipeline}" is lost: answered is what the manifests say; the next run rebuilds it\n`,
    );
  }
  print(result, flags);
  if (result.truncated)
    process.stderr.write(`cut off after ${result.rows.length} rows; --limit gives more\n`);
  return 0;
}

function print(result: LedgerQueryResult, flags: QueryFlags): void {
  const columns = result.columns.map(({ name }) => name);
  const { rows } = result;
  if (flags.json === true) printDocument(result);
  else if (flags.csv === true) printLines(csvLines({ columns, rows }));
  else
    printLines([
      textTable({
        columns,
        rows,
        width: terminalWidth(),
        widestCell: terminalWidth() === undefined ? Number.MAX_SAFE_INTEGER : 100,
        keepEnd: ["file", "key", "moved_to"],
      }),
    ]);
}

function described(): object[] {
  return LEDGER_TABLES.map(({ name, meaning, columns }) => ({
    name,
    meaning,
    columns: columns.map((one) => ({ name: one.name, type: formatDdlType(one.type), meaning: one.meaning })),
  }));
}

function tableLines(place: string): string[] {
  const lines: string[] = [];
  for (const { name, meaning, columns } of LEDGER_TABLES) {
    const width = Math.max(...columns.map((one) => one.name.length));
    lines.push(`${name}: ${meaning}`, "");
    for (const one of columns) {
      const head = `  ${one.name.padEnd(width)}  ${formatDdlType(one.type).padEnd(9)}  `;
      const [first, ...rest] = wrapped(one.meaning, " ".repeat(head.length));
      lines.push(head + first!.trimStart(), ...rest);
    }
    lines.push("");
  }
  return [
    ...lines,
    `$ landfall query ${place} "SELECT state, count(*) AS files, sum(rows_read) AS rows FROM files GROUP BY state"`,
  ];
}
