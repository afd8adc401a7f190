/** `--full-refresh` as a person types it: what leaves the table, what comes back, what is refused; killed at every durable write; two hosts. */
import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { holdAt, idsOf, place, type Place } from "../support/hard-case.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { contentOf } from "../support/tree-content.ts";

interface World extends Place {
  landfall(...argv: readonly string[]): Promise<CommandResult>;
  run(...flags: readonly string[]): Promise<CommandResult>;
  refresh(...flags: readonly string[]): Promise<CommandResult>;
  proved(): Promise<void>;
}

/** 1.json and 2.json are committed in two batches. */
async function world(t: TestContext, more = ""): Promise<World> {
  const where = place(t);
  const { source, table, folder } = where;
  const landfall = (...argv: readonly string[]): Promise<CommandResult> => runLandfall(argv, { cwd: folder });
  writeFileSync(
    join(folder, "p.yaml"),
    `pipeline: p\nsource: { location: ${source} }\ntable: { location: ${table} }\n${more}`,
  );
  const self: World = {
    ...where,
    landfall,
    run: (...flags) => landfall("run", "p.yaml", ...flags),
    refresh: (...flags) => landfall("run", "p.yaml", "--full-refresh", ...flags),
    async proved() {
      const { code, stdout } = await landfall("verify", table, "--data");
      assert.equal(code, 0, stdout);
      assert.match(stdout, /proved/);
    },
  };
  for (const id of [1, 2]) {
    land(source, { [`${id}.json`]: `{"id":${id}}\n` });
    assert.equal((await self.run()).code, 0);
  }
  return self;
}

test("the rows leave the table and every file of the source is read once more; again and again", async (t) => {
  const w = await world(t);
  land(w.source, { "2.json": '{"id":20}\n{"id":21}\n', "3.json": '{"id":3}\n' });
  for (const round of [1, 2]) {
    const done = await w.refresh("--yes", "--allow-lost-rows", "--json");
    assert.equal(done.code, 0, done.stderr);
    const { pipeline, rows, fullRefresh } = JSON.parse(done.stdout) as {
      pipeline: string;
      rows: { written: number };
      fullRefresh: { removed: { rows: number }; lost: { files: number; why: object } };
    };
    assert.equal(pipeline, "p");
    assert.equal(rows.written, 4);
    assert.equal(fullRefresh.removed.rows, round === 1 ? 2 : 4);
    assert.deepEqual(fullRefresh.lost.why, round === 1 ? { changed: 1 } : {});
    assert.deepEqual(await idsOf(w.table), ["1", "3", "20", "21"]);
    await w.proved();
  }
  assert.match((await w.run()).stdout, /Nothing new among 3 files/);
  rmSync(join(w.table, "_landfall/p/3/ledger.db"));
  assert.match((await w.run()).stdout, /Nothing new among 3 files/, "a ledger that is lost is rebuilt");
  const shown = await w.landfall("files", "show", w.table, "1.json", "--name", "p");
  assert.equal(shown.stdout.match(/before a full refresh/g)?.length, 2);
  const status = await w.landfall("status", w.table, "--json");
  const { pipelines } = JSON.parse(status.stdout) as { pipelines: { pipeline: string }[] };
  assert.deepEqual(
    pipelines.map(({ pipeline }) => pipeline),
    ["p"],
  );
});

