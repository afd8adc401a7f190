import assert from "node:assert/strict";
import { test } from "node:test";
import { scratchDuckdb } from "../../../test/support/scratch-duckdb.ts";
import { allowsCase } from "./letter-case.ts";

for (const name of ["upper", "lower"] as const) {
  test(`${name}: each letter that is allowed becomes what JavaScript, which has Java's rules, makes of it`, async (t) => {
    const duckdb = await scratchDuckdb(t);
    const rows = await duckdb.rows(
      `SELECT code, chr(code) AS c, ${name}(chr(code)) AS other FROM (SELECT CAST(unnest(range(1, 200000)) AS INTEGER) AS code)
       WHERE NOT code BETWEEN 55296 AND 57343 AND ${allowsCase(name, "chr(code)")}`,
      "change the case",
    );
    assert.ok(rows.length > 20_000);
    const differing = rows.filter(({ c, other }) => {
      const text = String(c);
      return (name === "upper" ? text.toUpperCase() : text.toLowerCase()) !== other;
    });
    assert.deepEqual(differing, []);
  });
}
