/** Compaction through everything that a run goes through: the same rows in fewer files, at every version, and nothing else is changed. */
import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { systemClock } from "../../src/base/clock.ts";
import type { Action } from "../../src/delta/actions.ts";
import { serializeCommit } from "../../src/delta/commit-json.ts";
import { commitKey } from "../../src/delta/log-files.ts";
import { readCommit } from "../../src/delta/log-storage.ts";
import { readSnapshot, type Snapshot } from "../../src/delta/snapshot.ts";
import { recordsOf } from "../../src/delta/stated-statistics.ts";
import { storageKeyOfPath } from "../../src/delta/add-path.ts";
import { listCompactions, readCompaction } from "../../src/ingest/compaction-record.ts";
import type { IngestEvent } from "../../src/ingest/events.ts";
import type { OpenPipeline } from "../../src/open/open-pipeline.ts";
import { tableStatus } from "../../src/operate/status.ts";
import { verifyTable } from "../../src/operate/verify/verify.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { ingest, land, viewOf } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const engine = testEngine();

const COMPACTING = {
  "table.autoCompact": "true",
  "table.autoCompact.minNumFiles": "3",
  "table.properties": "delta.checkpointInterval=3,delta.appendOnly=true",
  "limits.maxFilesPerTrigger": "1",
};

function bench(t: TestContext) {
  const folder = temporaryFolder(t);
  const [source, table] = [join(folder, "in"), join(folder, "table")];
  const storage = localStorage({ root: table });
  const parquet = { port: engine, scratchFolder: folder };
  const events: IngestEvent[] = [];
  const run = (
    set: Readonly<Record<string, string>> = {},
    change?: (opened: OpenPipeline) => OpenPipeline,
  ): ReturnType<typeof ingest> =>
    ingest({
      source,
      table,
      set: { ...COMPACTING, ...set },
      emit: (event) => events.push(event),
      ...(change === undefined ? {} : { change }),
    });
  const snapshot = async (version?: number): Promise<Snapshot> =>
    (await readSnapshot({ storage, parquet, ...(version === undefined ? {} : { version }) }))!;
  return {
    folder,
    source,
    table,
    storage,
    events,
    run,
    snapshot,
    /** Each row as JSON, sorted. */
    async rows(version?: number): Promise<string[]> {
      const { adds, schema, partitionColumns } = await snapshot(version);
      const files = [...adds.values()].map((add) => ({
        path: storage.localPath(storageKeyOfPath(add.path)!),
        partitionValues: add.partitionValues,
      }));
      const tables = [{ name: "t", schema, partitionColumns, files }];
      const { rows } = await engine.query({ sql: "SELECT * FROM t", tables, limit: 100_000 });
      return rows.map((row) => JSON.stringify(row)).sort();
    },
    async operations(): Promise<string[]> {
      const { version } = await snapshot();
      const found: string[] = [];
      for (let at = 0; at <= version; at++)
        found.push((await readCommit({ storage, version: at }))!.commitInfo!.operation!);
      return found;
    },
    view: () => viewOf({ table, engine, scratchFolder: folder }),
    verify: () =>
      verifyTable(viewOf({ table, engine, scratchFolder: folder }), { clock: systemClock, engine }),
  };
}

function lines(from: number, count: number, more: object = {}): string {
  return Array.from({ length: count }, (_, i) => JSON.stringify({ id: from + i, ...more })).join("\n");
}

test("small files become one, in a commit that changes no row and no txn, and verify proves it", async (t) => {
  const made = bench(t);
  for (let i = 0; i < 4; i++) land(made.source, { [`f${i}.json`]: lines(i * 10, 3, { day: `d${i % 2}` }) });
  const before = await made.run({ "table.autoCompact": "false" });
  assert.equal(before.compacted.filesAfter, 0);
  const rows = await made.rows();
  const txns = (await made.snapshot()).txns;
  for (let i = 4; i < 7; i++) land(made.source, { [`f${i}.json`]: lines(i * 10, 3, { late: { x: [i] } }) });
  const result = await made.run();
  assert.deepEqual(await made.operations(), [...Array.from({ length: 7 }, () => "WRITE"), "OPTIMIZE"]);
  const after = await made.snapshot();
  assert.equal(after.adds.size, 1);
  const { filesBefore, filesAfter, bytesBefore, bytesAfter } = result.compacted;
  const sizes = [...after.adds.values()].map(({ size }) => size);
  assert.deepEqual([filesBefore, filesAfter, bytesAfter], [7, 1, sizes[0]]);
  assert.ok(bytesBefore > bytesAfter);
  // At every version what stood there, and in the last what stood in the one before it.
  assert.deepEqual(await made.rows(3), rows);
  assert.deepEqual(await made.rows(7), await made.rows(6));
  const commit = (await readCommit({ storage: made.storage, version: 7 }))!;
  for (const action of commit.actions) {
    assert.ok(!("txn" in action) && !("metaData" in action));
    if ("add" in action) assert.equal(action.add.dataChange, false);
    if ("remove" in action)
      assert.ok(!action.remove.dataChange && Number(action.remove.deletionTimestamp) > 0);
  }
  assert.equal(Number([...after.txns.values()][0]!.version), 7);
  assert.equal(Number([...txns.values()][0]!.version), 4);
  const verified = await made.verify();
  assert.deepEqual([verified.verdict, verified.findings], ["proved", []]);
  assert.equal(verified.checked.compactions, 1);
  // A run that finds nothing new compacts nothing, and does not start the engine for it.
  assert.equal((await made.run()).compacted.filesBefore, 0);
  const [status] = (await tableStatus(made.view())).pipelines;
  assert.deepEqual([status!.compaction?.version, status!.compaction?.filesBefore], [7, 7]);
});

