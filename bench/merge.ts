/** Two hundred thousand rows merged into twenty million of spread keys: updated, the same once more, and new ones; against delta-rs. */
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import type { Action } from "../src/delta/actions.ts";
import { serializeCommit } from "../src/delta/commit-json.ts";
import { commitKey } from "../src/delta/log-files.ts";
import { type Bench, type BenchOptions, expectCount, lastLine, scaled } from "./bench.ts";
import { kept, linkTable, warm } from "./data.ts";
import { peer, program } from "./paths.ts";
import { race, timeAgainst, type Contender } from "./race.ts";
import { tableActions } from "./table-actions.ts";

const ROWS = 20_000_000;
const FILES = 20;
/** One row in so many has a key of the source. */
const EVERY = 100;
const COLUMNS =
  "k STRING, vin STRING, odometer BIGINT, soc DOUBLE, speed DOUBLE, charging BOOLEAN, seen TIMESTAMP, n INT";
/** delta-rs's time is so many times ours at least. */
const [UPDATE_BAR, INSERT_BAR] = [5, 4];
/** And Spark's. */
const SPARK_BAR = 20;
/** A merge that changes nothing takes so many times a look at the keys and the compared columns at most. */
const AGAIN_BAR = 1.3;
const [VECTORS_MB, REWRITE_MB] = [500, 600];

const MERGES = 50;
/** Rows of each of many merges, one in `NEW` of them with a new key. */
const [MERGED, NEW] = [200_000, 20];

/** Fifty merges in a row: what was written by those before must not make the next one slow. */
export const merges: Bench = {
  name: "merges",
  run: async (options) => {
    const rowsOfFile = rowsOfFileAt(options);
    const rows = rowsOfFile * FILES;
    const inputs = await mergeInputs(options.cache, rowsOfFile);
    const sources = await manySources(options, rows);
    const table = join(options.work, "merges");
    const runs: (readonly number[])[] = [];
    const [run] = await race(
      [
        {
          name: "landfall",
          command: program("merges-process.ts", table, sources, String(MERGES)),
          before: async () => {
            await rm(table, { recursive: true, force: true });
            await linkTable(join(inputs, "vectors"), table);
            await warm(table);
          },
          check: (ended) => {
            if (ended.code !== 0) throw new Error(`ended with ${String(ended.code)}:\n${ended.stderr}`);
            const { times, rows: found } = lastLine(ended) as { times: number[]; rows: number };
            expectCount("rows", found, rows + (MERGES * mergedRows(rows)) / NEW);
            runs.push(times);
          },
        },
      ],
      { ...options, repeat: 1 },
    );
    const [times] = runs;
    const first = times![0]!;
    return {
      name: "merges",
      work: `${MERGES} merges in a row, each of ${mergedRows(rows).toLocaleString("en")} rows, one in ${NEW} new, into ${rows.toLocaleString("en")} rows; checkpoints included.`,
      runs: 1,
      figures: [
        { what: "the first", unit: "ms", ours: first },
        {
          what: "all of them against the first",
          unit: "×",
          ours: times!.reduce((sum, one) => sum + one, 0) / first,
          bar: 70,
        },
        { what: "the last against the first", unit: "×", ours: times!.at(-1)! / first },
        { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6 },
      ],
      notes: [],
    };
  },
};

function rowsOfFileAt(options: BenchOptions): number {
  return Math.max(EVERY, Math.round(scaled(options, ROWS) / FILES / EVERY) * EVERY);
}

function mergedRows(rows: number): number {
  return Math.round((MERGED * rows) / ROWS);
}

/** Of each merge other keys, spread over the table, and new ones. */
function manySources(options: BenchOptions, rows: number): Promise<string> {
  const merged = mergedRows(rows);
  const fresh = merged / NEW;
  return kept(options.cache, `merges-${rows}`, async (folder) => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const step = Math.floor(rows / (merged - fresh));
    for (let i = 0; i < MERGES; i++) {
      const old = `SELECT (range * ${step} + ${i % step}) AS i FROM range(${merged - fresh})`;
      const later = `SELECT range AS i FROM range(${rows + i * fresh}, ${rows + (i + 1) * fresh})`;
      await connection.run(
        `COPY (SELECT ${values(i + 2, "true")} FROM (${old} UNION ALL ${later})) TO '${join(folder, `${i}.parquet`)}' (FORMAT parquet)`,
      );
    }
    connection.closeSync();
    instance.closeSync();
  });
}

