/** ClickHouse reads a table that ingestion widened, at every version, as our library does, also where files of delta-rs are in it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createTable, openTable } from "../../src/delta.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { readByLibrary } from "../support/read-by-library.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { widenedTable, widenForeign } from "./widened-table.ts";

test(
  "ClickHouse reads every version of a widened table as we do",
  { skip: judgeMissing("chdb") },
  async (t) => {
    const location = await widenedTable(temporaryFolder(t));
    const chdb = startJudge("chdb", t);
    const table = openTable(location);
    t.after(() => table.close());
    for (const version of [0, 1, 2]) {
      const { rows, fields } = await readByLibrary(table, { version });
      const types = Object.fromEntries(fields.map(({ name, type }) => [name, type]));
      const theirs = await chdb.request({ op: "read", table: location, version, types });
      assert.equal(rows.length, version + 1);
      assert.deepEqual(theirs.rows, rows, `version ${version}`);
    }
  },
);

test(
  "files of delta-rs are read as the wide type, once ingestion has widened their column",
  { skip: judgeMissing("delta-rs", "chdb") },
  async (t) => {
    const folder = temporaryFolder(t);
    const location = join(folder, "theirs");
    const table = await createTable(location, { schema: "id INT, v INT" });
    t.after(() => table.close());
    const rows = [{ id: "1", v: "7" }];
    await startJudge("delta-rs", t).request({ op: "append", table: location, rows });
    await widenForeign(folder, location, 10);
    const read = await readByLibrary(table);
    const values = read.rows.map(({ id, v }) => `${String(id)} ${String(v)}`).sort();
    assert.deepEqual(values, ["1 7", "10 3000000000", "11 5"]);
    assert.ok(read.snapshot.protocol.readerFeatures?.includes("typeWidening"));
    const types = Object.fromEntries(read.fields.map(({ name, type }) => [name, type]));
    const theirs = await startJudge("chdb", t).request({ op: "read", table: location, types });
    assert.deepEqual(theirs.rows, read.rows);
  },
);
