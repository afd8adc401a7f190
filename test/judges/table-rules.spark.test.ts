/** Spark takes and refuses the same rows for a table's rules as Landfall does, which reads the rules from the log that Spark wrote. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { readTableState } from "../../src/delta/table-state.ts";
import { findBrokenRow } from "../../src/engine/expressions/check-rules.ts";
import { duckdbType, quoteName } from "../../src/engine/sql.ts";
import { featuresOfRules, tableRules } from "../../src/schema/table-rules.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { scratchDuckdb } from "../support/scratch-duckdb.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

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