test("partitions are compacted each by itself, with their values as they were", async (t) => {
  const made = bench(t);
  const values = ["A/A", "x=y %", null, "é"];
  for (let i = 0; i < 9; i++)
    land(made.source, { [`f${i}.json`]: values.map((p) => JSON.stringify({ p, id: i })).join("\n") });
  await made.run({ "table.partitionBy": "p", "table.autoCompact": "false" });
  const before = await made.rows();
  land(made.source, { "last.json": '{"p":"one alone","id":1}' });
  await made.run({ "table.partitionBy": "p" });
  const { adds } = await made.snapshot();
  const found = [...adds.values()].map(({ partitionValues }) => partitionValues["p"]);
  assert.deepEqual([found.length, new Set(found)], [5, new Set([...values, "one alone"])]);
  assert.deepEqual(
    (await made.rows()).filter((row) => !row.includes("one alone")),
    before,
  );
  assert.equal((await made.verify()).verdict, "proved");
});

test("any values: the rows before are the rows after, and the statistics are those of the rows", async (t) => {
  const value = fc.oneof(
    fc.record({
      d: fc.double({ noNaN: true, noDefaultInfinity: true }),
      s: fc.string({ unit: "grapheme" }),
      at: fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
        .map((at) => at.toISOString()),
    }),
    fc.record({
      n: fc.record({ a: fc.option(fc.integer()), b: fc.option(fc.string()) }),
      l: fc.array(fc.option(fc.record({ x: fc.boolean() }))),
    }),
    fc.record({ n: fc.constant(null), big: fc.constantFrom(1e18, 0.5), d: fc.string() }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 6 }),
      async (files) => {
        const made = bench(t);
        for (const [i, rows] of files.entries())
          land(made.source, { [`f${i}.json`]: rows.map((row) => JSON.stringify(row)).join("\n") });
        const { compacted } = await made.run();
        assert.equal(compacted.filesBefore, files.length);
        const { version, adds } = await made.snapshot();
        assert.deepEqual(await made.rows(version), await made.rows(version - 1));
        const total = files.flat().length;
        assert.equal(
          [...adds.values()].reduce((sum, add) => sum + recordsOf(add)!, 0),
          total,
        );
        const verified = await made.verify();
        assert.deepEqual(verified.findings, []);
      },
    ),
    { numRuns: 4 },
  );
});

/** Makes the next version of the table, as another writer would. */
function commitAs(made: ReturnType<typeof bench>, version: number, actions: readonly Action[]): void {
  const info = { commitInfo: { operation: "DELETE", txnId: "other", timestamp: 1 } };
  writeFileSync(made.storage.localPath(commitKey(version)), serializeCommit([info, ...actions]));
}

/** Before the first compaction writes its record, `happens` does. */
function meanwhile(happens: () => Promise<void>): (opened: OpenPipeline) => OpenPipeline {
  return (opened) => {
    const compaction = opened.run.compaction!;
    let left: typeof happens | undefined = happens;
    return {
      ...opened,
      run: {
        ...opened.run,
        compaction: {
          ...compaction,
          async compactFiles(request) {
            const answer = await compaction.compactFiles(request);
            const now = left;
            left = undefined;
            await now?.();
            return answer;
          },
        },
      },
    };
  };
}

