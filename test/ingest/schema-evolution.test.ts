/** The schema of a table over several runs of the command line: what each mode does, and what a person is told. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { ingest, runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function place(t: TestContext): { readonly source: string; readonly table: string } {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "in"));
  return { source: join(folder, "in"), table: join(folder, "table") };
}

async function query(table: string, sql: string): Promise<unknown[][]> {
  const result = await runLandfall(["table", "query", table, sql, "--json"]);
  assert.equal(result.code, 0, result.stderr);
  return (JSON.parse(result.stdout) as { rows: unknown[][] }).rows;
}

async function columns(table: string): Promise<string> {
  const result = await runLandfall(["table", "schema", table, "--json"]);
  return (JSON.parse(result.stdout) as { ddl: string }).ddl;
}

/** The manifests of a table's only pipeline, in order. */
function manifests(table: string): Record<string, unknown>[] {
  const state = join(table, "_landfall");
  const batches = join(state, readdirSync(state)[0]!, "batches");
  return readdirSync(batches)
    .filter((name) => !name.includes(".done."))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(batches, name), "utf8")) as Record<string, unknown>);
}

test("failOnNewColumns: the run fails with the column and its file, commits nothing, and goes on once it is mended", async (t) => {
  const { source, table } = place(t);
  const args = [source, table, "--evolution-mode", "failOnNewColumns"];
  arrive(join(source, "a.json"), lines({ id: 1 }));
  await ingest(args);
  arrive(join(source, "b.json"), lines({ id: 2, extra: { x: 1 } }));
  const failed = await runLandfall(["ingest", ...args, "--json"]);
  assert.equal(failed.code, 2);
  const { error } = JSON.parse(failed.stdout) as { error: Record<string, string> };
  assert.equal(error["code"], "NEW_COLUMNS");
  assert.match(error["message"]!, /a new column: extra \(in b\.json\)/);
  assert.match(error["hint"]!, /schema\.hints/);
  assert.deepEqual(await query(table, "SELECT count(*) FROM t"), [["1"]]);
  const hinted = await ingest([...args, "--hints", "extra STRUCT<x: INT>"]);
  assert.deepEqual([hinted.versions, hinted.rows.written], [[1], 1]);
  assert.equal(await columns(table), "id BIGINT, _rescued_data STRING, extra STRUCT<x: INT>");
  rmSync(join(source, "b.json"));
});

test("none: the table has no rescued column, and what is left out stands in summary, document and manifest", async (t) => {
  const { source, table } = place(t);
  const args = [source, table, "--evolution-mode", "none"];
  arrive(join(source, "a.json"), lines({ id: 1 }));
  await ingest(args);
  assert.equal(await columns(table), "id BIGINT");
  arrive(join(source, "b.json"), lines({ id: 2, n: { x: 1 } }, { id: "three" }, { id: 4 }));
  const run = await ingest(args);
  assert.deepEqual([run.rows.written, run.rows.rescued, run.rows.ignored], [3, 0, 2]);
  assert.deepEqual(run.ignoredKeys, ["n", "id"]);
  assert.deepEqual(await query(table, "SELECT id FROM t ORDER BY id"), [["1"], ["2"], ["4"], [null]]);
  const [, second] = manifests(table);
  assert.deepEqual(second!["ignoredKeys"], [
    { path: "n", file: "b.json" },
    { path: "id", file: "b.json" },
  ]);
  assert.equal((second!["arrivals"] as { ignored: number }[])[0]!.ignored, 2);
  arrive(join(source, "c.json"), lines({ id: 5, m: 1 }));
  const told = await runLandfall(["ingest", ...args]);
  assert.match(told.stdout, /1 written, 1 of them with values left out/);
  assert.match(told.stdout, /keys whose values were left out\n +m\n/);
});

test("a declared mode and its rescued column hold for every batch of a run", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1 }));
  arrive(join(source, "b.json"), lines({ id: 2, extra: 1 }));
  const run = await ingest([source, table, "--evolution-mode", "rescue", "--max-files-per-trigger", "1"]);
  assert.deepEqual([run.batches, run.rows.rescued], [2, 1]);
  assert.equal(await columns(table), "id BIGINT, _rescued_data STRING");
});
