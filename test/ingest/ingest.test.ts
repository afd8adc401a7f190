/** The command line on real folders: what is read, what is not, and what a person is told. */
import assert from "node:assert/strict";
import {
  existsSync,
  appendFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { ledgerPath, stateFolderOf } from "../../src/open/state-folder.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { arrive, lines } from "../support/arrivals.ts";
import { place } from "../support/hard-case.ts";
import { ingest, runLandfall } from "../support/run-landfall.ts";
import { tableQueries } from "../support/table-queries.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const query = tableQueries();

async function refused(args: readonly string[], code: number): Promise<string> {
  const result = await runLandfall(["ingest", ...args]);
  assert.equal(result.code, code, `${result.stdout}${result.stderr}`);
  return result.stderr;
}

test("a folder becomes a table, a second run takes only what is new, and a new column is added", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1, at: "2026-01-02T03:04:05Z", n: { x: 1.5 } }, { id: 2 }));
  arrive(join(source, "deep/er/b.json.gz"), gzipSync(lines({ id: 3 })));
  const first = await ingest([source, table]);
  assert.deepEqual(first.versions, [0]);
  assert.deepEqual(first.files, {
    discovered: 2,
    committed: 2,
    quarantined: 0,
    skipped: 0,
    waiting: 0,
    unreadable: 0,
  });
  arrive(join(source, "c.json"), lines({ id: 4, extra: true }));
  const second = await ingest([source, table]);
  assert.deepEqual([second.files.discovered, second.rows.written, second.versions], [1, 1, [1]]);
  const third = await ingest([source, table]);
  assert.deepEqual([third.files.discovered, third.batches], [0, 0]);
  assert.deepEqual([second.engineStarted, third.engineStarted], [true, false]);
  assert.ok(Math.min(second.stages.scan, second.stages.write, second.stages.commit) > 0);
  assert.deepEqual(
    Object.entries(third.stages).filter(([stage, milliseconds]) => stage !== "list" && milliseconds > 0),
    [],
  );
  assert.deepEqual(await query(table, "SELECT id, extra FROM t ORDER BY id"), [
    ["1", null],
    ["2", null],
    ["3", null],
    ["4", true],
  ]);
});

test("a name that tells no format stops no pipeline that has one, also with a lost ledger; one that tells another does", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1 }));
  await ingest([source, table]);
  arrive(join(source, "README"), "what lies here\n");
  arrive(join(source, "b.json"), lines({ id: 2 }));
  const dry = await runLandfall(["ingest", source, table, "--dry-run"]);
  assert.equal(dry.code, 1, dry.stdout);
  rmSync(
    ledgerPath(stateFolderOf({ table, name: readdirSync(join(table, "_landfall"))[0]!, state: undefined })),
  );
  const second = await ingest([source, table], { codes: [1] });
  assert.deepEqual([second.rows.written, second.rows.rejected], [1, 1]);
  arrive(join(source, "c.json"), lines({ id: 3 }));
  assert.equal((await ingest([source, table])).rows.written, 1);
  arrive(join(source, "d.csv"), "id\n4\n");
  assert.match(await refused([source, table], 2), /d\.csv \(csv\)[^]*source\.format/);
});

test("what does not fit is rescued, what is broken is rejected, what cannot be read is quarantined, and the rest goes in", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1, v: 10 }));
  await ingest([source, table]);
  arrive(
    join(source, "b.json"),
    `{"id":2,"v":1.5}\n{"id":3,"v":123456789012345678901234567890}\n{"broken\n{"id":4,"v":7}\n`,
  );
  arrive(join(source, "c.json.gz"), gzipSync(lines({ id: 5 })).subarray(0, 20));
  const run = await ingest([source, table], { codes: [1] });
  assert.deepEqual(run.rows, {
    read: 4,
    written: 3,
    updated: 0,
    deleted: 0,
    rescued: 2,
    rejected: 1,
    ignored: 0,
    corrupt: 0,
  });
  assert.deepEqual([run.files.committed, run.files.quarantined], [1, 1]);
  assert.deepEqual(await query(table, "SELECT id, v, _rescued_data FROM t ORDER BY id"), [
    ["1", "10", null],
    ["2", null, '{"v":1.5,"_file_path":"b.json"}'],
    ["3", null, '{"v":123456789012345678901234567890,"_file_path":"b.json"}'],
    ["4", "7", null],
  ]);
});

