/** The schema of a table over several runs of the command line: what each mode does, and what a person is told. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { place } from "../support/hard-case.ts";
import { ingest, runLandfall } from "../support/run-landfall.ts";
import { tableQueries } from "../support/table-queries.ts";

const query = tableQueries();

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

test("provenance and keys of the path, declared by flags, over two runs; verify finds nothing", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "year=2024/a.json"), lines({ id: 1 }, { id: "x" }, { id: 3 }));
  const args = [source, table, "--partition-columns", "year", "--partition-by", "year"];
  const columnsWanted = "file_path,record_number AS line,batch_id,ingest_time,file_modification_time";
  const flags = [...args, "--provenance", columnsWanted, "--hints", "year INT, id BIGINT"];
  await ingest(flags);
  arrive(join(source, "year=2025/b.json"), lines({ id: 4, line: "of the data" }));
  arrive(join(source, "year=unknown/c.json"), lines({ id: 5 }));
  const second = await ingest(flags, { codes: [1] });
  assert.deepEqual([second.files.committed, second.files.quarantined], [1, 1]);
  const [a, b] = [join(source, "year=2024/a.json"), join(source, "year=2025/b.json")];
  assert.deepEqual(await query(table, "SELECT id, year, file_path, line FROM t ORDER BY year, line"), [
    ["1", 2024, a, "1"],
    [null, 2024, a, "2"],
    ["3", 2024, a, "3"],
    ["4", 2025, b, "1"],
  ]);
  const commits = await query(
    table,
    "SELECT count(DISTINCT batch_id), count(DISTINCT ingest_time), bool_and(ingest_time > file_modification_time) FROM t",
  );
  assert.deepEqual(commits, [["2", "2", true]]);
  const verified = await runLandfall(["verify", table, "--data"]);
  assert.equal(verified.code, 0, verified.stdout);
});

test("a table partitioned by date(at): one folder a day, and a run without the option goes on by the table's rule", async (t) => {
  const { source, table } = place(t);
  const at = ["2024-01-01T23:59:59Z", "2024-01-02T00:00:00Z"];
  arrive(join(source, "a.json"), lines({ id: 1, at: at[0] }, { id: 2, at: at[1] }, { id: 3, at: null }));
  await ingest([source, table, "--partition-by", "date(at)"]);
  arrive(join(source, "b.json"), lines({ id: 4, at: at[1], at_date: "2030-01-01" }));
  const second = await ingest([source, table]);
  assert.equal(second.rows.rescued, 1);
  assert.deepEqual(await query(table, "SELECT id, at_date FROM t ORDER BY id"), [
    ["1", "2024-01-01"],
    ["2", "2024-01-02"],
    ["3", null],
    ["4", "2024-01-02"],
  ]);
  const folders = readdirSync(table).filter((name) => name.startsWith("at_date="));
  assert.deepEqual(folders.sort(), [
    "at_date=2024-01-01",
    "at_date=2024-01-02",
    "at_date=__HIVE_DEFAULT_PARTITION__",
  ]);
  const verified = await runLandfall(["verify", table, "--data"]);
  assert.equal(verified.code, 0, verified.stdout);
});

test("another partitioning than the table's is refused before a file is read, new files or not", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1, region: "north", day: "2024-01-01" }));
  await ingest([source, table, "--partition-by", "region"]);
  const refused = async (partitionBy: string): Promise<Record<string, string>> => {
    const run = await runLandfall(["ingest", source, table, "--partition-by", partitionBy, "--json"]);
    assert.equal(run.code, 2, run.stdout);
    return (JSON.parse(run.stdout) as { error: Record<string, string> }).error;
  };
  const nothingNew = await refused("day");
  assert.equal(nothingNew["code"], "TABLE_SCHEMA_CONFLICT");
  assert.match(nothingNew["message"]!, /is partitioned by region, and table\.partitionBy asks for day\.$/);
  arrive(join(source, "b.json"), lines({ id: 2, region: "south", day: "2024-01-02" }));
  assert.match(
    (await refused("region,day"))["message"]!,
    /by region, and table\.partitionBy asks for region, day\.$/,
  );
  assert.deepEqual(await query(table, "SELECT count(*) FROM t"), [["1"]]);
  const same = await ingest([source, table, "--partition-by", "Region"]);
  assert.equal(same.rows.written, 1);
  const unparted = `${table}-unparted`;
  await ingest([source, unparted]);
  const run = await runLandfall(["ingest", source, unparted, "--partition-by", "day"]);
  assert.deepEqual(
    [run.code, /is not partitioned, and table\.partitionBy asks for day/.test(run.stderr)],
    [2, true],
  );
});

test("table schema --history tells which file brought which column, nested ones too, and when", async (t) => {
  const { source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1, s: { x: 1 } }));
  await ingest([source, table]);
  arrive(join(source, "b.json"), lines({ id: 2 }));
  arrive(join(source, "c d.json"), lines({ id: 3, s: { y: "t" }, "a.b": 1, l: [{ z: 1 }] }));
  const run = await runLandfall(["ingest", source, table]);
  assert.match(run.stdout, /columns added to the table\n +a\.b\n +l\n +s\.y\n/);
  const shown = await runLandfall(["table", "schema", table, "--history", "--json"]);
  const { history } = JSON.parse(shown.stdout) as { history: Record<string, unknown>[] };
  assert.deepEqual(
    history.map(({ path, file, version, batch }) => [path, file, version, batch]),
    [
      ["id", "a.json", 0, 1],
      ["s", "a.json", 0, 1],
      ["s.y", "c%20d.json", 1, 2],
      ["`a.b`", "c%20d.json", 1, 2],
      ["l", "c%20d.json", 1, 2],
    ],
  );
  const told = await runLandfall(["table", "schema", table, "--history"]);
  assert.match(told.stdout, /\n-- s\.y: version 1, \d{4}-[^,]+Z, c d\.json\n/);
});

test("addNewColumnsWithTypeWidening: check tells ahead what a run does, and summary and history tell it afterwards", async (t) => {
  const { source, table } = place(t);
  const args = [source, table, "--evolution-mode", "addNewColumnsWithTypeWidening"];
  arrive(join(source, "a.json"), lines({ id: 1, n: { x: 1 } }));
  await ingest([...args, "--hints", "id INT, n.x INT"]);
  arrive(join(source, "b.json"), lines({ id: 2, n: { x: 3_000_000_000 } }, { id: "x" }));
  const ahead = await runLandfall(["ingest", ...args, "--dry-run", "--json"]);
  const { checks } = JSON.parse(ahead.stdout) as { checks: Record<string, unknown>[] };
  assert.deepEqual(checks[0]!["widenedColumns"], [
    { path: "n.x", from: "INT", to: "BIGINT", file: "b.json" },
  ]);
  const told = await runLandfall(["ingest", ...args, "--dry-run"]);
  assert.match(told.stdout, /columns would get wider types[^]*n\.x: INT to BIGINT \(in b\.json\)/);
  assert.equal(await columns(table), "id INT, n STRUCT<x: INT>, _rescued_data STRING");
  const run = await runLandfall(["ingest", ...args]);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout + run.stderr, /a wider type[^]*n\.x: INT to BIGINT \(in b\.json\)/);
  assert.equal(await columns(table), "id INT, n STRUCT<x: BIGINT>, _rescued_data STRING");
  assert.deepEqual(manifests(table)[1]!["widenedColumns"], [
    { path: "n.x", from: "INT", to: "BIGINT", file: "b.json" },
  ]);
  const history = await runLandfall(["table", "schema", table, "--history"]);
  assert.match(history.stdout, /-- n\.x, INT to BIGINT: version 1, .*b\.json/);
  const checked = await runLandfall(["table", "check", table, "--data", "--json"]);
  assert.equal(checked.code, 0, checked.stdout);
});
