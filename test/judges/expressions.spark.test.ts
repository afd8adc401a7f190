/** Spark computes the same of expressions, for the same rows, as Landfall's translation of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { translateExpression } from "../../src/engine/expressions/translate-expression.ts";
import { canonicalRowsOf } from "../support/canonical-values.ts";
import type { CanonicalRow } from "../support/canonical-rows.ts";
import { judgeMissing, startJudge, type Judge, type JudgeRows } from "../support/judge.ts";
import {
  EXPRESSION_ROWS,
  EXPRESSION_SCHEMA,
  KNOWN_EXPRESSIONS,
  expressionRows,
} from "../support/expression-cases.ts";
import { scratchDuckdb } from "../support/scratch-duckdb.ts";

const skip = judgeMissing("spark");

/** What stands for a row that has no value but an error. */
const ERROR = "an error";

test(
  "an expression has the value and the type in Landfall that it has in Spark, and fails for the same rows",
  { skip },
  async (t) => {
    const spark = startJudge("spark", t);
    const duckdb = await scratchDuckdb(t);
    const differing: unknown[] = [];
    for (const sql of KNOWN_EXPRESSIONS) {
      const bySpark = await valuesBySpark(spark, sql);
      const ours = translateExpression({ sql, of: "it", schema: EXPRESSION_SCHEMA, relation: "r" });
      const values: unknown[] = [];
      for (const row of EXPRESSION_ROWS.keys()) {
        const rows = await duckdb
          .rows(`SELECT ${ours.sql} AS v FROM (${expressionRows("duckdb", row)}) r`, "compute")
          .catch(() => undefined);
        const canonical =
          rows &&
          canonicalRowsOf(
            rows.map(({ v }) => [v]),
            [{ name: "v", type: ours.type }],
          );
        values.push(canonical === undefined ? ERROR : canonical[0]!["v"]);
      }
      // Of one row that fails Spark tells no type.
      const typed = { sql, type: bySpark.type === undefined ? undefined : ours.type, values };
      const expected = { sql, ...bySpark };
      if (JSON.stringify(typed) !== JSON.stringify(expected))
        differing.push({ ours: typed, bySpark: expected });
    }
    assert.deepEqual(differing, []);
  },
);

/** All rows at once, and each by itself where that fails. */
async function valuesBySpark(
  spark: Judge,
  sql: string,
): Promise<{ readonly type: unknown; readonly values: readonly unknown[] }> {
  const asked = async (only?: number): Promise<JudgeRows> =>
    spark.request({ op: "sql", sql: `SELECT row, (${sql}\n) AS v FROM (${expressionRows("spark", only)})` });
  try {
    const { schema, rows } = await asked();
    const sorted = rows.toSorted((a, b) => Number(a["row"]) - Number(b["row"]));
    return { type: schema[1]!.type, values: sorted.map((row: CanonicalRow) => row["v"]) };
  } catch {
    let type: unknown;
    const values: unknown[] = [];
    for (const row of EXPRESSION_ROWS.keys()) {
      const answer = await asked(row).catch(() => undefined);
      type ??= answer?.schema[1]!.type;
      values.push(answer === undefined ? ERROR : answer.rows[0]!["v"]);
    }
    return { type, values };
  }
}
