/** `files adopt` as a person types it: a list of another loader's files, before the first run and after it. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { place, type Place } from "../support/hard-case.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { tableQueries } from "../support/table-queries.ts";
import { land } from "../support/small-pipeline.ts";
import { contentOf } from "../support/tree-content.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";

const query = tableQueries();

interface World extends Place {
  landfall(...argv: readonly string[]): Promise<CommandResult>;
  /** `files adopt` of these lines of a list. */
  adopt(lines: readonly string[], ...flags: readonly string[]): Promise<CommandResult>;
  ids(): Promise<string[]>;
}

function world(t: TestContext, more = ""): World {
  const where = place(t);
  const { source, table, folder } = where;
  const landfall = (...argv: readonly string[]): Promise<CommandResult> => runLandfall(argv, { cwd: folder });
  writeFileSync(
    join(folder, "p.yaml"),
    `pipeline: p\nsource: { location: ${source}${more} }\ntable: { location: ${table} }\n`,
  );
  land(source, { "1.json": '{"id":1}\n', "sub/2, 3.json": '{"id":2}\n{"id":3}\n', "4.json": '{"id":4}\n' });
  return {
    ...where,
    landfall,
    adopt: (lines, ...flags) => {
      writeFileSync(join(folder, "list.csv"), ["path,size", ...lines, ""].join("\n"));
      return landfall("files", "adopt", "p.yaml", "list.csv", ...flags);
    },
    ids: async () => (await query(table, "SELECT id::VARCHAR FROM t ORDER BY 1")).map(([id]) => String(id)),
  };
}

test("adopted files are never read, by this ledger or a rebuilt one; a newer content of the name is", async (t) => {
  const w = world(t);
  const dry = await w.adopt(["1.json,9"], "--dry-run");
  assert.equal(dry.code, 0, dry.stderr + dry.stdout);
  assert.deepEqual(
    readdirSync(w.folder).sort(),
    ["in", "list.csv", "p.yaml"],
    "a dry run leaves nothing behind",
  );
  const done = await w.adopt(["1.json,9", `"${w.source}/sub/2, 3.json",18`]);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /2 files are adopted/);
  for (const loses of [false, true]) {
    if (loses) rmSync(join(w.table, "_landfall/p/ledger.db"));
    assert.equal((await w.landfall("run", "p.yaml")).code, 0);
    assert.deepEqual(await w.ids(), ["4"]);
    const { code, stdout } = await w.landfall("verify", w.table);
    assert.equal(code, 0, stdout);
  }
  assert.match((await w.adopt(["1.json,9"])).stdout, /had been adopted before/);
  land(w.source, { "1.json": '{"id":10}\n' });
  await w.landfall("run", "p.yaml");
  assert.deepEqual(await w.ids(), ["10", "4"]);
});

test("what is not in the source, differs, or has been dealt with is told and not adopted", async (t) => {
  const w = world(t);
  await w.landfall("run", "p.yaml");
  land(w.source, { "5.json": '{"id":5}\n' });
  const told = await w.adopt(
    ["1.json,9", "5.json,8", "6.json,9", "../p.yaml,9", "s3://bucket/1.json,9", "/elsewhere/1.json,9"],
    "--json",
  );
  assert.equal(told.code, 1, told.stderr);
  const { adopted, left } = JSON.parse(told.stdout) as { adopted: []; left: { path: string; why: string }[] };
  assert.deepEqual(adopted, []);
  assert.deepEqual(
    left.map(({ path, why }) => [path, why]),
    [
      ["1.json", "committed"],
      ["5.json", "size"],
      ["6.json", "missing"],
      ["../p.yaml", "missing"],
      ["s3://bucket/1.json", "outside"],
      ["/elsewhere/1.json", "outside"],
    ],
  );
  assert.equal(statSync(join(w.table, "_landfall/p/decisions"), { throwIfNoEntry: false }), undefined);
  const bad = await w.adopt(["5.json,nine"]);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /list\.csv cannot be read at line 2/);
});