test("another writer that takes a file out meanwhile wins: nothing of the compaction is left", async (t) => {
  const made = bench(t);
  for (let i = 0; i < 4; i++) land(made.source, { [`f${i}.json`]: lines(i * 10, 3) });
  await made.run(
    { "table.properties": "delta.checkpointInterval=3" },
    meanwhile(async () => {
      const { version, adds } = await made.snapshot();
      const [first] = [...adds.values()];
      const remove = { path: first!.path, dataChange: true, deletionTimestamp: Date.now() };
      commitAs(made, version + 1, [{ remove }]);
    }),
  );
  assert.deepEqual((await made.operations()).slice(-2), ["WRITE", "DELETE"]);
  assert.match(
    JSON.stringify(made.events.filter(({ type }) => type === "compaction.void")),
    /changed a file/,
  );
  const { adds, removes } = await made.snapshot();
  const data = readdirSync(made.table).filter((name) => name.endsWith(".parquet"));
  assert.equal(data.length, adds.size + removes.size);
  const { pipeline } = await made.run();
  assert.deepEqual(await listCompactions(made.storage, pipeline), { done: [], open: [] });
});

test("appends by others meanwhile are no conflict", async (t) => {
  const made = bench(t);
  for (let i = 0; i < 4; i++) land(made.source, { [`f${i}.json`]: lines(i * 10, 3) });
  await made.run(
    {},
    meanwhile(async () => commitAs(made, (await made.snapshot()).version + 1, [])),
  );
  assert.deepEqual((await made.operations()).slice(-2), ["DELETE", "OPTIMIZE"]);
  assert.equal((await made.snapshot()).adds.size, 1);
});

test("a compaction whose process died after its commit is marked by the next run", async (t) => {
  const made = bench(t);
  for (let i = 0; i < 4; i++) land(made.source, { [`f${i}.json`]: lines(i * 10, 3) });
  const { pipeline } = await made.run();
  const [id] = (await listCompactions(made.storage, pipeline)).done;
  await made.storage.delete(`_landfall/${pipeline}/compactions/${id}.done.json`);
  assert.deepEqual(
    (await made.verify()).findings.map(({ level, code }) => [level, code]),
    [["note", "COMPACTION_OPEN"]],
  );
  await made.run();
  assert.deepEqual(await listCompactions(made.storage, pipeline), { done: [id], open: [] });
  assert.deepEqual((await made.verify()).findings, []);
});

test("the property of the table asks for it where the declaration says nothing, and the declaration has the last word", async (t) => {
  const made = bench(t);
  const { "table.autoCompact": _said, ...rest } = COMPACTING;
  const properties = "delta.checkpointInterval=3,delta.autoOptimize.autoCompact=auto";
  const run = (set: Readonly<Record<string, string>>): ReturnType<typeof ingest> =>
    ingest({
      source: made.source,
      table: made.table,
      set: { ...rest, "table.properties": properties, ...set },
    });
  for (let i = 0; i < 4; i++) land(made.source, { [`f${i}.json`]: lines(i * 10, 3) });
  assert.equal((await run({ "table.autoCompact": "false" })).compacted.filesBefore, 0);
  for (let i = 4; i < 7; i++) land(made.source, { [`f${i}.json`]: lines(i * 10, 3) });
  assert.equal((await run({})).compacted.filesBefore, 7);
});

test("verify finds a record that was edited or is gone, and a compaction that lost a row", async (t) => {
  const made = bench(t);
  for (let i = 0; i < 4; i++) land(made.source, { [`f${i}.json`]: lines(i * 10, 3) });
  const { pipeline } = await made.run();
  const [id] = (await listCompactions(made.storage, pipeline)).done;
  const path = join(made.table, `_landfall/${pipeline}/compactions/${id}.json`);
  const sound = readFileSync(path, "utf8");
  const codes = async (): Promise<string[]> => (await made.verify()).findings.map(({ code }) => code);
  appendFileSync(path, " ");
  assert.deepEqual(await codes(), ["COMPACTION_RECORD_DAMAGED"]);
  rmSync(path);
  assert.deepEqual(await codes(), ["COMPACTION_RECORD_DAMAGED"]);
  writeFileSync(path, sound);
  const { outputs } = await readCompaction(made.storage, { pipeline, id: id! });
  const { version } = await made.snapshot();
  const log = made.storage.localPath(commitKey(version));
  writeFileSync(
    log,
    readFileSync(log, "utf8").replace(
      `\\"numRecords\\":${outputs[0]!.rows}`,
      `\\"numRecords\\":${outputs[0]!.rows - 1}`,
    ),
  );
  assert.deepEqual(await codes(), ["COMPACTION_DIFFERS", "DATA_FILE_ROWS"]);
});
