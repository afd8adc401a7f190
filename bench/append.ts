/** Two million nested rows into a new table, against two peers that check nothing and the file source of Spark. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  type Bench,
  type BenchOptions,
  MEMORY_BAR_MB,
  documentOf,
  expectCount,
  freshTable,
  lastLine,
  printsRows,
  scaled,
} from "./bench.ts";
import { cleanRows, plantedRows, warm } from "./data.ts";
import { landfall, peer } from "./paths.ts";
import { type FoundRow, LATE_KEY, PLANTED_COLUMN, plantedFaults } from "./planted.ts";
import { type Contender, type Standing, race, timeAgainst } from "./race.ts";
import type { BenchReport, Figure } from "./report.ts";

const ROWS = 2_000_000;
const FILES = 20;

export const append: Bench = { name: "append", run: runAppend };

async function runAppend(options: BenchOptions): Promise<BenchReport> {
  const rows = scaled(options, ROWS, FILES);
  const clean = await cleanRows(options.cache, rows, FILES);
  const source = await plantedRows(options.cache, rows, FILES);
  await warm(clean);
  await warm(source);
  const contenders: Contender[] = [
    ours(options, { name: "landfall", source, rows, planted: "inferred" }),
    deltaRs(options, source, rows),
    rawDuckdb("duckdb-append.ts", options, source, rows),
    ours(options, { name: "landfall, odo_m BIGINT", source, rows, planted: "hinted" }),
    ours(options, { name: "landfall, clean", source: clean, rows, planted: "none" }),
    ...(options.spark ? [spark(options, source, rows)] : []),
  ];
  const standings = await race(contenders, options);
  return {
    name: append.name,
    work: `${rows.toLocaleString("en")} rows of nested NDJSON in ${FILES} files into a new table: types found, every value checked, statistics written.`,
    figures: figures(standings),
    stages: documentOf(standings[0]!.typical, { code: 0 }).stages,
    notes: [
      `Planted into late files: a new key, a number of 30 digits and a 1.5 in \`${PLANTED_COLUMN}\`, a column of integers. Each stands exactly in its column or in \`_rescued_data\` (read by delta-rs), or the bench fails.`,
      `The peers are given the schema, with \`${PLANTED_COLUMN}\` as a double, and lose what was planted without a word. "hinted" has \`${PLANTED_COLUMN}\` as BIGINT, so both numbers are rescued; "clean" has nothing planted.`,
      "Spark's seconds are those of the query, without the start of its session.",
    ],
  };
}

function figures(standings: readonly Standing[]): Figure[] {
  const [landfallRun, deltaRsRun, duckdbRun, hinted, cleanRun, sparkRun] = standings as [
    Standing,
    Standing,
    Standing,
    Standing,
    Standing,
    Standing?,
  ];
  return [
    timeAgainst("time", landfallRun, deltaRsRun, 0.75),
    timeAgainst("time", landfallRun, duckdbRun, 1.7),
    ...(sparkRun === undefined ? [] : [timeAgainst("time", landfallRun, sparkRun, 1 / 7)]),
    timeAgainst("time, hinted", hinted, duckdbRun),
    timeAgainst("time, clean", cleanRun, duckdbRun),
    {
      what: "peak memory, all processes",
      unit: "MB",
      ours: Math.max(...[landfallRun, hinted, cleanRun].map((run) => run.peakBytes)) / 1e6,
      bar: MEMORY_BAR_MB,
    },
    {
      what: "peak memory",
      unit: "MB",
      ours: landfallRun.peakBytes / 1e6,
      peer: { name: "delta-rs", value: deltaRsRun.peakBytes / 1e6 },
    },
  ];
}

function ours(
  options: BenchOptions,
  contender: {
    readonly name: string;
    readonly source: string;
    readonly rows: number;
    readonly planted: "inferred" | "hinted" | "none";
  },
): Contender {
  const { name, source, rows, planted } = contender;
  const table = freshTable(options, "landfall");
  const hints = planted === "hinted" ? ["--hints", `${PLANTED_COLUMN} BIGINT`] : [];
  return {
    name,
    command: landfall("ingest", source, table.path, "--json", ...hints),
    before: table.empty,
    check: (run) => {
      const document = documentOf(run, { code: 0 });
      expectCount("rows written", document.rows.written, rows);
      if (planted === "none") return;
      const faults = plantedFaults(readPlanted(table.path), { hintedBigint: planted === "hinted" });
      if (faults.length > 0) throw new Error(`planted values are lost: ${faults.join("; ")}`);
    },
  };
}

function readPlanted(table: string): FoundRow[] {
  const { program, args, env } = peer("planted.py", table, PLANTED_COLUMN, LATE_KEY);
  const found = spawnSync(program, args, { encoding: "utf8", env: { ...process.env, ...env } });
  if (found.status !== 0) throw new Error(`delta-rs could not read the table:\n${found.stderr}`);
  return JSON.parse(found.stdout) as FoundRow[];
}

/** delta-rs with pyarrow's JSON reader. */
export function deltaRs(options: BenchOptions, source: string, rows: number): Contender {
  const table = freshTable(options, "delta-rs");
  return {
    name: "delta-rs",
    command: peer("delta_rs_append.py", source, table.path),
    before: table.empty,
    check: printsRows(rows),
  };
}

/** Raw DuckDB by one of the scripts of `bench/peers`, which know the schema. */
export function rawDuckdb(
  script: "duckdb-append.ts" | "duckdb-csv.ts" | "duckdb-parquet.ts",
  options: BenchOptions,
  source: string,
  rows: number,
): Contender {
  const table = freshTable(options, "duckdb");
  const threads = String(availableParallelism());
  return {
    name: "DuckDB",
    command: peer(script, source, join(table.path, "rows.parquet"), threads),
    before: table.empty,
    check: printsRows(rows),
  };
}

function spark(options: BenchOptions, source: string, rows: number): Contender {
  const table = freshTable(options, "spark");
  return {
    name: "Spark",
    command: peer("spark_append.py", source, table.path),
    before: table.empty,
    check: printsRows(rows),
    seconds: (run) => (lastLine(run) as { seconds: number }).seconds,
  };
}
