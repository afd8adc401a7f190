/** Opening tables with long logs and planning a scan that matches one file in a hundred; the count of rows from statistics. */
import { createWriteStream } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { once } from "node:events";
import { seededRandom, type Random } from "../examples/generate/random.ts";
import type { AddFile } from "../src/delta/actions.ts";
import { checkpointColumns } from "../src/delta/checkpoint-schema.ts";
import { createTableActions } from "../src/delta/create-table.ts";
import { duckdbEngine } from "../src/engine/duckdb-engine.ts";
import { nullableField, type StructType } from "../src/schema/data-type.ts";
import { type Bench, type BenchOptions, printsRows, scaled } from "./bench.ts";
import { kept } from "./data.ts";
import { peer, program } from "./paths.ts";
import { race, timeAgainst, type Contender } from "./race.ts";
import type { BenchReport, Figure } from "./report.ts";

const COMMITS = 10_000;
/** Files in the checkpoint that is opened. */
export const CHECKPOINT_ADDS = 1_000_000;
const PARTS = 100;
const ROWS_A_FILE = 1000;
const SEED = 20_261_122;

const SCHEMA: StructType = {
  type: "struct",
  fields: [
    nullableField("id", "long"),
    nullableField("at", "timestamp"),
    nullableField("station", "string"),
    nullableField("reading", "double"),
    nullableField("part", "integer"),
  ],
};

export const openCommits: Bench = { name: "open-commits", run: runOpenCommits };
export const openCheckpoint: Bench = { name: "open-checkpoint", run: runOpenCheckpoint };
export const countCheckpoint: Bench = { name: "count-checkpoint", run: runCountCheckpoint };

async function runOpenCommits(options: BenchOptions): Promise<BenchReport> {
  const commits = scaled(options, COMMITS, PARTS);
  const table = await tableOfCommits(options, commits);
  const standings = await race(planners(table, commits), options);
  return {
    name: openCommits.name,
    work: `Open a table of ${commits.toLocaleString("en")} commits without a checkpoint and plan a scan of one file in a hundred.`,
    figures: planFigures(standings, { seconds: 2 }),
    notes: NOTES,
  };
}

async function runOpenCheckpoint(options: BenchOptions): Promise<BenchReport> {
  const adds = scaled(options, CHECKPOINT_ADDS, PARTS);
  const table = await tableOfCheckpoint(options, adds);
  const standings = await race(planners(table, adds), options);
  return {
    name: openCheckpoint.name,
    work: `Open a table with ${adds.toLocaleString("en")} files in its checkpoint and plan a scan of one file in a hundred.`,
    figures: planFigures(standings, { seconds: 5, megabytes: 1200 }),
    notes: NOTES,
  };
}

async function runCountCheckpoint(options: BenchOptions): Promise<BenchReport> {
  const adds = scaled(options, CHECKPOINT_ADDS, PARTS);
  const table = await tableOfCheckpoint(options, adds);
  const check = printsRows(adds * ROWS_A_FILE);
  const [ours, deltaRs] = await race(
    [
      { name: "landfall", command: planner(table), check },
      { name: "delta-rs", command: peer("delta_rs_plan.py", table), check },
    ],
    options,
  );
  return {
    name: countCheckpoint.name,
    work: `The rows of a table with ${adds.toLocaleString("en")} files in its checkpoint, counted from statistics.`,
    figures: [
      timeAgainst("time", ours!, deltaRs!, 1.5),
      { what: "peak memory, all processes", unit: "MB", ours: ours!.peakBytes / 1e6, bar: 1200 },
    ],
    notes: ["No data file is there to be opened."],
  };
}

const NOTES: readonly string[] = [
  "Whole processes; ours starts the engine, which reads the condition. delta-rs lists the files of a partition and does not look at statistics there.",
];

function planner(...args: readonly string[]): Contender["command"] {
  return program("plan-process.ts", ...args);
}

/** By statistics, by the partition, and delta-rs by the partition. */
function planners(table: string, files: number): Contender[] {
  const share = Math.floor(files / PARTS);
  const from = 42 * share * ROWS_A_FILE;
  const byStatistics = `id >= ${from} AND id < ${from + share * ROWS_A_FILE}`;
  const check = printsRows(share);
  return [
    { name: "landfall, by statistics", command: planner(table, byStatistics), check },
    { name: "landfall, by partition", command: planner(table, "part = 42"), check },
    { name: "delta-rs", command: peer("delta_rs_plan.py", table, "42"), check },
  ];
}