test("an adopted file that is only touched is not read, by this ledger or a rebuilt one; other bytes of its size are", async (t) => {
  const w = world(t, ", onOverwrite: fail");
  const touch = (name: string, seconds: number): void => utimesSync(join(w.source, name), seconds, seconds);
  const dry = await w.adopt(["1.json,9", '"sub/2, 3.json",18'], "--dry-run");
  assert.match(dry.stdout, /For their checksums 27 B would be read/);
  const done = await w.adopt(["1.json,9", '"sub/2, 3.json",18']);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, /For their checksums 27 B were read/);
  for (const [i, loses] of [false, true, false].entries()) {
    touch("1.json", 1_700_000_000 + i);
    if (loses) rmSync(join(w.table, "_landfall/p/ledger.db"));
    const ahead = await w.landfall("check", "p.yaml", "--json");
    const { checks } = JSON.parse(ahead.stdout) as {
      checks: [{ files: { toTake: number; skipped: object } }];
    };
    const [{ files }] = checks;
    assert.deepEqual(
      [files.toTake, files.skipped],
      [i === 0 ? 1 : 0, { adopted: 2, touched: i === 2 ? 2 : 1 }],
    );
    const { code, stdout } = await w.landfall("run", "p.yaml");
    assert.equal(code, 0, stdout);
    assert.match(stdout, /1\.json {2}touched/);
    assert.deepEqual(await w.ids(), ["4"]);
    const verified = await w.landfall("verify", w.table);
    assert.equal(verified.code, 0, verified.stdout);
  }
  land(w.source, { "1.json": '{"id":8}\n' });
  assert.equal((await w.landfall("run", "p.yaml")).code, 0);
  assert.deepEqual(await w.ids(), ["4", "8"]);
  assert.match((await w.landfall("files", "show", w.table, "1.json")).stdout, /skipped {2}touched/);
});

test("without checksums nothing is read, and a touched file is a new one", async (t) => {
  const w = world(t);
  const done = await w.adopt(["1.json,9"], "--no-checksums");
  assert.equal(done.code, 0, done.stderr);
  assert.doesNotMatch(done.stdout, /checksum/);
  utimesSync(join(w.source, "1.json"), 1_700_000_000, 1_700_000_000);
  await w.landfall("run", "p.yaml");
  assert.deepEqual(await w.ids(), ["1", "2", "3", "4"]);
});

test("a pipeline that tells files by their content adopts them by it", async (t) => {
  const w = world(t, ", generation: contentHash");
  assert.equal((await w.adopt(["1.json,9", '"sub/2, 3.json",18'])).code, 0);
  await w.landfall("run", "p.yaml");
  assert.deepEqual(await w.ids(), ["4"]);
});

test("killed after the decision is written, the next run keeps the files out", async (t) => {
  const w = world(t);
  writeFileSync(join(w.folder, "list.csv"), "path,size\n1.json,9\n");
  const killed = await runLandfall(["files", "adopt", "p.yaml", "list.csv"], {
    cwd: w.folder,
    env: { LANDFALL_FAULT: "decision.written:1" },
  });
  assert.equal(killed.signal, "SIGKILL");
  await w.landfall("run", "p.yaml");
  assert.deepEqual(await w.ids(), ["2", "3", "4"]);
});

test("lists as Parquet and as a loader elsewhere calls the files, and a Spark checkpoint", async (t) => {
  const w = world(t);
  const inside = join(w.folder, "list[1].parquet");
  await writeParquetFile(
    inside,
    "SELECT 's3://bucket/raw/sub/2%2C%203.json' AS path, 18::BIGINT AS size, TIMESTAMP '2026-03-01 10:00:00' AS commit_time UNION ALL SELECT 's3://bucket/raw/4.json', 9, NULL",
  );
  const adopt = (list: string, ...flags: readonly string[]): Promise<CommandResult> =>
    w.landfall("files", "adopt", "p.yaml", list, "--json", ...flags);
  const told = await adopt(inside, "--list-source", "s3://bucket/raw");
  assert.equal(told.code, 1, told.stderr);
  const { adopted, left } = JSON.parse(told.stdout) as { adopted: unknown[]; left: { why: string }[] };
  assert.equal(adopted.length, 1, "the name is percent-encoded as loaders write it");
  assert.deepEqual(
    left.map(({ why }) => why),
    ["uncommitted"],
  );
  const checkpoint = join(w.folder, "checkpoint");
  const { mtimeMs } = statSync(join(w.source, "1.json"));
  for (const [name, lines] of Object.entries({
    "sources/0/0": [
      "v1",
      JSON.stringify({ path: `file://${w.source}/1.json`, timestamp: Math.floor(mtimeMs), batchId: 0 }),
    ],
    "offsets/0": ["v1", "{}", '{"logOffset":0}'],
    "commits/0": ["v1", "{}"],
  })) {
    mkdirSync(dirname(join(checkpoint, name)), { recursive: true });
    writeFileSync(join(checkpoint, name), `${lines.join("\n")}\n`);
  }
  const before = contentOf(w.folder);
  const dry = await adopt(checkpoint, "--dry-run");
  assert.equal(dry.code, 0, dry.stderr + dry.stdout);
  assert.deepEqual(contentOf(w.folder), before);
  assert.equal((await adopt(checkpoint)).code, 0);
  assert.equal((await w.landfall("run", "p.yaml")).code, 0);
  assert.deepEqual(await w.ids(), ["4"]);
});