test("unconfirmed, or with rows that would be lost unasked, nothing is changed; a dry run tells it and leaves nothing", async (t) => {
  const w = await world(t, `archive: { to: ${join(place(t).folder, "archive")} }\n`);
  land(w.source, { "3.json": '{"id":3}\n' });
  rmSync(join(w.source, "1.json"), { force: true });
  const before = contentOf(w.folder);
  const dry = await w.refresh("--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stdout, /taken out {2}2 rows[^]*lost[^]*2 rows of 2 files \(2 archived\)[^]*dry run/);
  const told = JSON.parse((await w.refresh("--dry-run", "--json")).stdout) as { dryRun: boolean };
  assert.equal(told.dryRun, true);
  assert.deepEqual(contentOf(w.folder), before);
  const lost = await w.refresh("--yes");
  assert.equal(lost.code, 2);
  assert.match(lost.stderr, /would lose 2 rows of 2 files[^]*--allow-lost-rows/);
  const unasked = await w.refresh("--allow-lost-rows");
  assert.equal(unasked.code, 2);
  assert.match(unasked.stderr, /not confirmed[^]*--yes/);
  assert.deepEqual(await idsOf(w.table), ["1", "2"]);
  assert.equal((await w.refresh("--allow-lost-rows", "--yes")).code, 0);
  assert.deepEqual(await idsOf(w.table), ["3"]);
  await w.proved();
});

test("rows of others stay; an append-only table is refused; without a table there is nothing to start over", async (t) => {
  const w = await world(t);
  const other = join(w.folder, "other");
  mkdirSync(other);
  land(other, { "9.json": '{"id":9}\n' });
  assert.equal((await w.landfall("ingest", other, w.table, "--pipeline", "q")).code, 0);
  assert.equal((await w.refresh("--yes")).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2", "9"]);
  await w.proved();
  const all = await w.refresh("--yes", "--refresh-rows", "all");
  assert.equal(all.code, 0, all.stderr);
  assert.deepEqual(await idsOf(w.table), ["1", "2"], "the other's rows went, as was asked for");

  writeFileSync(
    join(w.folder, "fixed.yaml"),
    `pipeline: p\nsource: { location: ${w.source} }\ntable: { location: ${join(w.folder, "fixed")}, properties: { delta.appendOnly: "true" } }\n`,
  );
  assert.equal((await w.landfall("run", "fixed.yaml")).code, 0);
  const refused = await w.landfall("run", "fixed.yaml", "--full-refresh", "--yes");
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /REFRESH_REFUSED[^]*append-only/);
  const first = await w.landfall("ingest", w.source, join(w.folder, "new"), "--full-refresh", "--yes");
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(await idsOf(join(w.folder, "new")), ["1", "2"]);
});

test("what was kept out stays out: the baseline, and what another loader has read", async (t) => {
  const w = await world(t);
  land(w.source, { "3.json": '{"id":3}\n', "4.json": '{"id":4}\n' });
  writeFileSync(join(w.folder, "list.csv"), "path,size\n3.json,9\n");
  assert.equal((await w.landfall("files", "adopt", "p.yaml", "list.csv")).code, 0);
  utimesSync(join(w.source, "3.json"), 1_700_000_000, 1_700_000_000);
  assert.equal((await w.landfall("run", "p.yaml")).code, 0);
  const ahead = async (...more: readonly string[]): Promise<unknown> => {
    const { stdout } = await w.refresh("--dry-run", "--json", ...more);
    return (JSON.parse(stdout) as { fullRefresh: { source: unknown } }).fullRefresh.source;
  };
  assert.deepEqual(await ahead(), { files: 3, bytes: 27, keptOut: 1 });
  assert.deepEqual(await ahead("--refresh-rows", "all"), { files: 4, bytes: 36, keptOut: 0 });
  assert.match((await w.refresh("--dry-run")).stdout, /stay out {3}1 file: adopted/);
  assert.equal((await w.refresh("--yes")).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2", "4"]);
  assert.equal((await w.refresh("--yes", "--refresh-rows", "all")).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2", "3", "4"], "the other loader's rows went, too");

  const late = join(w.folder, "late");
  const flags = [w.source, late, "--pipeline", "b", "--include-existing-files", "false"];
  assert.equal((await w.landfall("ingest", ...flags)).code, 0);
  land(w.source, { "5.json": '{"id":5}\n' });
  assert.equal((await w.landfall("ingest", ...flags)).code, 0);
  assert.equal((await w.landfall("ingest", ...flags, "--full-refresh", "--yes")).code, 0);
  assert.deepEqual(await idsOf(late), ["5"]);
});

test("copies that a relocation knows again are read anew; what another loader has read stays out there, too", async (t) => {
  const w = await world(t);
  land(w.source, { "3.json": '{"id":3}\n' });
  writeFileSync(join(w.folder, "list.csv"), "path,size\n3.json,9\n");
  assert.equal((await w.landfall("files", "adopt", "p.yaml", "list.csv")).code, 0);
  const copy = join(w.folder, "copy");
  cpSync(w.source, copy, { recursive: true });
  const relocated = await w.landfall("files", "relocate", w.table, "--from", w.source, "--to", copy);
  assert.match(relocated.stdout, /3 files with the bytes that were read/);
  const declaration = readFileSync(join(w.folder, "p.yaml"), "utf8");
  writeFileSync(join(w.folder, "p.yaml"), declaration.replace(w.source, copy));

  const dry = JSON.parse((await w.refresh("--dry-run", "--json")).stdout) as {
    fullRefresh: { lost: { files: number }; source: unknown };
  };
  assert.equal(dry.fullRefresh.lost.files, 0);
  assert.deepEqual(dry.fullRefresh.source, { files: 2, bytes: 18, keptOut: 1 });
  const cutOff = await runLandfall(["run", "p.yaml", "--full-refresh", "--yes"], {
    cwd: w.folder,
    env: { LANDFALL_FAULT: "file.named:2" },
  });
  assert.equal(cutOff.signal, "SIGKILL", cutOff.stderr);
  const done = await w.refresh("--yes");
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(await idsOf(w.table), ["1", "2"]);
  await w.proved();
});

test("killed at any durable write, a later refresh or run ends with every row once", async (t) => {
  let kills = 0;
  let cutOff = 0;
  for (let pass = 1; ; pass += 1) {
    const w = await world(t);
    const killed = await runLandfall(["run", "p.yaml", "--full-refresh", "--yes"], {
      cwd: w.folder,
      env: { LANDFALL_FAULT: `file.named:${pass}` },
    });
    if (killed.signal !== "SIGKILL") {
      assert.equal(killed.code, 0, killed.stderr);
      break;
    }
    kills += 1;
    let next = await w.run();
    if (next.code !== 0) {
      assert.equal(next.code, 4, next.stderr);
      assert.match(next.stderr, /PIPELINE_STARTED_OVER[^]*--full-refresh/);
      const verified = await w.landfall("verify", w.table);
      assert.match(verified.stdout, /REFRESH_CUT_OFF/);
      next = await w.refresh();
      assert.equal(next.code, 0, `${pass}: ${next.stderr}`);
      cutOff += 1;
    }
    assert.deepEqual(await idsOf(w.table), ["1", "2"], `killed at write ${pass}`);
    await w.proved();
  }
  assert.ok(kills >= 4 && cutOff >= 1, `${kills} kills, ${cutOff} cut off after the commit`);
});

test("a batch that was staged before the refresh cannot be committed after it", async (t) => {
  const w = await world(t);
  land(w.source, { "3.json": '{"id":3}\n' });
  const held = await holdAt(t, {
    point: "commit.before:1",
    args: ["run", join(w.folder, "p.yaml"), "--state", join(w.folder, "state-a")],
    folder: w.folder,
  });
  const refreshed = await w.refresh("--yes", "--state", join(w.folder, "state-b"));
  assert.equal(refreshed.code, 0, refreshed.stderr);
  held.release();
  const late = await held.ended;
  assert.equal(late.code, 4, late.stderr);
  assert.match(late.stderr, /PIPELINE_STARTED_OVER/);
  assert.deepEqual(await idsOf(w.table), ["1", "2", "3"]);
  const again = await w.run("--state", join(w.folder, "state-a"));
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(await idsOf(w.table), ["1", "2", "3"]);
  await w.proved();
});

/** As another program does it: a commit that puts a copy of the table's first data file in its place. */
function rewriteFirstFile(
  table: string,
  as: { readonly operation: string; readonly dataChange: boolean },
): void {
  const commit = (version: number): string =>
    join(table, "_delta_log", `${String(version).padStart(20, "0")}.json`);
  const { operation, dataChange } = as;
  const add = readFileSync(commit(0), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly add?: { readonly path: string } })
    .find((action) => action.add !== undefined)!.add!;
  copyFileSync(join(table, add.path), join(table, "rewritten.parquet"));
  const lines = [
    { commitInfo: { operation, txnId: "x" } },
    { remove: { path: add.path, dataChange, deletionTimestamp: 1 } },
    { add: { ...add, path: "rewritten.parquet", dataChange } },
  ];
  writeFileSync(commit(2), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

test("a data file that was compacted out of this pipeline's files alone goes with its rows", async (t) => {
  const w = await world(t);
  rewriteFirstFile(w.table, { operation: "OPTIMIZE", dataChange: false });
  assert.equal((await w.refresh("--yes")).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2"]);
});

test("where nobody can tell whose rows a rewritten file holds, the refresh is refused with the choices", async (t) => {
  const w = await world(t);
  rewriteFirstFile(w.table, { operation: "DELETE", dataChange: true });
  const refused = await w.refresh("--yes");
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /REFRESH_REFUSED[^]*--refresh-rows all[^]*--refresh-rows unchanged/);
  assert.equal((await w.refresh("--yes", "--refresh-rows", "all")).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2"]);
});

test("compactions of a table that two pipelines feed keep them apart: the rows of one go, also when the log no longer tells, and those of the other stay", async (t) => {
  const w = place(t);
  const compacting = ["--auto-compact", "true", "--auto-compact-min-num-files", "3"];
  const properties = ["--properties", "delta.checkpointInterval=3", "--max-files-per-trigger", "1"];
  const ingest = (name: string): Promise<CommandResult> =>
    runLandfall(["ingest", join(w.folder, name), w.table, "--pipeline", name, ...compacting, ...properties]);
  for (const [round, names] of [
    ["a", "b"],
    ["a", "b"],
  ].entries()) {
    for (const name of names) {
      for (let i = 0; i < 4; i++)
        land(join(w.folder, name), { [`${round}-${i}.json`]: `{"id":"${name}${round}${i}"}\n` });
      const { code, stdout, stderr } = await ingest(name);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /small +\d+ data files/);
    }
  }
  const before = await idsOf(w.table);
  assert.equal(before.length, 16);
  // As the log is once it has been cleaned up: what is left begins with the last checkpoint.
  const log = join(w.table, "_delta_log");
  const checkpoint = readdirSync(log)
    .filter((name) => name.endsWith(".checkpoint.parquet"))
    .sort()
    .at(-1)!;
  for (const name of readdirSync(log))
    if (/^\d+\.json$/.test(name) && name < checkpoint) rmSync(join(log, name));
  rmSync(join(w.folder, "a"), { recursive: true });
  land(join(w.folder, "a"), { "new.json": '{"id":"new"}\n' });
  const over = ["--full-refresh", "--yes", "--allow-lost-rows"];
  const refreshed = await runLandfall(["ingest", join(w.folder, "a"), w.table, "--pipeline", "a", ...over]);
  assert.equal(refreshed.code, 0, refreshed.stderr);
  assert.deepEqual(await idsOf(w.table), [...before.filter((id) => id.startsWith("b")), "new"]);
});

test("rows of another pipeline that go with them are told before, and proved no more", async (t) => {
  const w = await world(t);
  mkdirSync(join(w.folder, "other"));
  land(join(w.folder, "other"), { "x.json": '{"id":7}\n' });
  assert.equal((await w.landfall("ingest", "other", w.table)).code, 0);
  const ahead = await w.refresh("--refresh-rows", "all", "--dry-run");
  assert.match(ahead.stdout, /of others +1 row of these, in 1 data file/);
  assert.equal((await w.refresh("--refresh-rows", "all", "--yes")).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2"]);
  const verified = await w.landfall("verify", w.table, "--data");
  assert.doesNotMatch(verified.stdout, /✔ proved/);
  assert.match(verified.stdout, /Full refresh of another pipeline: .* of them 1 of Landfall with 1 rows/);
});

test("a file that was only touched is not lost", async (t) => {
  const w = await world(t);
  utimesSync(join(w.source, "2.json"), 1e9, 1e9);
  assert.match((await w.run()).stdout, /touched/);
  assert.doesNotMatch((await w.refresh("--dry-run")).stdout, /lost/);
  assert.equal((await w.refresh("--yes")).code, 0);
  assert.deepEqual(await idsOf(w.table), ["1", "2"]);
});

test("what says something of a full refresh is refused where none is asked for", async (t) => {
  const w = await world(t);
  for (const flags of [["--yes"], ["--allow-lost-rows"], ["--refresh-rows", "all"]]) {
    const refused = await w.run(...flags);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /says something of a full refresh, and none is asked for/);
  }
});
