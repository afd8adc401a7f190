/** `addNewColumnsWithTypeWidening` through everything that a run goes through: the type and the rows come in one commit, whatever happens. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { valuesOf } from "../../src/engine/column-batch/value-at.ts";
import type { Action, Metadata, Protocol } from "../../src/delta/actions.ts";
import { readCommit } from "../../src/delta/log-storage.ts";
import { readTableState } from "../../src/delta/table-state.ts";
import type { IngestEvent } from "../../src/ingest/events.ts";
import { verifyTable } from "../../src/operate/verify/verify.ts";
import { formatDdl } from "../../src/schema/format-ddl.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { openTable } from "../../src/write/open-table.ts";
import { readByLibrary } from "../support/read-by-library.ts";
import { ingest, land, viewOf } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";

const engine = testEngine();
const MODE = { "schema.evolutionMode": "addNewColumnsWithTypeWidening" };

function bench(t: TestContext) {
  const folder = temporaryFolder(t);
  const [source, table] = [join(folder, "in"), join(folder, "table")];
  const storage = localStorage({ root: table });
  const events: IngestEvent[] = [];
  const state = async () =>
    (await readTableState({ storage, parquet: { port: engine, scratchFolder: folder } }))!;
  return {
    folder,
    source,
    table,
    storage,
    events,
    state,
    run: (set: Readonly<Record<string, string>> = {}, change?: Parameters<typeof ingest>[0]["change"]) =>
      ingest({
        source,
        table,
        set: { ...MODE, ...set },
        emit: (event) => events.push(event),
        ...(change === undefined ? {} : { change }),
      }),
    ddl: async () => formatDdl((await state()).schema),
    actions: async (version: number): Promise<readonly Action[]> =>
      (await readCommit({ storage, version }))!.actions,
    async rows(version?: number): Promise<unknown[]> {
      const opened = openTable(table);
      try {
        return [...(await readByLibrary(opened, version === undefined ? {} : { version })).rows];
      } finally {
        await opened.close();
      }
    },
    async verified(): Promise<void> {
      const view = viewOf({ table, engine, scratchFolder: folder });
      const { verdict, findings } = await verifyTable(view, { clock: systemClock, engine });
      // Another writer's commits are told, and nothing else.
      const others = findings.filter(({ code }) => code !== "FOREIGN_COMMIT");
      assert.deepEqual([verdict, others], ["proved", []]);
    },
  };
}

function protocolIn(actions: readonly Action[]): Protocol | undefined {
  return actions.flatMap((action) => ("protocol" in action ? [action.protocol] : []))[0];
}

function metadataIn(actions: readonly Action[]): Metadata | undefined {
  return actions.flatMap((action) => ("metaData" in action ? [action.metaData] : []))[0];
}

test("a batch whose values do not fit widens the column in the commit that brings them, and older rows read as the wide type", async (t) => {
  const made = bench(t);
  land(made.source, { "a.json": '{"id":1,"v":7}\n' });
  await made.run({ "schema.hints": "id INT, v INT" });
  assert.deepEqual(protocolIn(await made.actions(0)), { minReaderVersion: 1, minWriterVersion: 2 });
  land(made.source, { "b.json": '{"id":2,"v":3000000000}\n{"id":3,"v":"x"}\n' });
  const run = await made.run();
  assert.equal(await made.ddl(), "id INT, v BIGINT, _rescued_data STRING");
  const commit = await made.actions(1);
  assert.deepEqual(protocolIn(commit), {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["typeWidening"],
    writerFeatures: ["appendOnly", "invariants", "typeWidening"],
  });
  assert.deepEqual(metadataIn(commit)!.configuration, { "delta.enableTypeWidening": "true" });
  assert.ok(commit.some((action) => "txn" in action) && commit.some((action) => "add" in action));
  const [, v] = (await made.state()).schema.fields;
  assert.deepEqual(v!.metadata, {
    "delta.typeChanges": [{ fromType: "integer", toType: "long" }],
  });
  assert.deepEqual(
    made.events.filter(({ type }) => type === "schema.changed"),
    [
      {
        type: "schema.changed",
        added: [],
        widened: [{ path: "v", from: "INT", to: "BIGINT", file: "b.json" }],
      },
    ],
  );
  assert.deepEqual([run.batches[0]!.counts.rowsWritten, run.batches[0]!.counts.rowsRescued], [2, 1]);
  assert.deepEqual(
    (await made.rows()).map((row) => (row as { v: unknown }).v),
    [null, "7", "3000000000"],
  );
  assert.equal((await made.rows(0)).length, 1);
  // A third batch of numbers of both widths changes nothing more.
  land(made.source, { "c.json": '{"id":4,"v":8}\n{"id":5,"v":4000000000}\n' });
  await made.run();
  assert.equal(metadataIn(await made.actions(2)), undefined);
  await made.verified();
});

test("a column goes on from one wide type to the next, and each change stands in the order in which it came", async (t) => {
  const made = bench(t);
  const steps = ["1", "300", "70000", "3000000000", "1.5", "123.456"];
  for (const [i, value] of steps.entries()) {
    land(made.source, { [`${i}.json`]: `{"v":${value}}\n` });
    await made.run({ "schema.hints": "v TINYINT" });
  }
  assert.equal(await made.ddl(), "v DECIMAL(23,3), _rescued_data STRING");
  const [v] = (await made.state()).schema.fields;
  assert.deepEqual(
    (v!.metadata["delta.typeChanges"] as { toType: string }[]).map(({ toType }) => toType),
    ["short", "integer", "long", "decimal(21,1)", "decimal(23,3)"],
  );
  const values = (await made.rows()).map((row) => Number((row as { v: string }).v));
  assert.deepEqual(
    values.sort((a, b) => a - b),
    steps.map(Number).sort((a, b) => a - b),
  );
  await made.verified();
});

test("Parquet: a day becomes a time without a zone, whose feature the table gets, too", async (t) => {
  const made = bench(t);
  land(made.source, {});
  await writeParquetFile(join(made.folder, "a"), "SELECT DATE '2024-05-06' d, 1::INTEGER i");
  await writeParquetFile(
    join(made.folder, "b"),
    "SELECT TIMESTAMP '2024-05-06 07:08:09.123456' d, 123.45::DECIMAL(5,2) i",
  );
  for (const name of ["a", "b"]) {
    land(made.source, { [`${name}.parquet`]: readFileSync(join(made.folder, name)) });
    await made.run({ "source.format": "parquet" });
  }
  assert.equal(await made.ddl(), "d TIMESTAMP_NTZ, i DECIMAL(12,2), _rescued_data STRING");
  const { readerFeatures } = (await made.state()).protocol;
  assert.deepEqual(readerFeatures, ["timestampNtz", "typeWidening"]);
  assert.deepEqual(
    (await made.rows()).map((row) => (row as { i: unknown }).i),
    ["1", "123.45"],
  );
  await made.verified();
});

test("a table that says that its types stay is left alone; one that has the feature gets no other protocol", async (t) => {
  const made = bench(t);
  land(made.source, { "a.json": '{"v":1}\n' });
  const set = { "schema.hints": "v INT", "table.properties": "delta.enableTypeWidening=false" };
  await made.run(set);
  land(made.source, { "b.json": '{"v":3000000000}\n' });
  await made.run(set);
  assert.equal(await made.ddl(), "v INT, _rescued_data STRING");
  assert.equal((await made.state()).protocol.minReaderVersion, 1);
  const opened = openTable(made.table);
  await opened.setProperties({ "delta.enableTypeWidening": "true" });
  await opened.close();
  land(made.source, { "c.json": '{"v":4000000000}\n' });
  await made.run(set);
  assert.equal(await made.ddl(), "v BIGINT, _rescued_data STRING");
  assert.equal(protocolIn(await made.actions(3)), undefined);
  await made.verified();
});

test("another writer that changes the schema while a batch is staged: the batch is planned again, on what is there then", async (t) => {
  const made = bench(t);
  land(made.source, { "a.json": '{"v":1,"w":1}\n' });
  await made.run({ "schema.hints": "v INT, w INT" });
  land(made.source, { "b.json": '{"v":3000000000,"w":2}\n' });
  let isFirst = true;
  await made.run({}, (opened) => ({
    ...opened,
    run: {
      ...opened.run,
      stageFiles: async (batch) => {
        const staged = await opened.run.stageFiles(batch);
        if (isFirst) {
          isFirst = false;
          const other = openTable(made.table);
          await other.setProperties({ "delta.enableTypeWidening": "true" });
          await other.alterColumn("v", { type: "DECIMAL(12,2)" });
          await other.alterColumn("w", { type: "BIGINT" });
          await other.close();
        }
        return staged;
      },
    },
  }));
  assert.equal(await made.ddl(), "v DECIMAL(12,2), w BIGINT, _rescued_data STRING");
  assert.ok(made.events.some(({ type }) => type === "batch.void"));
  assert.deepEqual(
    (await made.rows()).map((row) => (row as { v: unknown }).v),
    ["1", "3000000000"],
  );
  assert.equal((await made.state()).version, 4);
  await made.verified();
});

test("a lost ledger is rebuilt, and the feed of changes goes over the wider type", async (t) => {
  const made = bench(t);
  const set = { "schema.hints": "v INT", "table.properties": "delta.enableChangeDataFeed=true" };
  for (const [name, value] of Object.entries({ a: 1, b: 3_000_000_000, c: 2 })) {
    land(made.source, { [`${name}.json`]: `{"v":${value}}\n` });
    await made.run(set);
  }
  const folder = join(made.table, "_landfall");
  const pipeline = readdirSync(folder)[0]!;
  for (const name of readdirSync(join(folder, pipeline)))
    if (name.startsWith("ledger.db")) rmSync(join(folder, pipeline, name));
  const again = await made.run(set);
  assert.equal(again.batches.length, 0);
  assert.equal((await made.rows()).length, 3);
  await made.verified();
  const opened = openTable(made.table);
  const changes: number[] = [];
  for await (const batch of opened.changes({ from: 0 }))
    changes.push(...valuesOf(batch.columns["v"]!).map(Number));
  await opened.close();
  assert.deepEqual(
    changes.sort((a, b) => a - b),
    [1, 2, 3_000_000_000],
  );
});

test("what the log says of files from before a wider type is right still, whichever the types are", async (t) => {
  const made = bench(t);
  const types = {
    b: ["TINYINT", -7, 300],
    s: ["SMALLINT", 32767, 1.5],
    i: ["INT", 3, 4e9],
    l: ["BIGINT", 9007199254740991, 0.125],
    f: ["FLOAT", 0.1, 0.123456789012],
    g: ["FLOAT", 16777216, 1e300],
    d: ["DECIMAL(4,2)", 1.25, 123.456],
  } as const;
  const hints = Object.entries(types).map(([name, [type]]) => `${name} ${type}, o.${name} ${type}`);
  for (const [i, at] of ([1, 2] as const).entries()) {
    const row = Object.fromEntries(Object.entries(types).map(([name, values]) => [name, values[at]]));
    land(made.source, { [`${i}.json`]: JSON.stringify({ ...row, o: row }) });
    await made.run({ "schema.hints": hints.join(", ") });
  }
  const wide = "b SMALLINT, s DOUBLE, i BIGINT, l DECIMAL(23,3), f DOUBLE, g DOUBLE, d DECIMAL(6,3)".split(
    ", ",
  );
  assert.equal(
    await made.ddl(),
    `${wide.join(", ")}, o STRUCT<${wide.map((field) => field.replace(" ", ": ")).join(", ")}>, _rescued_data STRING`,
  );
  await made.verified();
});

test("small files from before and after a wider type are compacted together", async (t) => {
  const made = bench(t);
  const set = {
    "schema.hints": "v INT, f FLOAT, d DECIMAL(4,2)",
    "table.autoCompact": "true",
    "table.autoCompact.minNumFiles": "4",
    "table.properties": "delta.checkpointInterval=3",
  };
  for (const [i, text] of ['{"v":1,"f":0.5,"d":1.25}', '{"v":2,"f":0.1,"d":2}'].entries()) {
    land(made.source, { [`${i}.json`]: text });
    await made.run(set);
  }
  for (const [i, text] of ['{"v":3000000000,"f":0.123456789012}', '{"v":4,"d":123.456}'].entries()) {
    land(made.source, { [`${i + 2}.json`]: text });
    await made.run(set);
  }
  const { version } = await made.state();
  const operation = (await made.actions(version)).flatMap((action) =>
    "commitInfo" in action ? [action.commitInfo.operation] : [],
  );
  assert.deepEqual(operation, ["OPTIMIZE"]);
  assert.deepEqual(await made.rows(version), await made.rows(version - 1));
  assert.equal(await made.ddl(), "v BIGINT, f DOUBLE, d DECIMAL(6,3), _rescued_data STRING");
  await made.verified();
});

test("what a transform gives widens the table, and what it reads widens with it", async (t) => {
  const made = bench(t);
  const declared = { transform: "SELECT id::INTEGER AS id, v * 2 AS w FROM batch" };
  land(made.source, { "a.json": '{"id":1,"v":7}\n' });
  await made.run(declared);
  const before = await made.ddl();
  land(made.source, { "b.json": '{"id":2,"v":1.25}\n' });
  await made.run(declared);
  assert.match(before, /^id INT, w BIGINT/);
  assert.match(await made.ddl(), /^id INT, w DECIMAL\(\d+,2\)/);
  assert.deepEqual(
    (await made.rows()).map((row) => Number((row as { w: unknown }).w)),
    [14, 2.5],
  );
  await made.verified();
});