function planFigures(
  standings: Awaited<ReturnType<typeof race>>,
  bars: { readonly seconds: number; readonly megabytes?: number },
): Figure[] {
  const [byStatistics, byPartition, deltaRs] = standings as [
    (typeof standings)[number],
    (typeof standings)[number],
    (typeof standings)[number],
  ];
  const megabytes = bars.megabytes === undefined ? {} : { bar: bars.megabytes };
  const peak = Math.max(byStatistics.peakBytes, byPartition.peakBytes) / 1e6;
  return [
    { what: "by statistics", unit: "s", ours: byStatistics.seconds, bar: bars.seconds },
    timeAgainst("by statistics, delta-rs by partition", byStatistics, deltaRs, 1.5),
    timeAgainst("by partition", byPartition, deltaRs, 1.5),
    { what: "peak memory, all processes", unit: "MB", ours: peak, ...megabytes },
    { what: "peak memory of delta-rs", unit: "MB", ours: deltaRs.peakBytes / 1e6 },
  ];
}

/** One file a commit. */
function tableOfCommits(options: BenchOptions, commits: number): Promise<string> {
  return kept(options.cache, `open-${commits}-commits`, async (folder) => {
    const log = join(folder, "_delta_log");
    await mkdir(log);
    const random = seededRandom(SEED);
    for (let version = 0; version < commits; version++) {
      const actions = [
        { commitInfo: { timestamp: 1_760_000_000_000 + version, operation: "WRITE" } },
        ...(version === 0 ? firstActions() : []),
        { add: addOf(version, commits, random) },
      ];
      await writeFile(join(log, `${versionName(version)}.json`), linesOf(actions));
    }
  });
}

/** All files in the checkpoint of version 1, with statistics as text. */
export function tableOfCheckpoint(options: BenchOptions, adds: number): Promise<string> {
  return kept(options.cache, `open-${adds}-adds`, async (folder) => {
    const log = join(folder, "_delta_log");
    await mkdir(log);
    const first = firstActions();
    const random = seededRandom(SEED);
    const jsonPath = join(folder, "rows.json");
    const lines = createWriteStream(jsonPath);
    lines.write(linesOf(first));
    for (let i = 0; i < adds; i++) {
      if (!lines.write(linesOf([{ add: { ...addOf(i, adds, random), dataChange: false } }])))
        await once(lines, "drain");
    }
    lines.end();
    await finished(lines);
    const engine = duckdbEngine({
      memoryBytes: 2 * 1024 ** 3,
      threads: 2,
      spillFolder: join(folder, "spill"),
      spillBytes: 10 * 1024 ** 3,
    });
    const parquetPath = join(log, `${versionName(1)}.checkpoint.parquet`);
    const [{ protocol }] = first as unknown as [{ protocol: Parameters<typeof checkpointColumns>[0] }];
    await engine.fromJsonLines({ jsonPath, parquetPath, columns: checkpointColumns(protocol) });
    await engine.close();
    await rm(jsonPath);
    const commitInfo = { timestamp: 1_760_000_000_000, operation: "WRITE" };
    await writeFile(join(log, `${versionName(0)}.json`), linesOf([{ commitInfo }, ...first]));
    await writeFile(join(log, `${versionName(1)}.json`), linesOf([{ commitInfo }]));
    const size = adds + first.length;
    const sizeInBytes = (await stat(parquetPath)).size;
    await writeFile(join(log, "_last_checkpoint"), JSON.stringify({ version: 1, size, sizeInBytes }));
  });
}

function firstActions(): object[] {
  return createTableActions({
    id: "7a3f1c52-0c8e-4f0b-9d0c-6a1f2b3c4d5e",
    schema: SCHEMA,
    partitionColumns: ["part"],
    createdTime: 1_760_000_000_000,
  });
}

/** Ids ascend from file to file, and the partitions take turns. */
function addOf(i: number, files: number, random: Random): AddFile {
  const low = Math.round(random.next() * 1e6) / 1000;
  const at = (row: number): string => new Date(1_760_000_000_000 + row * 1000).toISOString();
  const part = i % PARTS;
  const name = `${(random.next() * 2 ** 32) >>> 0}`.padStart(10, "0");
  const bounds = (row: number, reading: number): object => ({
    id: row,
    at: at(row),
    station: `station-${String(row % files).padStart(8, "0")}`,
    reading,
  });
  return {
    path: `part=${part}/part-${String(i).padStart(8, "0")}-${name}.snappy.parquet`,
    partitionValues: { part: String(part) },
    size: 100_000 + (i % 1000),
    modificationTime: 1_760_000_000_000 + i,
    dataChange: true,
    stats: JSON.stringify({
      numRecords: ROWS_A_FILE,
      minValues: bounds(i * ROWS_A_FILE, low),
      maxValues: bounds((i + 1) * ROWS_A_FILE - 1, low + 1),
      nullCount: { id: 0, at: 0, station: 0, reading: i % 7 },
    }),
  };
}

function versionName(version: number): string {
  return String(version).padStart(20, "0");
}

function linesOf(actions: readonly object[]): string {
  return actions.map((action) => `${JSON.stringify(action)}\n`).join("");
}
