/** Spark reads tables that ingestion widened, at every version, as we do; appends to them; and has its own tables widened. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openTable } from "../../src/delta.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { readByLibrary } from "../support/read-by-library.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { WIDENED, widenedTable, widenForeign } from "./widened-table.ts";

const skip = judgeMissing("spark");

test("Spark reads every version of a widened table as we do, and appends to it", { skip }, async (t) => {
  const location = await widenedTable(temporaryFolder(t));
  const spark = startJudge("spark", t);
  const table = openTable(location);
  t.after(() => table.close());
  for (const version of [0, 1, 2]) {
    const ours = await readByLibrary(table, { version });
    const theirs = await spark.request({ op: "read", table: location, version });
    assert.equal(theirs.rows.length, version + 1);
    assert.deepEqual(theirs.rows, ours.rows, `version ${version}`);
  }
  const { schema } = await spark.request({ op: "read", table: location });
  for (const [name, [, , type]] of Object.entries(WIDENED))
    assert.equal(schema.find((field) => field.name === name)?.type, type, name);
  await spark.request({
    op: "sql",
    sql: `INSERT INTO delta.\`${location}\` (id, i, l) VALUES (9, 4000000000, 1.75)`,
  });
  const [ours, theirs] = [await readByLibrary(table), await spark.request({ op: "read", table: location })];
  assert.equal(ours.rows.length, 4);
  assert.deepEqual(theirs.rows, ours.rows);
});

for (const properties of ["", "TBLPROPERTIES ('delta.enableTypeWidening' = 'true')"]) {
  test(
    `a table of Spark's is widened${properties === "" ? "" : ", which has the feature already"}; Spark reads it and compacts it`,
    {
      skip,
    },
    async (t) => {
      const folder = temporaryFolder(t);
      const location = join(folder, "theirs");
      const spark = startJudge("spark", t);
      const name = `delta.\`${location}\``;
      await spark.request({
        op: "sql",
        sql: `CREATE TABLE ${name} (id INT, v INT) USING delta ${properties}`,
      });
      await spark.request({ op: "sql", sql: `INSERT INTO ${name} VALUES (1, 7), (2, NULL)` });
      await widenForeign(folder, location, 10);
      const table = openTable(location);
      t.after(() => table.close());
      const ours = await readByLibrary(table);
      const values = ours.rows.map(({ id, v }) => `${String(id)} ${String(v)}`).sort();
      assert.deepEqual(values, ["1 7", "10 3000000000", "11 5", "2 null"]);
      const theirs = await spark.request({ op: "read", table: location });
      assert.deepEqual(theirs.rows, ours.rows);
      await spark.request({ op: "execute", sql: `OPTIMIZE ${name}` });
      assert.deepEqual((await readByLibrary(table)).rows, ours.rows);
    },
  );
}
