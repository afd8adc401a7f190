/** status, files and table over small real pipelines. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { duckdbEngine } from "../../src/engine/duckdb-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { acquireLease } from "../../src/ledger/lock.ts";
import { listFiles } from "../../src/operate/list-files.ts";
import { listRejects } from "../../src/operate/list-rejects.ts";
import { showFile, type FileHistory } from "../../src/operate/show-file.ts";
import { tableStatus } from "../../src/operate/status.ts";
import { tableFacts } from "../../src/operate/table-facts.ts";
import { tableHistory } from "../../src/operate/table-history.ts";
import { tableSchema } from "../../src/operate/table-schema.ts";
import type { TableView } from "../../src/operate/table-view.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { ingest, land, viewOf } from "../support/small-pipeline.ts";

let folder: string;
let source: string;
let table: string;
let pipeline: string;
let engine: Engine;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "landfall-look-"));
  source = join(folder, "in");
  table = join(folder, "table");
  engine = duckdbEngine({
    memoryBytes: 512 * 1024 ** 2,
    threads: 1,
    spillFolder: join(folder, "spill"),
    spillBytes: 1024 ** 3,
  });
  land(source, { "2026/a.json": '{"id":1}\n{"id":2}\n', "mixed.json": '{"id":3}\n{broken\n' });
  ({ pipeline } = await ingest({ source, table }));
  land(source, {
    "2026/mixed.json": '{"id":4}\n',
    "dead é.json": Buffer.from([0x1f, 0x8b, 1, 1]),
  });
  // A second generation of a committed file, of other bytes: under onOverwrite: ignore it is skipped.
  writeFileSync(join(source, "2026/a.json"), '{"id":9}\n');
  utimesSync(join(source, "2026/a.json"), new Date(0), new Date(0));
  await ingest({ source, table });
});

after(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const look = (state?: string): TableView =>
  viewOf({ table, engine, scratchFolder: folder, ...(state === undefined ? {} : { state }) });

/** The table's folder again, with its ledger removed. */
function withoutLedger(t: { after(run: () => void): void }): TableView {
  const copy = mkdtempSync(join(folder, "lost-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(table, copy, { recursive: true });
  for (const name of readdirSync(join(copy, "_landfall", pipeline))) {
    if (name.startsWith("ledger.db")) rmSync(join(copy, "_landfall", pipeline, name));
  }
  return viewOf({ table: copy, engine, scratchFolder: folder });
}

function snapshotOf(root: string): string[] {
  return (
    readdirSync(root, { recursive: true, encoding: "utf8" })
      // SQLite shares memory between readers through these; a reader may leave them.
      .filter((name) => !/ledger\.db-(?:wal|shm)$/.test(name))
      .map(
        (name) => `${name} ${statSync(join(root, name)).isFile() ? statSync(join(root, name)).mtimeMs : ""}`,
      )
      .sort()
  );
}

test("status tells files by state, skips by rule, rows, batches and versions", async () => {
  const status = await tableStatus(look());
  assert.equal(status.version, 1);
  const [only] = status.pipelines;
  assert.equal(only!.pipeline, pipeline);
  assert.equal(only!.source, source);
  assert.deepEqual(only!.ledger, { state: "present" });
  assert.equal(only!.lease, undefined);
  assert.deepEqual(only!.summary!.states, { committed: 3, quarantined: 1, skipped: 1 });
  assert.deepEqual(only!.summary!.skipped, { overwritten: 1 });
  assert.deepEqual(only!.summary!.rows, { read: 5, written: 4, rescued: 0, rejected: 1, corrupt: 0 });
  assert.deepEqual(
    only!.batches.map(({ number, state, version, rows }) => [number, state, version, rows]),
    [
      [2, "settled", 1, 1],
      [1, "settled", 0, 3],
    ],
  );
});

test("status works while another process holds the pipeline, and says who", async (t) => {
  const lease = await acquireLease({ folder: join(table, "_landfall", pipeline), clock: systemClock });
  t.after(() => lease.release());
  const status = await tableStatus(look());
  assert.equal(status.pipelines[0]!.lease?.pid, process.pid);
  assert.equal(status.pipelines[0]!.lease?.holder, "alive");
});

test("status says of a lost ledger how much has committed, and of an unknown pipeline which there are", async (t) => {
  const status = await tableStatus(withoutLedger(t));
  assert.deepEqual(status.pipelines[0]!.ledger, { state: "lost", committedBatches: 2 });
  await assert.rejects(tableStatus(look(), { pipeline: `${pipeline}x` }), (error: Error) => {
    assert.match(String((error as { hint?: string }).hint), new RegExp(`Did you mean "${pipeline}"`));
    return true;
  });
});

test("a place with neither table nor pipeline is said to be none by every verb, rather than to hold no files", async () => {
  const nowhere = viewOf({ table: join(folder, "nothing"), engine, scratchFolder: folder });
  const asked = { limit: 9, clock: systemClock };
  const absolute = [join(folder, "a.json")];
  const verbs = [
    () => tableStatus(nowhere),
    () => listFiles(nowhere, asked),
    () => listRejects({ ...nowhere, engine }, asked),
    () => showFile(nowhere, { name: "a.json", absolute, clock: systemClock }),
  ];
  for (const verb of verbs) await assert.rejects(verb, { code: "TABLE_MISSING" });
});

test("status finds a ledger that was put elsewhere with --state", async (t) => {
  const state = mkdtempSync(join(folder, "state-"));
  const other = mkdtempSync(join(folder, "elsewhere-"));
  t.after(() => rmSync(state, { recursive: true, force: true }));
  await ingest({ source, table: other, state });
  const there = viewOf({ table: other, engine, scratchFolder: folder, state });
  assert.deepEqual((await tableStatus(there)).pipelines[0]!.ledger, { state: "present" });
  const here = viewOf({ table: other, engine, scratchFolder: folder });
  assert.equal((await tableStatus(here)).pipelines[0]!.ledger.state, "lost");
});

test("files are listed in order, by state and by key, and a limit says that there are more", async () => {
  const list = await listFiles(look(), { limit: 100, clock: systemClock });
  assert.deepEqual(
    list.files.map((file) => [file.key, file.state, file.batch, file.version]),
    [
      ["2026/a.json", "committed", 1, 0],
      ["2026/a.json", "skipped", undefined, undefined],
      ["2026/mixed.json", "committed", 2, 1],
      ["dead%20%C3%A9.json", "quarantined", 2, 1],
      ["mixed.json", "committed", 1, 0],
    ],
  );
  const bad = await listFiles(look(), { limit: 100, states: ["quarantined"], clock: systemClock });
  assert.deepEqual(
    bad.files.map((file) => file.key),
    ["dead%20%C3%A9.json"],
  );
  assert.match(bad.files[0]!.reason ?? "", /gzip/);
  const cut = await listFiles(look(), { limit: 2, clock: systemClock });
  assert.equal(cut.files.length, 2);
  assert.equal(cut.truncated, true);
  const some = await listFiles(look(), {
    limit: 9,
    keyPrefix: "2026/",
    accepts: (key) => key.endsWith("mixed.json"),
    clock: systemClock,
  });
  assert.deepEqual([some.files.length, some.truncated], [1, false]);
});

async function show(name: string, absolute: readonly string[] = [], view = look()): Promise<FileHistory> {
  const shown = await showFile(view, { name, absolute, clock: systemClock });
  assert.equal(shown.found, "file");
  return shown.found === "file" ? shown.files[0]! : assert.fail();
}

test("a file's history tells every generation, each with its timeline", async () => {
  const file = await show("2026/a.json");
  assert.deepEqual(
    file.generations.map(({ state, rule, version, timeline }) => [
      state,
      rule,
      version,
      timeline.map(({ event }) => event),
    ]),
    [
      ["committed", undefined, 0, ["discovered", "claimed", "committed"]],
      ["skipped", "overwritten", undefined, ["discovered", "skipped"]],
    ],
  );
  assert.equal(file.generations[0]!.counts?.written, 2);
});

test("a file is found by its absolute path, its decoded name, its key and the end of its path", async () => {
  assert.equal((await show("x", [join(source, "2026/mixed.json")])).key, "2026/mixed.json");
  assert.equal((await show("dead é.json")).key, "dead%20%C3%A9.json");
  assert.equal((await show("dead%20%C3%A9.json")).key, "dead%20%C3%A9.json");
  assert.equal((await show("./mixed.json")).key, "mixed.json");
  assert.equal((await show("a.json")).key, "2026/a.json");
});

test("a file with rejects says where they lie, and a quarantined one why", async () => {
  const [mixed] = (await show("mixed.json")).generations;
  assert.equal(mixed!.counts?.rejected, 1);
  assert.ok((await localStorage({ root: table }).head(mixed!.rejects!)) !== undefined);
  const [dead] = (await show("dead é.json")).generations;
  assert.equal(dead!.state, "quarantined");
  assert.equal(dead!.timeline.at(-1)!.event, "quarantined");
  assert.match(dead!.timeline.at(-1)!.detail ?? "", /gzip/);
});

test("rejected records are listed with their place, reason and content, those of some files alone too", async (t) => {
  for (const view of [look(), withoutLedger(t)]) {
    const list = await listRejects({ ...view, engine }, { limit: 10, clock: systemClock });
    assert.deepEqual(
      list.records.map(({ key, record, byteOffset, length, content, batch, version }) => [
        key,
        record,
        byteOffset,
        length,
        content,
        batch,
        version,
      ]),
      [["mixed.json", 2, 9, 7, "{broken", 1, 0]],
    );
    assert.match(list.records[0]!.reason, /./);
    assert.deepEqual([list.rejected, list.truncated, list.lost], [1, false, []]);
  }
  const accepts = (key: string): boolean => key === "2026/mixed.json";
  const none = await listRejects({ ...look(), engine }, { limit: 10, accepts, clock: systemClock });
  assert.deepEqual([none.records, none.rejected], [[], 0]);
});

test("rejects beyond the limit are counted, and those of a batch without a manifest are named", async (t) => {
  const copy = mkdtempSync(join(folder, "rejects-"));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  const [from, to] = [join(copy, "in"), join(copy, "table")];
  land(from, { "many.json": "{broken\n".repeat(1500) + '{"id":1}\n', "few.json": "x\ny\n" });
  const { pipeline: name } = await ingest({ source: from, table: to });
  const view = { ...viewOf({ table: to, engine, scratchFolder: folder }), engine };
  const cut = await listRejects(view, { limit: 1200, clock: systemClock });
  assert.deepEqual([cut.records.length, cut.rejected, cut.truncated], [1200, 1502, true]);
  assert.deepEqual(
    cut.records.slice(0, 3).map(({ key, record }) => [key, record]),
    [
      ["few.json", 1],
      ["few.json", 2],
      ["many.json", 1],
    ],
  );
  const late = await listRejects(view, {
    limit: 9,
    clock: systemClock,
    accepts: (key) => key === "many.json",
  });
  assert.deepEqual([late.records.length, late.records[0]!.key, late.rejected], [9, "many.json", 1500]);
  rmSync(join(to, "_landfall", name, "batches"), { recursive: true });
  const lost = await listRejects(view, { limit: 9, clock: systemClock });
  assert.deepEqual([lost.records, lost.lost], [[], [{ pipeline: name, batch: 1 }]]);
});

test("a name that fits nothing gives near ones", async () => {
  const options = { absolute: [], clock: systemClock };
  const none = await showFile(look(), { name: "mxied.json", ...options });
  assert.equal(none.found, "none");
  assert.deepEqual(none.found === "none" && none.keys, ["2026/mixed.json"]);
  const nothing = await showFile(look(), { name: "\ud800", ...options });
  assert.equal(nothing.found, "none");
});

test("files are told from the manifests where the ledger is lost, and nothing is written", async (t) => {
  const view = withoutLedger(t);
  const before = snapshotOf(view.storage.location);
  const list = await listFiles(view, { limit: 100, clock: systemClock });
  assert.deepEqual(list.rebuilt, [pipeline]);
  assert.deepEqual(
    list.files.map((file) => file.state),
    ["committed", "committed", "quarantined", "committed"],
  );
  const file = await show("mixed.json", [], view);
  assert.equal(file.rebuilt, true);
  assert.deepEqual(
    file.generations[0]!.timeline.map(({ event }) => event),
    ["committed"],
  );
  assert.deepEqual(snapshotOf(view.storage.location), before);
});

test("looking changes nothing", async () => {
  const before = snapshotOf(table);
  await tableStatus(look());
  await listFiles(look(), { limit: 9, clock: systemClock });
  await tableFacts(look());
  assert.deepEqual(snapshotOf(table), before);
});

test("a table's facts, history and schema say what the log says", async () => {
  const facts = await tableFacts(look());
  assert.deepEqual(
    [facts.version, facts.rows, facts.files, facts.columns, facts.oldestCommit, facts.checkpoint],
    [1, 4, 2, 2, 0, undefined],
  );
  assert.deepEqual(facts.pipelines, [{ pipeline, source }]);
  const storage = localStorage({ root: table });
  const history = await tableHistory({ storage, limit: 1 });
  assert.equal(history.truncated, true);
  const [newest] = history.versions;
  assert.deepEqual(
    [newest!.version, newest!.rowsAdded, newest!.filesAdded, newest!.batch?.number],
    [1, 1, 1, 2],
  );
  const schema = await tableSchema(look());
  assert.equal(schema.ddl, "id BIGINT, _rescued_data STRING");
  const nowhere = viewOf({ table: join(folder, "nothing"), engine, scratchFolder: folder });
  await assert.rejects(tableFacts(nowhere), { code: "TABLE_MISSING" });
  await assert.rejects(tableSchema(nowhere), { code: "TABLE_MISSING" });
  await assert.rejects(tableHistory({ storage: nowhere.storage, limit: 1 }), { code: "TABLE_MISSING" });
});

test("a file that is passed by is found by its base name or a glob, in whatever folder; of several all are told", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "landfall-look-"));
  t.after(() => rmSync(root, { recursive: true }));
  const at = { source: join(root, "in"), table: join(root, "table") };
  land(at.source, { "2026/a.json": '{"id":1}\n' });
  await ingest(at);
  land(at.source, { "2026/03/late.json.tmp": "x", "_old/x[1].json": "x", "_old/x1.json": "x" });
  const show = (name: string): ReturnType<typeof runLandfall> =>
    runLandfall(["files", "show", at.table, name], { cwd: root });
  for (const name of ["late.json.tmp", "03/late.json.tmp", "**/late.*", "2026/**/*.tmp"]) {
    const { code, stdout } = await show(name);
    assert.equal(code, 1, name);
    assert.match(stdout, /2026\/03\/late\.json\.tmp is there, and is not looked at, because its name/, name);
  }
  assert.match((await show("x1.json")).stdout, /_old\/x1\.json is there, and is not looked at/);
  assert.match((await show("x[1].json")).stdout, /_old\/x\[1\]\.json is there, and is not looked at/);
  assert.match(
    (await show("x*")).stdout,
    /Several lie in the source; say which:\n {2}_old\/x\S+ {2}not looked at/,
  );
  assert.match((await show("2026/*.json")).stdout, /committed by batch 1/);
  assert.match((await show("nothing*")).stdout, /No pipeline of this table has seen a file/);
});