test("onOverwrite ignore: a touched file is no matter, a grown and an overwritten one make exit 1, and none is read", async (t) => {
  const { source, table } = place(t);
  for (const name of ["touched", "grown", "overwritten"])
    arrive(join(source, `${name}.json`), lines({ name, n: 1 }));
  await ingest([source, table]);
  const past = Date.now() / 1000 - 60;
  utimesSync(join(source, "touched.json"), past, past);
  const quiet = await ingest([source, table]);
  assert.equal(quiet.files.skipped, 1);
  appendFileSync(join(source, "grown.json"), lines({ name: "grown", n: 2 }));
  utimesSync(join(source, "grown.json"), past, past);
  arrive(join(source, "overwritten.json"), lines({ name: "other", n: 3 }));
  const loud = await runLandfall(["ingest", source, table]);
  assert.equal(loud.code, 1, loud.stderr);
  assert.match(loud.stdout, /grown\.json {2}grown/);
  assert.match(loud.stdout, /overwritten\.json {2}overwritten/);
  assert.equal(
    (await runLandfall(["ingest", source, table])).code,
    0,
    "the run that notices them is the one that says so",
  );
  assert.deepEqual(await query(table, "SELECT count(*) FROM t"), [["3"]]);
});

test("onOverwrite append reads the new generation as more rows; fail stops the run", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ n: 1 }));
  await ingest([source, table]);
  arrive(join(source, "a.json"), lines({ n: 2 }, { n: 3 }));
  assert.match(await refused([source, table, "--on-overwrite", "fail"], 1), /OVERWRITE_FORBIDDEN.*a\.json/s);
  const run = await ingest([source, table, "--on-overwrite", "append"]);
  assert.equal(run.rows.written, 2);
  assert.deepEqual(await query(table, "SELECT n FROM t ORDER BY n"), [["1"], ["2"], ["3"]]);
});

test("limits.maxRejected and maxQuarantined stop a batch uncommitted, and the files go in once they are mended", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), '{"n":1}\nbroken\n{"n":2}\nbroken too\n');
  arrive(join(source, "b.json"), Buffer.from([0x1f, 0x8b, 1, 2]));
  assert.match(
    await refused([source, table, "--max-rejected", "1"], 1),
    /TOO_MANY_REJECTED.*2 records .* limits\.maxRejected is 1: a\.json \(2\)/s,
  );
  assert.match(
    await refused([source, table, "--max-quarantined", "0"], 1),
    /TOO_MANY_QUARANTINED.*1 file .*b\.json/s,
  );
  assert.equal(existsSync(join(table, "_delta_log")), false);
  rmSync(join(source, "b.json"));
  arrive(join(source, "a.json"), lines({ n: 1 }, { n: 2 }));
  const mended = await ingest([source, table, "--max-rejected", "0", "--max-quarantined", "0"]);
  assert.deepEqual([mended.rows.written, mended.files.quarantined], [2, 0]);
  assert.equal((await ingest([source, table])).batches, 0);
});

test("includeExistingFiles false: what lies there at the first run stays out for ever, what comes later goes in", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "old.json"), lines({ n: 1 }));
  const first = await ingest([source, table, "--include-existing-files", "false"]);
  assert.equal(first.batches, 0);
  arrive(join(source, "new.json"), lines({ n: 2 }));
  const second = await ingest([source, table, "--include-existing-files", "false"]);
  assert.equal(second.rows.written, 1);
  rmSync(join(table, "_landfall", second.pipeline, "ledger.db"));
  const rebuilt = await ingest([source, table]);
  assert.equal(rebuilt.batches, 0, "the baseline stands beside the table");
});

test("a lost ledger is rebuilt from the table: nothing is read again", async (t) => {
  const { source, table } = place(t);
  for (let i = 0; i < 3; i++) {
    arrive(join(source, `${i}.json`), lines({ i }));
    await ingest([source, table]);
  }
  const [name] = readdirSync(join(table, "_landfall"));
  for (const file of readdirSync(join(table, "_landfall", name!))) {
    if (file.startsWith("ledger.db")) rmSync(join(table, "_landfall", name!, file));
  }
  arrive(join(source, "3.json"), lines({ i: 3 }));
  const run = await ingest([source, table]);
  assert.deepEqual([run.rows.written, run.versions], [1, [3]]);
  assert.deepEqual(await query(table, "SELECT count(*), sum(i) FROM t"), [["4", "6"]]);
});

test("two hosts with ledgers of their own feed one table: every row once", async (t) => {
  const { source, table } = place(t);
  const states = ["one", "two"].map((name) => join(temporaryFolder(t), name));
  for (let i = 0; i < 4; i++) {
    arrive(join(source, `${i}.json`), lines({ i }));
    const run = await ingest([source, table, "--state", states[i % 2]!]);
    assert.deepEqual([run.rows.written, run.versions], [1, [i]]);
  }
  assert.deepEqual(await query(table, "SELECT count(*), count(DISTINCT i) FROM t"), [["4", "4"]]);
});

