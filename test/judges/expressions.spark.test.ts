/** Spark computes the same of expressions, for the same rows, as Landfall's translation of them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Duckdb } from "../../src/engine/duckdb.ts";
import { translateExpression } from "../../src/engine/expressions/translate-expression.ts";
import { canonicalRowsOf } from "../support/canonical-values.ts";
import { EXPRESSION_ROWS, EXPRESSION_SCHEMA, expressionRows } from "../support/expression-rows.ts";
import { judgeMissing, startJudge, type JudgeRows } from "../support/judge.ts";
import { KNOWN_EXPRESSIONS } from "../support/known-expressions.ts";
import { scratchDuckdb } from "../support/scratch-duckdb.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const skip = judgeMissing("spark");

/** How many of the expressions, drawn by LANDFALL_SEED. Default: all. */
const EXPRESSIONS = Number(process.env["LANDFALL_EXPRESSIONS"] ?? KNOWN_EXPRESSIONS.length);
const SEED = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
const [drawn = []] = fc.sample(
  fc.shuffledSubarray([...KNOWN_EXPRESSIONS], { minLength: EXPRESSIONS, maxLength: EXPRESSIONS }),
  { numRuns: 1, seed: SEED },
);

/** What stands for a row that has no value but an error. */
const ERROR = "an error";
/** Expressions of one query to Spark. */
const AT_ONCE = 40;

interface Computed {
  readonly sql: string;
  readonly type: unknown;
  /** One a row. */
  readonly values: readonly unknown[];
}

test(
  `an expression has the value and the type that it has in Spark, and fails for the same rows: ${drawn.length} of ${KNOWN_EXPRESSIONS.length}, seed ${SEED}`,
  { skip },
  async (t) => {
    const spark = startJudge("spark", t);
    const duckdb = await scratchDuckdb(t);
    const folder = join(temporaryFolder(t), "rows");
    const table = `parquet.\`${folder}\``;
    await spark.request({
      op: "execute",
      sql: `INSERT OVERWRITE DIRECTORY '${folder}' USING parquet ${expressionRows("spark")}`,
    });
    const asked = async (expressions: readonly string[], where: string): Promise<JudgeRows | undefined> => {
      const list = expressions.map((sql, i) => `(${sql}\n) AS v${i}`).join(", ");
      const sql = `SELECT row, ${list} FROM ${table} WHERE ${where} ORDER BY row`;
      const answer = await spark.request({ op: "sql", sql }).catch(() => undefined);
      return (
        answer && { ...answer, rows: answer.rows.toSorted((a, b) => Number(a["row"]) - Number(b["row"])) }
      );
    };
    const bySpark = async ({ sql, values }: Computed): Promise<Computed> => {
      const place = (row: number): string => `row = ${row}`;
      const failing = [...values.keys()].filter((row) => values[row] === ERROR);
      const rest = await asked([sql], failing.length === 0 ? "true" : `NOT row IN (${failing.join(", ")})`);
      if (rest === undefined) return { sql, type: "Spark fails for another row as well", values: [] };
      const found: unknown[] = values.map(() => ERROR);
      for (const row of rest.rows) found[Number(row["row"])] = row["v0"];
      for (const row of failing) {
        const [one] = (await asked([sql], place(row)))?.rows ?? [];
        if (one !== undefined) found[row] = one["v0"];
      }
      return { sql, type: rest.schema[1]!.type, values: found };
    };

    const ours: Computed[] = [];
    for (const sql of drawn) ours.push(await computed(duckdb, sql));
    const differing: unknown[] = [];
    const compare = (one: Computed, other: Computed): void => {
      if (JSON.stringify(one) !== JSON.stringify(other)) differing.push({ ours: one, bySpark: other });
    };
    for (const one of ours.filter(({ values }) => values.includes(ERROR))) compare(one, await bySpark(one));
    const whole = ours.filter(({ values }) => !values.includes(ERROR));
    for (let from = 0; from < whole.length; from += AT_ONCE) {
      const some = whole.slice(from, from + AT_ONCE);
      const answer = await asked(
        some.map(({ sql }) => sql),
        "true",
      );
      for (const [i, one] of some.entries()) {
        // Where one of them fails Spark tells nothing of the others.
        const other =
          answer === undefined
            ? await bySpark(one)
            : {
                sql: one.sql,
                type: answer.schema[i + 1]!.type,
                values: answer.rows.map((row) => row[`v${i}`]),
              };
        compare(one, other);
      }
    }
    assert.equal(differing.length, 0, differing.map((one) => JSON.stringify(one)).join("\n"));
  },
);

async function computed(duckdb: Duckdb, sql: string): Promise<Computed> {
  const { sql: translated, type } = translateExpression({
    sql,
    of: "it",
    schema: EXPRESSION_SCHEMA,
    relation: "r",
  });
  const values: unknown[] = [];
  for (const row of EXPRESSION_ROWS.keys()) {
    const rows = await duckdb
      .rows(`SELECT ${translated} AS v FROM (${expressionRows("duckdb", row)}) r`, "compute")
      .catch(() => undefined);
    const [canonical] = rows === undefined ? [] : canonicalRowsOf([[rows[0]!["v"]]], [{ name: "v", type }]);
    values.push(canonical === undefined ? ERROR : canonical["v"]);
  }
  return { sql, type, values };
}
