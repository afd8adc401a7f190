/** A table whose log is damaged where other files of it serve: every command goes on, and says so. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkpointKey, commitKey, LAST_CHECKPOINT } from "../../src/delta/log-files.ts";
import { ingest, land } from "../support/small-pipeline.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("a damaged checkpoint is passed over for the commits, and each command warns of it", async (t) => {
  const folder = temporaryFolder(t);
  const [source, table] = [join(folder, "in"), join(folder, "table")];
  mkdirSync(source);
  land(source, { "a.json": '{"id":1}\n{"id":2}\n' });
  await ingest({ source, table });
  writeFileSync(join(table, checkpointKey(0)), "damaged");
  const warning = `warning: A damaged file of the Delta log of ${table} was passed over`;
  for (const args of [
    ["show", table],
    ["schema", table],
    ["query", table, "SELECT count(*) AS n FROM t"],
  ]) {
    const { code, stderr } = await runLandfall(["table", ...args]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr.split(warning).length, 2, `${args[0]}: ${stderr}`);
    assert.ok(stderr.includes(checkpointKey(0)), stderr);
  }
  land(source, { "b.json": '{"id":3}\n' });
  const run = await runLandfall(["ingest", source, table]);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /A damaged file of the Delta log of \S+ was passed over/);
});

test("a hint at a checkpoint that is not there is said, a torn commit named", async (t) => {
  const folder = temporaryFolder(t);
  const [source, table] = [join(folder, "in"), join(folder, "table")];
  mkdirSync(source);
  land(source, { "a.json": '{"id":1}\n' });
  await ingest({ source, table });
  writeFileSync(join(table, LAST_CHECKPOINT), '{"version":1,"size":5}');
  const hinted = await runLandfall(["table", "schema", table]);
  assert.equal(hinted.code, 0);
  assert.match(hinted.stderr, /warning: _delta_log\/_last_checkpoint of \S+ names version 1/);
  writeFileSync(join(table, commitKey(1)), '{"commitInfo":{"timest');
  const torn = await runLandfall(["table", "schema", table]);
  assert.equal(torn.code, 2);
  assert.ok(torn.stderr.includes(commitKey(1)), torn.stderr);
  assert.match(torn.stderr, /TABLE_LOG_CORRUPT/);
});
