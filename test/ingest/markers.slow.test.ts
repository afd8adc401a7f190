/** Markers, order and old stocks through the command line, as a person meets them. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ingest, runLandfall } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { tableQueries } from "../support/table-queries.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const query = tableQueries();

test("a marked file is archived with its marker; one that comes under its name waits for a marker of its own", async (t) => {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, "in"));
  land(join(cwd, "in"), { "a.json": '{"id":1}\n', "a.json.done": "", "b.json": '{"id":2}\n' });
  const args = ["in", "table", "--marker", "suffix=.done", "--archive-to", "out"];
  assert.equal((await ingest(args, { cwd })).files.committed, 1);
  assert.deepEqual(readdirSync(join(cwd, "out")).sort(), ["a.json", "a.json.done"]);
  assert.deepEqual(readdirSync(join(cwd, "in")), ["b.json"]);
  land(join(cwd, "in"), { "a.json": '{"id":3}\n{"id":4}\n' });
  // A marker that is older than its file speaks for what lay there before.
  writeFileSync(join(cwd, "in/b.json.done"), "");
  utimesSync(join(cwd, "in/b.json.done"), 1, 1);
  assert.equal((await ingest(args, { cwd })).files.discovered, 0);
  const shown = await runLandfall(["files", "show", "table", "a.json"], { cwd });
  assert.match(shown.stdout, /archived/);
  writeFileSync(join(cwd, "in/a.json.done"), "");
  writeFileSync(join(cwd, "in/b.json.done"), "");
  assert.equal((await ingest(args, { cwd })).files.committed, 2);
  assert.deepEqual(await query(join(cwd, "table"), "SELECT count(*), count(DISTINCT id) FROM t"), [
    ["4", "4"],
  ]);
});

test("the files of a folder arrive together once it is marked; what comes later is a batch of its own", async (t) => {
  const cwd = temporaryFolder(t);
  const one = '{"id":1}\n';
  land(join(cwd, "in"), { "x/p=1/a.json": one, "x/p=2/b.json": one, "x/_SUCCESS": "", "y/a.json": one });
  const args = ["in", "table", "--marker", "file=_SUCCESS", "--max-files-per-trigger", "1"];
  const first = await ingest(args, { cwd });
  assert.deepEqual([first.versions, first.files.committed], [[0], 2]);
  writeFileSync(join(cwd, "in/x/late.json"), one);
  assert.equal((await ingest(args, { cwd })).batches, 0);
  for (const folder of ["x", "y"]) writeFileSync(join(cwd, "in", folder, "_SUCCESS"), "");
  const second = await ingest(args, { cwd });
  assert.deepEqual([second.versions, second.files.committed], [[1, 2], 2]);
});
