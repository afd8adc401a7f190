/** `table.history`: each arrival of each batch that committed is a row of its table, once, whatever came in between. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readOptions } from "../../src/declaration/read-options.ts";
import type { IngestEvent } from "../../src/ingest/events.ts";
import { keepRunning } from "../../src/ingest/keep-running.ts";
import { runPipeline } from "../../src/ingest/run-pipeline.ts";
import { openPipeline } from "../../src/open/open-pipeline.ts";
import { queryTable } from "../../src/operate/query-table.ts";
import { tableHistory } from "../../src/operate/table-history.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { land } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const engine = testEngine();

interface Places {
  readonly folder: string;
  readonly source: string;
  readonly table: string;
}

function placesIn(folder: string): Places {
  return { folder, source: join(folder, "in"), table: join(folder, "table") };
}

/** One run; answers its events. */
async function run({ source, table }: Places, history: string): Promise<readonly IngestEvent[]> {
  const overrides = [
    { key: "table.history", text: history, from: "--history" },
    { key: "pipeline", text: "p", from: "--pipeline" },
  ];
  const { pipeline, problems } = readOptions({ source, table, baseFolder: "/", overrides });
  assert.deepEqual(problems ?? [], []);
  const events: IngestEvent[] = [];
  const { signal } = new AbortController();
  const opened = await openPipeline({ pipeline: pipeline!, emit: (event) => events.push(event), signal });
  try {
    await runPipeline(opened.context, opened.run);
  } finally {
    await opened.close();
  }
  return events;
}

const below = ({ table }: Places): string => join(table, "_landfall", "p", "history");

async function rowsOf(root: string, scratchFolder: string, sql: string): Promise<readonly unknown[]> {
  const storage = localStorage({ root });
  return (await queryTable({ storage, engine, scratchFolder, sql, limit: 1000 })).rows;
}

const WHAT = "SELECT batch, version, file, outcome, rows_read, rows_rejected FROM t ORDER BY batch, key";

async function twoBatches(places: Places, history: string): Promise<void> {
  land(places.source, { "é.json": '{"id":1}\n{"id":2}\n', "mixed.json": '{"id":3}\n{broken\n' });
  await run(places, history);
  land(places.source, { "dead.json": Buffer.from([0x1f, 0x8b, 1, 1]), "b.json": '{"id":4}\n' });
  await run(places, history);
}

const TWO = [
  ["1", "0", "é.json", "committed", "2", "0"],
  ["1", "0", "mixed.json", "committed", "2", "1"],
  ["2", "1", "b.json", "committed", "1", "0"],
  ["2", "1", "dead.json", "quarantined", "0", "0"],
].sort((a, b) => (a[0] === b[0] ? (a[2] === "é.json" ? -1 : 1) : a[0]! < b[0]! ? -1 : 1));

test("each arrival of each batch is a row once; a run with nothing new adds nothing", async (t) => {
  const places = placesIn(temporaryFolder(t));
  await twoBatches(places, "true");
  assert.deepEqual(await rowsOf(below(places), places.folder, WHAT), TWO);
  const events = await run(places, "true");
  assert.ok(events.every(({ type }) => !type.startsWith("history.")));
  const storage = localStorage({ root: below(places) });
  assert.equal((await tableHistory({ storage, limit: 9 })).versions.length, 2);
});

test("what was committed before it was asked for, and what was removed, is written from the first batch on", async (t) => {
  const places = placesIn(temporaryFolder(t));
  await twoBatches(places, "false");
  await run(places, "true");
  assert.deepEqual(await rowsOf(below(places), places.folder, WHAT), TWO);
  rmSync(below(places), { recursive: true });
  await run(places, "true");
  assert.deepEqual(await rowsOf(below(places), places.folder, WHAT), TWO);
});

test("a process that died before or after the history's commit leaves each batch in it once", async (t) => {
  const places = placesIn(temporaryFolder(t));
  land(places.source, { "é.json": '{"id":1}\n{"id":2}\n', "mixed.json": '{"id":3}\n{broken\n' });
  await run(places, "true");
  cpSync(below(places), join(places.folder, "before"), { recursive: true });
  land(places.source, { "dead.json": Buffer.from([0x1f, 0x8b, 1, 1]), "b.json": '{"id":4}\n' });
  await run(places, "true");
  // As a kill before the commit leaves it: the data file lies there, and no version names it.
  rmSync(join(below(places), "_delta_log"), { recursive: true });
  cpSync(join(places.folder, "before"), below(places), { recursive: true });
  assert.equal(readdirSync(below(places)).filter((name) => name.endsWith(".parquet")).length, 2);
  await run(places, "true");
  assert.deepEqual(await rowsOf(below(places), places.folder, WHAT), TWO);
});

