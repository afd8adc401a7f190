/** `landfall table show, schema, query --version`: a table as it was. */
import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { landfallVersion } from "../../src/base/version.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder({ after });

const landfall = (...argv: readonly string[]): Promise<CommandResult> => runLandfall(argv, { cwd: folder });

async function documentOf(...argv: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await landfall(...argv, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

before(async () => {
  land(join(folder, "in"), { "a.json": '{"id":1}\n{"id":2}\n' });
  assert.equal((await landfall("ingest", "in", "table")).code, 0);
  land(join(folder, "in"), { "b.json": '{"id":3,"more":true}\n' });
  assert.equal((await landfall("ingest", "in", "table")).code, 0);
});

test("a version has the rows, the columns and the facts that it had", async () => {
  const count = "SELECT count(*) FROM t";
  assert.deepEqual((await documentOf("table", "query", "table", count))["rows"], [["3"]]);
  assert.deepEqual((await documentOf("table", "query", "table", count, "--version", "0"))["rows"], [["2"]]);
  const before = await documentOf("table", "show", "table", "--version", "0");
  assert.deepEqual([before["version"], before["rows"], before["files"]], [0, 2, 1]);
  const columns = "id BIGINT, _rescued_data STRING";
  assert.equal((await documentOf("table", "schema", "table", "--version", "0"))["ddl"], columns);
  assert.equal((await documentOf("table", "schema", "table"))["ddl"], `${columns}, more BOOLEAN`);
});

test("the history of columns ends at the version", async () => {
  const history = (await documentOf("table", "schema", "table", "--version", "0", "--history"))["history"];
  assert.deepEqual(
    (history as { path: string }[]).map(({ path }) => path),
    ["id"],
  );
});

test("a version that is not there, and a text that is none, are said", async () => {
  for (const command of [["show"], ["schema"], ["query", "SELECT 1"]]) {
    const [verb, ...rest] = command as [string, ...string[]];
    const gone = await landfall("table", verb, "table", ...rest, "--version", "2");
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /^error TABLE_VERSION_MISSING .*has no version 2; its newest is 1/s);
    const none = await landfall("table", verb, "table", ...rest, "--version", "one");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /--version one: a whole number from 0 is needed/);
  }
});

test("a time names the version that was the newest then", async () => {
  const log = join(folder, "table/_delta_log");
  for (const [version, day] of [
    [0, 1],
    [1, 3],
  ] as const) {
    const at = new Date(`2026-01-0${day}T00:00:00Z`);
    utimesSync(join(log, `${String(version).padStart(20, "0")}.json`), at, at);
  }
  const rows = async (timestamp: string): Promise<unknown> =>
    (await documentOf("table", "query", "table", "SELECT count(*) FROM t", "--timestamp", timestamp))["rows"];
  assert.deepEqual(await rows("2026-01-02"), [["2"]]);
  assert.deepEqual(await rows("2026-01-03T01:00:00+01:00"), [["3"]]);
  assert.equal((await documentOf("table", "show", "table", "--timestamp", "2026-01-01"))["version"], 0);
  const early = await landfall("table", "schema", "table", "--timestamp", "2025-12-31");
  assert.match(early.stderr, /^error TABLE_VERSION_MISSING/);
  for (const wrong of [
    ["--timestamp", "yesterday"],
    ["--timestamp", "2026-01-02", "--version", "0"],
  ]) {
    const { code, stderr } = await landfall("table", "show", "table", ...wrong);
    assert.equal(code, 2);
    assert.match(stderr, /^error USAGE/);
  }
});

test("the program still tells its own version", async () => {
  assert.equal((await landfall("--version")).stdout.trim(), landfallVersion());
});
