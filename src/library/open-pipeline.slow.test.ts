/** The library over real folders, as a program uses it. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { land } from "../../test/support/small-pipeline.ts";
import { runLandfall } from "../../test/support/run-landfall.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import {
  checkDeclaration,
  LandfallError,
  oneAtATime,
  openPipeline,
  openTable,
  query,
  readDeclaration,
  type Declaration,
  type IngestEvent,
  type PipelineHandle,
} from "../index.ts";

/** A folder with one file of three lines, one of them broken, and the declaration that reads it. */
function small(
  t: TestContext,
  more: Partial<Declaration> = {},
): { folder: string; declaration: Declaration } {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), { "a.json": '{"id":1}\n{"id":2}\n{broken\n' });
  const declaration = { source: { location: "in" }, table: { location: "table" }, ...more };
  return { folder, declaration };
}

function all(pipeline: PipelineHandle): Promise<IngestEvent[]> {
  return Array.fromAsync(pipeline.events);
}

test("a run reads what is there once and says what it came to; its table can be asked meanwhile", async (t) => {
  const { folder, declaration } = small(t);
  await using pipeline = await openPipeline(declaration, { baseFolder: folder });
  assert.equal(pipeline.source, join(folder, "in"));
  const first = await pipeline.run();
  assert.deepEqual(
    { batches: first.batches, versions: first.versions, written: first.rows.written },
    { batches: 1, versions: [0], written: 2 },
  );
  assert.equal(first.rows.rejected, 1);
  assert.equal(first.needsPerson, true);
  const second = await pipeline.run();
  assert.equal(second.batches, 0);
  assert.equal(second.needsPerson, false);
  land(pipeline.source, { "b.json": '{"id":3}\n' });
  assert.deepEqual((await pipeline.run()).versions, [1]);

  const status = await pipeline.status();
  assert.equal(status.pipelines[0]!.summary!.states.committed, 2);
  assert.equal(status.pipelines[0]!.lease?.pid, process.pid);
  const files = await pipeline.files({ glob: "b.*", states: ["committed"] });
  assert.deepEqual(
    files.files.map(({ key }) => key),
    ["b.json"],
  );
  assert.equal((await pipeline.files({ states: ["quarantined"] })).files.length, 0);
  assert.equal((await pipeline.rejected()).records[0]!.content, "{broken");
  // Nobody else can run it and nothing runs: all of it is judged.
  const verified = await pipeline.verify({ data: true });
  assert.deepEqual([verified.verdict, verified.findings, verified.checked.rows], ["proved", [], 3]);
  assert.deepEqual((await pipeline.query("SELECT count(*) AS n FROM t")).rows, [["3"]]);
  await pipeline.close();
  await pipeline.close();
  await assert.rejects(pipeline.run(), { code: "ABORTED" });
  await assert.rejects(pipeline.status(), { code: "ABORTED" });
  assert.deepEqual((await query(pipeline.table, "SELECT sum(id) AS s FROM t")).rows, [["6"]]);
  await using table = openTable(pipeline.table);
  assert.equal((await table.status()).pipelines[0]!.lease, undefined);
});

test("who reads events before a run begins gets all of them, and their end when the pipeline is closed", async (t) => {
  const { folder, declaration } = small(t, { limits: { maxFilesPerTrigger: 1 } });
  land(join(folder, "in"), { "b.json": '{"id":3}\n', "c.parquet": "no parquet" });
  await using pipeline = await openPipeline(
    { ...declaration, source: { location: "in", format: "json" } },
    { baseFolder: folder },
  );
  const events = all(pipeline);
  await pipeline.run();
  await pipeline.close();
  const told = (await events).map(({ type }) => type).filter((type) => type !== "batch.progress");
  assert.equal(told.filter((type) => type === "listing.done").length, 1);
  for (const type of ["batch.planned", "batch.staged", "batch.committed"])
    assert.equal(told.filter((one) => one === type).length, 3, type);
  assert.deepEqual([told[0], ...told.slice(-2)], ["run.started", "batch.committed", "round.done"]);
});

test("pipelines of one process run side by side, in turns or not, and each gets its own events and rows", async (t) => {
  const folder = temporaryFolder(t);
  const turn = oneAtATime();
  const counts = await Promise.all(
    ["one", "two", "three"].map(async (name, i) => {
      const lines = Array.from({ length: 50 * (i + 1) }, (_, id) => `{"${name}":${id}}\n`);
      land(join(folder, name), { "a.json": lines.join("") });
      await using pipeline = await openPipeline(
        { pipeline: name, source: { location: name }, table: { location: `${name}-table` } },
        { baseFolder: folder, ...(i === 0 ? {} : { turn }) },
      );
      const events = all(pipeline);
      const { rows } = await pipeline.run();
      await pipeline.close();
      const planned = (await events).filter(({ type }) => type === "batch.planned").length;
      return [rows.written, planned, (await query(pipeline.table, `SELECT max(${name}) AS m FROM t`)).rows];
    }),
  );
  assert.deepEqual(counts, [
    [50, 1, [["49"]]],
    [100, 1, [["99"]]],
    [150, 1, [["149"]]],
  ]);
});