test("partitions: values that file systems and URLs trip over, empty text and null", async (t) => {
  const { source, table } = place(t);
  const values = ["a/b", "50%", "x=y", "", "é ü", ".."];
  arrive(join(source, "a.json"), lines(...values.map((p, i) => ({ p, i })), { i: 9 }));
  await ingest([source, table, "--partition-by", "p"]);
  const rows = await query(table, "SELECT p, i FROM t ORDER BY i");
  assert.deepEqual(rows, [...values.map((p, i) => [p === "" ? null : p, String(i)]), [null, "9"]]);
});

test("named files, globs and hidden names: only what is meant is read", async (t) => {
  const { source, table } = place(t);
  for (const name of [
    "a.json",
    "b.json",
    "x/c.json",
    ".hidden.json",
    "_tmp.json",
    "_dir/d.json",
    "x[1].json",
    "x1.json",
  ]) {
    arrive(join(source, name), lines({ name }));
  }
  const named = await ingest([join(source, "a.json"), join(source, "x[1].json"), table]);
  assert.equal(named.rows.written, 2);
  assert.deepEqual(await query(table, "SELECT name FROM t ORDER BY name"), [["a.json"], ["x[1].json"]]);
  const glob = await ingest([`${source}/**/c*.json`, table]);
  assert.equal(glob.rows.written, 1);
  const all = await ingest([source, table]);
  assert.equal(all.rows.written, 2);
});

test("links are followed inside the source only; what is no file is passed by", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ n: 1 }));
  const outside = join(temporaryFolder(t), "secret.json");
  arrive(outside, lines({ n: 666 }));
  symlinkSync(outside, join(source, "outside.json"));
  symlinkSync(source, join(source, "loop"));
  symlinkSync(join(source, "nothing"), join(source, "dangling.json"));
  const run = await ingest([source, table]);
  assert.equal(run.rows.written, 1);
});

test("hostile names are keys like any other", async (t) => {
  const { source, table } = place(t);
  const names = [
    "sp ace.json",
    "quo'te\".json",
    "*?[x].json",
    "new\nline.json",
    "é日🚗.json",
    "%41.json",
    "-rf.json",
  ];
  for (const [i, name] of names.entries()) arrive(join(source, name), lines({ i }));
  writeFileSync(
    Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0xff, 0xfe]), Buffer.from(".json")]),
    lines({ i: 99 }),
  );
  const run = await ingest([source, table]);
  assert.ok(run.rows.written + run.files.waiting >= names.length);
  assert.equal((await ingest([source, table])).rows.written + run.rows.written, names.length + 1);
});

test("empty files and folders are no trouble", async (t) => {
  const { source, table } = place(t);
  assert.equal((await ingest([source, table])).batches, 0);
  arrive(join(source, "zero.json"), "");
  arrive(join(source, "blank.json"), "\n \r\n");
  const run = await ingest([source, table]);
  assert.deepEqual([run.files.committed, run.rows.written, run.versions], [2, 0, [0]]);
  arrive(join(source, "a.json"), lines({ n: 1 }));
  assert.deepEqual((await ingest([source, table])).versions, [1]);
  assert.deepEqual(await query(table, "SELECT n FROM t"), [["1"]]);
});

test("what is refused is refused by name, with the next step, and nothing is written", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ n: 1 }));
  assert.match(await refused([join(source, "none"), table], 3), /SOURCE_MISSING/);
  assert.match(await refused([source, join(source, "table")], 2), /OVERLAP/);
  assert.match(await refused([source], 2), /USAGE/);
  assert.match(await refused([source, table, "--on-overwrite", "apend"], 2), /did you mean append/);
  arrive(join(table, "other.txt"), "x");
  assert.match(await refused([source, table], 2), /TABLE_FOLDER_OCCUPIED.*other\.txt/s);
  assert.deepEqual(readdirSync(table), ["other.txt"]);
});

test("a table that was dropped and made again is noticed, and so is a folder that was moved", async (t) => {
  const { source, table } = place(t);
  const state = join(temporaryFolder(t), "state");
  arrive(join(source, "a.json"), lines({ n: 1 }));
  await ingest([source, table, "--state", state]);
  rmSync(table, { recursive: true });
  assert.match(await refused([source, table, "--state", state], 2), /TABLE_CHANGED_IDENTITY/);
  await ingest([source, table]);
  const moved = `${source}-moved`;
  renameSync(source, moved);
  assert.match(await refused([moved, table], 2), /PIPELINE_NAME_TAKEN.*a\.json/s);
});

