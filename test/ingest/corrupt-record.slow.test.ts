/** Records that cannot be read as rows of the table, from the command line to what people look at afterwards. */
import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { arrive } from "../support/arrivals.ts";
import { ingest, runLandfall } from "../support/run-landfall.ts";
import { tableQueries } from "../support/table-queries.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const query = tableQueries();

test("broken records are rows, shown wherever rescued ones are, and known to a rebuilt ledger", async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  const table = join(folder, "table");
  arrive(join(source, "a.json"), '{"id":1}\n{"id":\n{"id":2,"id":3}\n');
  arrive(join(source, "b.json"), '{"id":4}\n');
  const run = await ingest([
    source,
    table,
    "--json-column-name-of-corrupt-record",
    "broken",
    "--pipeline",
    "p",
  ]);
  assert.deepEqual(run.rows, {
    read: 4,
    written: 4,
    updated: 0,
    deleted: 0,
    rescued: 1,
    rejected: 0,
    ignored: 0,
    corrupt: 1,
  });
  assert.deepEqual(await query(table, "SELECT id, broken FROM t ORDER BY id NULLS FIRST"), [
    [null, '{"id":'],
    ["1", null],
    ["3", null],
    ["4", null],
  ]);
  const look = async (...args: string[]): Promise<string> => (await runLandfall(args)).stdout;
  const own = join(table, "_landfall/p");
  for (const state of ["kept", "lost"]) {
    for (const name of state === "lost" ? readdirSync(own) : [])
      if (name.startsWith("ledger.db")) rmSync(join(own, name));
    assert.match(
      await look("files", "show", table, "a.json"),
      /3 read, 3 written, 1 with rescued values, 1 text of broken records\n/,
    );
    assert.doesNotMatch(await look("files", "show", table, "b.json"), /broken/);
  }
  await ingest([source, table, "--json-column-name-of-corrupt-record", "broken", "--pipeline", "p"]);
  assert.match(
    await look("status", table),
    /4 read, 4 written, 1 with rescued values, 1 text of broken records\n/,
  );
  assert.equal((await runLandfall(["verify", table, "--data"])).code, 0);
});

test("the summary counts broken records apart, and they need no person", async (t) => {
  const folder = temporaryFolder(t);
  arrive(join(folder, "in/a.csv"), 'id\n1\n"x"y\n');
  const flags = ["--csv-column-name-of-corrupt-record", "broken"];
  const { code, stdout } = await runLandfall(["ingest", "in", "out", ...flags], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stdout, /rows {3}2 written, 1 of them text of broken records\n/);
});