export const merge: Bench = {
  name: "merge",
  run: async (options) => {
    const rowsOfFile = rowsOfFileAt(options);
    const rows = rowsOfFile * FILES;
    const inputs = await mergeInputs(options.cache, rowsOfFile);
    for (const name of ["vectors", "plain", "merged"]) await warm(join(inputs, name));
    const merged = rows / EVERY;
    const of = { options, inputs, merged };
    const [updated, again, scanned, inserted, rewritten, rsUpdated, rsInserted, sparkUpdated] = await race(
      [
        ours({ ...of, name: "landfall, updates", table: "vectors", source: "updates", updates: merged }),
        ours({ ...of, name: "landfall, the same again", table: "merged", source: "updates", updates: 0 }),
        compared({
          ...of,
          name: "DuckDB, keys and columns compared",
          table: "merged",
          source: "updates",
          updates: 0,
        }),
        ours({ ...of, name: "landfall, new keys", table: "vectors", source: "inserts", updates: 0 }),
        ours({
          ...of,
          name: "landfall, without vectors",
          table: "plain",
          source: "updates",
          updates: merged,
        }),
        deltaRs({ ...of, name: "delta-rs, updates", table: "plain", source: "updates", updates: merged }),
        deltaRs({ ...of, name: "delta-rs, new keys", table: "plain", source: "inserts", updates: 0 }),
        ...(options.spark
          ? [spark({ ...of, name: "Spark, updates", table: "vectors", source: "updates", updates: merged })]
          : []),
      ],
      options,
    );
    const memory = (what: string, peakBytes: number, bar: number) => ({
      what,
      unit: "MB" as const,
      ours: peakBytes / 1e6,
      bar,
    });
    return {
      name: "merge",
      work: `${merged.toLocaleString("en")} rows merged by a text of 32 characters into ${rows.toLocaleString("en")} rows of eight columns in ${FILES} files, every file touched; whole processes.`,
      figures: [
        timeAgainst("time, updates by deletion vectors", updated!, rsUpdated!, 1 / UPDATE_BAR),
        ...(sparkUpdated === undefined
          ? []
          : [timeAgainst("time, updates by deletion vectors", updated!, sparkUpdated, 1 / SPARK_BAR)]),
        timeAgainst("time, the same again: no version", again!, scanned!, AGAIN_BAR),
        timeAgainst("time, new keys", inserted!, rsInserted!, 1 / INSERT_BAR),
        timeAgainst("time, updates without vectors", rewritten!, rsUpdated!, 1),
        memory("peak memory, updates by deletion vectors", updated!.peakBytes, VECTORS_MB),
        memory("peak memory, updates without vectors", rewritten!.peakBytes, REWRITE_MB),
      ],
      notes: [
        "delta-rs writes no deletion vectors: it writes the touched files anew.",
        ...(sparkUpdated === undefined
          ? []
          : ["Spark's time is without its session's start; its MERGE writes deletion vectors, too."]),
      ],
    };
  },
};

interface MergeContender {
  readonly options: BenchOptions;
  readonly inputs: string;
  readonly merged: number;
  readonly name: string;
  /** Of the inputs: each run has a fresh log of it, over the same data files. */
  readonly table: "vectors" | "plain" | "merged";
  readonly source: "updates" | "inserts";
  /** Rows that are to be updated. */
  readonly updates: number;
}

function ours(of: MergeContender): Contender {
  const { path, before } = freshCopy(of);
  const command = program("merge-process.ts", path, sourcePath(of), String(availableParallelism()));
  return { name: of.name, command, before, check: checked(of) };
}

function byPeer(of: MergeContender, script: string, ...args: readonly string[]): Contender {
  const { path, before } = freshCopy(of);
  return { name: of.name, command: peer(script, path, sourcePath(of), ...args), before, check: checked(of) };
}

function compared(of: MergeContender): Contender {
  return byPeer(of, "duckdb-merge-scan.ts", String(availableParallelism()));
}