test("explicit columns: unknown keys are rescued and no column is added", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1, other: "x" }));
  await ingest([source, table, "--columns", "id BIGINT, late TIMESTAMP"]);
  assert.deepEqual(await query(table, "SELECT id, late, _rescued_data FROM t"), [
    ["1", null, '{"other":"x","_file_path":"a.json"}'],
  ]);
});

test("a time without a zone means the pipeline's time zone", async (t) => {
  const { source, table } = place(t);
  arrive(
    join(source, "a.json"),
    lines({ at: "2026-07-01T12:00:00", n: [{ at: "2026-01-01 12:00:00" }] }, { at: "2026-07-01T12:00:00Z" }),
  );
  await ingest([source, table, "--time-zone", "Europe/Berlin"]);
  assert.deepEqual(await query(table, 'SELECT "at", n[1]."at" FROM t ORDER BY 1'), [
    ["2026-07-01 10:00:00+00", "2026-01-01 11:00:00+00"],
    ["2026-07-01 12:00:00+00", null],
  ]);
});

test("a first batch of nothing but broken files makes the table all the same, and a later run fills it", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json.gz"), gzipSync(lines({ n: 1 })).subarray(0, 12));
  const run = await ingest([source, table], { codes: [1] });
  assert.deepEqual([run.files.quarantined, run.versions], [1, [0]]);
  arrive(join(source, "b.json"), lines({ n: 2 }));
  assert.deepEqual((await ingest([source, table])).versions, [1]);
  assert.deepEqual(await query(table, "SELECT n FROM t"), [["2"]]);
});

test("a column of mixed kinds holds every value as it was written, whichever way it goes into the engine", async (t) => {
  const { source, table } = place(t);
  const values = [
    "0",
    "-0",
    "7",
    "-128",
    "128",
    "-32769",
    "2147483648",
    "9007199254740993",
    "-9223372036854775808",
  ];
  values.push(
    "9223372036854775808",
    "123456789012345678901234567890",
    "1.10",
    "1e3",
    "1E400",
    "true",
    "false",
    "[1, 2.50]",
  );
  // Large enough that the engine reads the file as it lies there, but for the records that must be rewritten.
  const filler = Array.from({ length: 40_000 }, (_, i) => `{"i":${i + 1000},"v":${1_000_000 + i}}`);
  const mixed = values.map((value, i) => `{"i":${i},"v":${value}}`);
  arrive(join(source, "a.json"), [...filler, ...mixed, '{"i":900,"v":"text"}'].join("\n"));
  await ingest([source, table]);
  const rows = await query(table, "SELECT v FROM t WHERE i < 900 ORDER BY i");
  assert.deepEqual(rows.flat(), values);
  assert.deepEqual(
    await query(table, "SELECT count(*) FROM t WHERE i >= 1000 AND v <> CAST(999000 + i AS VARCHAR)"),
    [["0"]],
  );
});

test("a file that was still being written is told as waiting, and the next run takes it", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ n: 1 }));
  const { pipeline } = await ingest([source, table]);
  const state = stateFolderOf({ table, name: pipeline, state: undefined });
  const ledger = await openSqliteLedger({ path: ledgerPath(state) });
  const young = { key: "b.json", generation: "3-100", size: 3, modifiedNs: "100" };
  await ledger.setWaiting([young], Date.now());
  await ledger.close();
  const told = async (...args: string[]): Promise<string> => (await runLandfall(args)).stdout;
  assert.match(await told("status", table), /1 waiting, 1 committed/);
  assert.match(await told("files", "list", table, "--in", "waiting"), /b\.json/);
  assert.match(await told("files", "show", table, "b.json"), /seen, and may still be written/);
  arrive(join(source, "b.json"), lines({ n: 2 }));
  assert.equal((await ingest([source, table])).files.committed, 1);
  assert.match(await told("status", table), /files +2 committed/);
});

test("a record of 5,000 keys, beside one of few, goes in with the engine's own memory", async (t) => {
  const where = place(t);
  const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]));
  arrive(join(where.source, "a.json"), lines(wide));
  arrive(join(where.source, "b.json"), lines({ k1: 1 }));
  const { code, stderr } = await runLandfall(["ingest", where.source, where.table]);
  assert.equal(code, 0, stderr);
  const { stdout } = await runLandfall([
    "table",
    "query",
    where.table,
    "SELECT count(*), sum(k4999), sum(k1) FROM t",
  ]);
  assert.match(stdout, /2\s+4999\s+2/);
});
