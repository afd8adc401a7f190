/** Spark takes and refuses the same rows for a table's rules as Landfall does, which reads the rules from the log that Spark wrote. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readTableState } from "../../src/delta/table-state.ts";
import { findBrokenRow } from "../../src/engine/expressions/check-rules.ts";
import { duckdbType, quoteName } from "../../src/engine/sql.ts";
import { featuresOfRules, tableRules } from "../../src/schema/table-rules.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { createTable } from "../../src/write/create-table.ts";
import { openTable } from "../../src/write/open-table.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { scratchDuckdb } from "../support/scratch-duckdb.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const LIMITS = { threads: 2, memory: "512m" };
const skip = judgeMissing("spark");

const COLUMNS = "a INT, n INT NOT NULL, s STRUCT<x: INT NOT NULL, y: INT>, v VARCHAR(3), at TIMESTAMP";

/** Values of a, n, s, v and at, in SQL that both engines read. */
const ROWS: readonly (readonly string[])[] = [
  ["1", "1", "NULL", "'abc'", "'2024-02-29 10:00:00'"],
  ["0", "1", "NULL", "'abc'", "NULL"],
  ["NULL", "1", "NULL", "NULL", "NULL"],
  ["1", "NULL", "NULL", "'abc'", "NULL"],
  ["1", "1", "(1, NULL)", "'äöü'", "NULL"],
  ["1", "1", "(NULL, 1)", "'a'", "NULL"],
  ["1", "1", "NULL", "'abcd'", "NULL"],
  ["7", "0", "(1, 1)", "''", "NULL"],
  ["1", "1", "(1, NULL)", "'abcd'", "NULL"],
];

test("rows break a table's rules for Landfall exactly where Spark refuses them", { skip }, async (t) => {
  const table = join(temporaryFolder(t), "rules");
  const spark = startJudge("spark", t);
  const duckdb = await scratchDuckdb(t);
  const execute = async (sql: string): Promise<unknown> => spark.request({ op: "execute", sql });
  await execute(`CREATE TABLE delta.\`${table}\` (${COLUMNS}) USING delta`);
  await execute(`ALTER TABLE delta.\`${table}\` ADD CONSTRAINT big CHECK (a > 0 AND (n = 0 OR a / n < 5))`);

  const { schema, metadata } = (await readTableState({ storage: localStorage({ root: table }) }))!;
  const rules = tableRules({ schema, configuration: metadata.configuration });
  assert.deepEqual(featuresOfRules(rules), ["checkConstraints"]);
  const given = ["a", "n", "s", "v", "at"];
  const types = given.map((name) => duckdbType(schema.fields.find((field) => field.name === name)!.type));
  for (const row of ROWS) {
    const cells = row.map(
      (cell, i) => `CAST(${tuple(cell, "duckdb")} AS ${types[i]!}) AS ${quoteName(given[i]!)}`,
    );
    const select = `SELECT ${cells.join(", ")}`;
    const broken = await findBrokenRow({ duckdb, select, schema, rules });
    const values = row.map((cell, i) =>
      given[i] === "at" ? `CAST(${cell} AS TIMESTAMP)` : tuple(cell, "spark"),
    );
    const refused = await execute(
      `INSERT INTO delta.\`${table}\` (${given.join(", ")}) VALUES (${values.join(", ")})`,
    ).then(
      () => false,
      () => true,
    );
    assert.equal(broken !== undefined, refused, `${row.join(", ")}: ${broken?.rule ?? "holds all rules"}`);
  }
});

function tuple(cell: string, dialect: "spark" | "duckdb"): string {
  const parts = /^\((.*), (.*)\)$/.exec(cell);
  if (parts === null) return cell;
  return dialect === "spark"
    ? `named_struct('x', ${parts[1]}, 'y', ${parts[2]})`
    : `{'x': ${parts[1]}, 'y': ${parts[2]}}`;
}

test(
  "Spark reads what Landfall writes by Spark's rules, and writes on by Landfall's",
  { skip },
  async (t) => {
    const folder = temporaryFolder(t);
    const spark = startJudge("spark", t);
    const execute = async (sql: string): Promise<unknown> => spark.request({ op: "execute", sql });
    const rowsOf = async (place: string): Promise<unknown> =>
      (await spark.request({ op: "sql", sql: `SELECT * FROM delta.\`${place}\` ORDER BY id` })).rows;

    const theirs = join(folder, "theirs");
    await execute(`CREATE TABLE delta.\`${theirs}\` (id BIGINT, n INT) USING delta
    TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')`);
    await execute(`ALTER TABLE delta.\`${theirs}\` ALTER COLUMN n SET DEFAULT 3 + 4`);
    await execute(`ALTER TABLE delta.\`${theirs}\` ADD CONSTRAINT small CHECK (n < 10)`);
    await using table = openTable(theirs, LIMITS);
    await table.append([{ id: 1 }, { id: 2, n: 3 }]);
    await assert.rejects(table.append([{ id: 3, n: 10 }]), /the CHECK constraint small/);
    await table.update({ set: { n: "n + 1" }, where: "id = 2" });
    assert.deepEqual(await rowsOf(theirs), [
      { id: "1", n: 7 },
      { id: "2", n: 4 },
    ]);

    const ours = join(folder, "ours");
    await using made = await createTable(ours, {
      ...LIMITS,
      schema: "id BIGINT, n INT, doubled BIGINT",
      generated: { doubled: "id * 2" },
      defaults: { n: "7" },
    });
    await made.append([{ id: 1 }]);
    await made.addConstraint("small", "n < 10");
    await execute(`INSERT INTO delta.\`${ours}\` (id) VALUES (2)`);
    await assert.rejects(execute(`INSERT INTO delta.\`${ours}\` (id, n) VALUES (3, 10)`), /small/);
    assert.deepEqual(await rowsOf(ours), [
      { id: "1", n: 7, doubled: "2" },
      { id: "2", n: 7, doubled: "4" },
    ]);
  },
);