test("one holder at a time: this program, another of its pipelines, or the command line", async (t) => {
  const { folder, declaration } = small(t);
  await using pipeline = await openPipeline(declaration, { baseFolder: folder });
  await assert.rejects(openPipeline(declaration, { baseFolder: folder }), { code: "PIPELINE_HELD" });
  assert.equal((await runLandfall(["ingest", "in", "table"], { cwd: folder })).code, 4);
  const [first, second] = await Promise.allSettled([pipeline.run(), pipeline.run()]);
  assert.equal(first.status, "fulfilled");
  assert.equal(second.status === "rejected" && (second.reason as LandfallError).code, "USAGE");
  await pipeline.close();
  await using again = await openPipeline(declaration, { baseFolder: folder });
  assert.equal((await again.run()).batches, 0);
});

test("keepRunning gives each round, stops when its loop is left, and can be taken up again", async (t) => {
  const { folder, declaration } = small(t, { trigger: { every: "100ms" } });
  await using pipeline = await openPipeline(declaration, { baseFolder: folder });
  for await (const round of pipeline.keepRunning()) {
    if (round.batches === 0) continue;
    if (round.versions[0] === 1) break;
    await assert.rejects(pipeline.run(), { code: "USAGE" });
    land(pipeline.source, { "b.json": '{"id":3}\n' });
  }
  assert.equal((await pipeline.run()).batches, 0);
  const rounds = pipeline.keepRunning();
  await rounds.next();
  // Closed in the middle of a loop: it ends with the next step.
  await pipeline.close();
  await assert.rejects(rounds.next(), { code: "ABORTED" });
});

test("a signal stops one run, or all, with its own reason; the next run goes on", async (t) => {
  const { folder, declaration } = small(t, { trigger: "continuous" });
  const stopAll = new AbortController();
  await using pipeline = await openPipeline(declaration, { baseFolder: folder, signal: stopAll.signal });
  await assert.rejects(pipeline.run({ signal: AbortSignal.abort(new Error("not now")) }), /not now/);
  const stop = new AbortController();
  const rounds = pipeline.keepRunning({ signal: stop.signal });
  assert.equal((await rounds.next()).value.rows.written, 2);
  const waits = rounds.next();
  stop.abort(new Error("enough"));
  await assert.rejects(waits, /enough/);
  assert.equal((await pipeline.run()).batches, 0);
  const others = pipeline.keepRunning();
  await others.next();
  const last = others.next();
  stopAll.abort(new Error("all of it"));
  await assert.rejects(last, /all of it/);
  await assert.rejects(pipeline.verify(), /all of it/);
});

test("closing while something is under way stops it and waits", async (t) => {
  const { folder, declaration } = small(t, { trigger: "continuous" });
  const pipeline = await openPipeline(declaration, { baseFolder: folder });
  const rounds = pipeline.keepRunning();
  await rounds.next();
  const waits = rounds.next();
  const told = assert.rejects(waits, { code: "ABORTED" });
  await pipeline.close();
  await told;
});

test("a reader that does not read holds up no run that tells little, and none that is stopped", async (t) => {
  const { folder, declaration } = small(t);
  await using pipeline = await openPipeline(declaration, { baseFolder: folder });
  pipeline.events[Symbol.asyncIterator]();
  assert.equal((await pipeline.run()).batches, 1);
});

test("what a module prints is an event", async (t) => {
  const { folder, declaration } = small(t, { transform: "said.ts" });
  writeFileSync(
    join(folder, "said.ts"),
    'export const columns = "id BIGINT";\nexport default ({ columns: { id } }) => (console.log("hello"), { id });\n',
  );
  await using pipeline = await openPipeline(declaration, { baseFolder: folder });
  const events = all(pipeline);
  await pipeline.run();
  await pipeline.close();
  const lines = (await events).flatMap((event) => (event.type === "engine.output" ? [event.line] : []));
  assert.deepEqual(lines, ["said.ts: hello"]);
});

test("every mistake of a declaration is told, and a file's with its line", async (t) => {
  const { folder, declaration } = small(t);
  const wrong = { ...declaration, trigger: { every: "soon" }, limits: { maxFilesPerTrigger: 0 } };
  assert.equal(checkDeclaration(wrong).length, 2);
  assert.deepEqual(checkDeclaration({ ...declaration, transform: undefined }), []);
  await assert.rejects(openPipeline(wrong, { baseFolder: folder }), (error: unknown) => {
    assert.ok(error instanceof LandfallError && error.code === "DECLARATION_INVALID");
    assert.match(error.message, /2 mistakes in the declaration/);
    return true;
  });
  const file = join(folder, "pipeline.yaml");
  writeFileSync(file, "source: { location: in }\ntable: { locaton: table }\n");
  assert.throws(() => readDeclaration(file), { code: "DECLARATION_INVALID", message: /pipeline.yaml:2:/ });
  assert.throws(() => readDeclaration(join(folder, "none.yaml")), { code: "DECLARATION_MISSING" });
  mkdirSync(join(folder, "deep"));
  writeFileSync(join(folder, "deep/p.yaml"), "source: { location: ../in }\ntable: { location: ../table }\n");
  const read = readDeclaration(join(folder, "deep/p.yaml"));
  assert.deepEqual(read.declaration.table, { location: "../table" });
  await using pipeline = await openPipeline(read.declaration, { baseFolder: read.baseFolder });
  assert.equal(pipeline.table, join(folder, "table"));
  await pipeline.close();
  await using byFile = await openPipeline(join(folder, "deep/p.yaml"));
  assert.equal(byFile.name, pipeline.name);
  await assert.rejects(byFile.keepRunning().next(), { code: "USAGE" });
});
