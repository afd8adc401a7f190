/**
 * `npm start`: ingests the example files with the real command line, shows what became of them, does it again to show that nothing
 * doubles, and exits 0 only if every count is the expected one. Starts from nothing each time.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";

interface Expected {
  readonly format: string;
  readonly hints: string;
  readonly records: number;
  readonly written: number;
  readonly rejected: number;
  readonly rescuedRows: number;
  readonly filesCommitted: number;
  readonly filesQuarantined: number;
}

const root = resolve(import.meta.dirname, "..");
const tables = join(root, "tmp", "example-tables");
const expected = JSON.parse(readFileSync(join(root, "examples/expected.json"), "utf8")) as Record<
  string,
  Expected
>;
const faults: string[] = [];

rmSync(tables, { recursive: true, force: true });
for (const name of Object.keys(expected)) ingest(name, expected[name]!);
landfall(["files", "list", relative(root, join(tables, "vehicles"))], "show");
show(
  "vehicles",
  "SELECT vehicle_id, count(*) AS events, max(recorded_at) AS last, round(avg(battery.soc), 1) AS soc FROM t GROUP BY vehicle_id ORDER BY vehicle_id",
);
show("vehicles", "SELECT _rescued_data FROM t WHERE _rescued_data IS NOT NULL");

if (faults.length > 0) {
  console.log(`\nNot as expected:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  process.exitCode = 1;
} else {
  console.log(
    "\nEvery count is the expected one. The tables are in tmp/example-tables; run it again, it starts afresh.",
  );
}

function ingest(name: string, counts: Expected): void {
  const table = relative(root, join(tables, name));
  const args = [`examples/files/${name}`, table, ...(counts.hints ? ["--hints", counts.hints] : [])];
  landfall(["ingest", ...args], "show");
  // Twice in a row: the second run finds nothing new.
  const again = JSON.parse(landfall(["ingest", ...args, "--json"], "quiet")) as RunDocument;
  compare(name, "files found by a second run", again.files.discovered, 0);
  compare(name, "rows written by a second run", again.rows.written, 0);
  compareStatus(name, table, counts);
  compare(name, "rows in the table", count(table, "true"), counts.written);
  compare(name, "rows with rescued values", count(table, "_rescued_data IS NOT NULL"), counts.rescuedRows);
}

/** What the ledger says of the files and their records. */
function compareStatus(name: string, table: string, counts: Expected): void {
  const status = JSON.parse(landfall(["status", table, "--json"], "quiet")) as StatusDocument;
  const { states: files, rows } = status.pipelines[0]!.summary;
  compare(name, "files committed", files.committed ?? 0, counts.filesCommitted);
  compare(name, "files quarantined", files.quarantined ?? 0, counts.filesQuarantined);
  compare(name, "records read", rows.read, counts.records);
  compare(name, "rows written", rows.written, counts.written);
  compare(name, "records rejected", rows.rejected, counts.rejected);
}

interface StatusDocument {
  readonly pipelines: readonly {
    readonly summary: {
      readonly states: { readonly committed?: number; readonly quarantined?: number };
      readonly rows: { readonly read: number; readonly written: number; readonly rejected: number };
    };
  }[];
}

function count(table: string, where: string): number {
  const sql = `SELECT count(*) AS rows FROM t WHERE ${where}`;
  const answer = JSON.parse(landfall(["table", "query", table, sql, "--json"], "quiet")) as {
    rows: unknown[][];
  };
  return Number(answer.rows[0]![0]);
}

interface RunDocument {
  readonly files: { readonly discovered: number; readonly committed: number; readonly quarantined: number };
  readonly rows: {
    readonly read: number;
    readonly written: number;
    readonly rescued: number;
    readonly rejected: number;
  };
}

function show(name: string, sql: string): void {
  landfall(["table", "query", relative(root, join(tables, name)), sql], "show");
}

function compare(name: string, what: string, found: number, wanted: number): void {
  if (found !== wanted) faults.push(`${name}: ${what}: ${found}, expected ${wanted}`);
}

function landfall(args: readonly string[], output: "quiet" | "show"): string {
  if (output === "show") announce(args);
  const run = spawnSync(process.execPath, [join(root, "bin/landfall.js"), ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", output === "show" ? "inherit" : "pipe", "inherit"],
  });
  // 1 means that something needs a person: the broken file among the examples does.
  if (run.status !== 0 && run.status !== 1) {
    console.error(`landfall ${args.join(" ")} ended with exit code ${String(run.status)}.`);
    process.exit(1);
  }
  return run.stdout;
}

function announce(args: readonly string[]): void {
  const words = args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`));
  console.log(`\n$ landfall ${words.join(" ")}`);
}