test("two that publish at once write each batch once", async (t) => {
  const places = placesIn(temporaryFolder(t));
  await twoBatches(places, "false");
  const overrides = [
    { key: "table.history", text: "true", from: "--history" },
    { key: "pipeline", text: "p", from: "--pipeline" },
  ];
  const { pipeline } = readOptions({
    source: places.source,
    table: places.table,
    baseFolder: "/",
    overrides,
  });
  const { signal } = new AbortController();
  const opened = await openPipeline({ pipeline: pipeline!, emit: () => {}, signal });
  try {
    const { context, run: options } = opened;
    // The lease keeps a second process out; a zombie would come as far as this.
    await Promise.all([1, 2, 3].map(() => options.history!.publish(context)));
  } finally {
    await opened.close();
  }
  assert.deepEqual(await rowsOf(below(places), places.folder, WHAT), TWO);
});

test("a place that cannot be written is a warning, and the rows of the table are there", async (t) => {
  const places = placesIn(temporaryFolder(t));
  const elsewhere = join(places.folder, "history");
  writeFileSync(elsewhere, "no folder");
  land(places.source, { "a.json": '{"id":1}\n' });
  const events = await run(places, elsewhere);
  assert.equal(events.filter(({ type }) => type === "batch.committed").length, 1);
  assert.equal(events.filter(({ type }) => type === "history.failed").length, 1);
  rmSync(elsewhere);
  mkdirSync(elsewhere);
  await run(places, elsewhere);
  assert.equal((await rowsOf(elsewhere, places.folder, WHAT)).length, 1);
});

test("a table that is something else is left alone", async (t) => {
  const places = placesIn(temporaryFolder(t));
  land(places.source, { "a.json": '{"id":1}\n' });
  const other = placesIn(join(places.folder, "other"));
  land(other.source, { "a.json": '{"id":1}\n' });
  await run(other, "false");
  const events = await run(places, other.table);
  assert.match(
    events.flatMap((event) => (event.type === "history.failed" ? [event.reason] : [])).join(),
    /no table of a history/,
  );
  assert.deepEqual(await rowsOf(other.table, places.folder, "SELECT count(*) FROM t"), [["1"]]);
});

test("small files become one, the log is cleaned up, and every row stays", async (t) => {
  const places = placesIn(temporaryFolder(t));
  const overrides = [
    { key: "table.history", text: "true", from: "--history" },
    { key: "pipeline", text: "p", from: "--pipeline" },
    { key: "limits.maxFilesPerTrigger", text: "1", from: "--max-files-per-trigger" },
  ];
  const { pipeline } = readOptions({
    source: places.source,
    table: places.table,
    baseFolder: "/",
    overrides,
  });
  const opened = await (async () => {
    land(places.source, { "000.json": '{"id":0}\n' });
    return openPipeline({ pipeline: pipeline!, emit: () => {}, signal: new AbortController().signal });
  })();
  try {
    for (let i = 0; i < 20; i++) {
      land(places.source, { [`${String(i).padStart(3, "0")}.json`]: `{"id":${i}}\n` });
      await runPipeline(opened.context, opened.run);
      if (i === 15) letAge(join(below(places), "_delta_log"));
    }
  } finally {
    await opened.close();
  }
  const sql = "SELECT count(*), count(DISTINCT batch), min(batch), max(batch) FROM t";
  assert.deepEqual(await rowsOf(below(places), places.folder, sql), [["20", "20", "1", "20"]]);
  const storage = localStorage({ root: below(places) });
  const { versions } = await tableHistory({ storage, limit: 99 });
  assert.equal(versions.filter(({ operation }) => operation === "OPTIMIZE").length, 1);
  // From the checkpoint before those that expired.
  assert.equal(Math.min(...versions.map(({ version }) => version)), 10);
});

/** Past the 30 days that a log is kept. */
function letAge(log: string): void {
  const then = new Date(Date.now() - 40 * 86_400_000);
  for (const name of readdirSync(log)) utimesSync(join(log, name), then, then);
}

test("what was committed since it was published last is in it once the pipeline is stopped", async (t) => {
  const places = placesIn(temporaryFolder(t));
  const overrides = [
    { key: "table.history", text: "true", from: "--history" },
    { key: "pipeline", text: "p", from: "--pipeline" },
  ];
  const { pipeline } = readOptions({
    source: places.source,
    table: places.table,
    baseFolder: "/",
    overrides,
  });
  land(places.source, { "a.json": '{"id":1}\n' });
  const stop = new AbortController();
  const opened = await openPipeline({ pipeline: pipeline!, emit: () => {}, signal: stop.signal });
  const batches = "SELECT count(DISTINCT batch) FROM t";
  try {
    const trigger = { kind: "every", milliseconds: 50 } as const;
    await assert.rejects(async () => {
      for await (const { result } of keepRunning(opened.context, { ...opened.run, trigger })) {
        land(places.source, { "b.json": '{"id":2}\n' });
        if (result.batches.at(-1)?.number !== 2) continue;
        assert.deepEqual(await rowsOf(below(places), places.folder, batches), [["1"]]);
        stop.abort(new Error("stopped"));
      }
    }, /stopped/);
  } finally {
    await opened.close();
  }
  assert.deepEqual(await rowsOf(below(places), places.folder, batches), [["2"]]);
});