function deltaRs(of: MergeContender): Contender {
  return byPeer(of, "delta_rs_merge.py");
}

function spark(of: MergeContender): Contender {
  const seconds: Contender["seconds"] = (run) => (lastLine(run) as { seconds: number }).seconds;
  return { ...byPeer(of, "spark_merge.py"), seconds };
}

function sourcePath({ inputs, source }: MergeContender): string {
  return join(inputs, `${source}.parquet`);
}

function checked({ merged, source, updates }: MergeContender): Contender["check"] {
  return (run) => {
    if (run.code !== 0) throw new Error(`the merge ended with ${String(run.code)}:\n${run.stderr}`);
    const { updated, inserted } = lastLine(run) as { updated: number; inserted: number };
    expectCount("rows updated", updated, updates);
    expectCount("rows inserted", inserted, source === "inserts" ? merged : 0);
  };
}

function freshCopy({ options, inputs, table, name }: MergeContender): {
  readonly path: string;
  readonly before: () => Promise<void>;
} {
  const path = join(options.work, name.replaceAll(/\W+/g, "-"));
  return {
    path,
    before: async () => {
      await rm(path, { recursive: true, force: true });
      await linkTable(join(inputs, table), path);
      await warm(path);
    },
  };
}

/** `vectors` and `plain` of the same rows, `merged` that has the updates already, and the sources. */
function mergeInputs(cache: string, rowsOfFile: number): Promise<string> {
  return kept(cache, `merge-${rowsOfFile}-in-${FILES}`, async (folder) => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const rows = rowsOfFile * FILES;
    await writeTable(connection, { table: join(folder, "vectors"), rowsOfFile, hasVectors: true, step: 0 });
    await writeTable(connection, { table: join(folder, "plain"), rowsOfFile, hasVectors: false, step: 0 });
    await writeTable(connection, { table: join(folder, "merged"), rowsOfFile, hasVectors: true, step: 1 });
    const sources = { updates: `i % ${EVERY} = 0`, inserts: "true" };
    for (const [name, where] of Object.entries(sources)) {
      const [from, to] = name === "updates" ? [0, rows] : [rows, rows + rows / EVERY];
      await connection.run(
        `COPY (SELECT ${values(1)} FROM range(${from}, ${to}) r(i) WHERE ${where} ORDER BY k) TO '${join(folder, `${name}.parquet`)}' (FORMAT parquet)`,
      );
    }
    connection.closeSync();
    instance.closeSync();
  });
}

/** `step` is added to what updates change, in rows that are updated. @param where default: one row in `EVERY` */
function values(step: number, where = `i % ${EVERY} = 0`): string {
  return `md5(i::VARCHAR) AS k, 'vin' || (i % 5000) AS vin, (i * 7 + CASE WHEN ${where} THEN ${step} ELSE 0 END)::BIGINT AS odometer,
    (i % 1000) / 10.0::DOUBLE AS soc, (i % 997) / 7.0::DOUBLE AS speed, i % 3 = 0 AS charging,
    TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_seconds(i % 1000000) AS seen, (i % 100)::INTEGER AS n`;
}

interface TableOptions {
  readonly table: string;
  readonly rowsOfFile: number;
  readonly hasVectors: boolean;
  readonly step: number;
}

async function writeTable(connection: DuckDBConnection, options: TableOptions): Promise<void> {
  const { table, rowsOfFile, hasVectors, step } = options;
  await mkdir(join(table, "_delta_log"), { recursive: true });
  const adds: Action[] = [];
  for (let file = 0; file < FILES; file++) {
    const path = `${file}.parquet`;
    const select = `SELECT ${values(step)} FROM range(${file * rowsOfFile}, ${(file + 1) * rowsOfFile}) r(i)`;
    await connection.run(`COPY (${select}) TO '${join(table, path)}' (FORMAT parquet)`);
    adds.push({
      add: {
        path,
        partitionValues: {},
        size: (await stat(join(table, path))).size,
        modificationTime: 0,
        dataChange: true,
        stats: JSON.stringify({ numRecords: rowsOfFile }),
      },
    });
  }
  const actions = tableActions({ columns: COLUMNS, hasVectors });
  await writeFile(join(table, commitKey(0)), serializeCommit([...actions, ...adds]));
}
