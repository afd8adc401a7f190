import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scratchDuckdb } from "../../../test/support/scratch-duckdb.ts";
import { EXPRESSION_SCHEMA, expressionRows } from "../../../test/support/expression-rows.ts";
import { KNOWN_EXPRESSIONS } from "../../../test/support/known-expressions.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import { parseDdl } from "../../schema/ddl.ts";
import type { StructType } from "../../schema/data-type.ts";
import { tableRules } from "../../schema/table-rules.ts";
import { duckdbType } from "../sql.ts";
import { ruleSql, RULED_ROW, type RuleSql } from "./rule-sql.ts";
import { translateCondition, translateExpression, translateValue } from "./translate-expression.ts";

const base = { of: "the CHECK constraint c", schema: EXPRESSION_SCHEMA, relation: "r" };

test("what is known binds to the type that it is said to have", async (t) => {
  const duckdb = await scratchDuckdb(t);
  for (const sql of KNOWN_EXPRESSIONS) {
    const { sql: translated, type } = translateExpression({ ...base, sql });
    if (type === "void") continue;
    const [column] = await duckdb.columns(
      `SELECT ${translated} AS v FROM (${expressionRows("duckdb")}) r`,
      `bind ${sql}`,
    );
    assert.equal(String(column!.type), normal(duckdbType(type)), sql);
  }
});

function normal(type: string): string {
  return type.replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE").replace(", ", ",");
}

test("what is not known is refused with its name and the piece of the text", () => {
  const refused: readonly (readonly [sql: string, piece: string, words: string])[] = [
    ["i > 0 AND rand() < 0.5", "rand()", "the function rand is not known"],
    ["current_timestamp() > t", "current_timestamp()", "depends on the time"],
    ["current_date > d", "current_date", "depends on the time"],
    ["read_text('/etc/passwd') IS NULL", "read_text", "is not known"],
    ["getenv('HOME') = 'x'", "getenv", "is not known"],
    ["uper(s) = 'A'", "uper(s)", "(upper is)"],
    ["missing > 0", "missing", "no such column"],
    ["i.x > 0", "i.x", "INT has no field x"],
    ["s > 5", "s > 5", "STRING and INT are not compared"],
    ["s + 1 > 5", "s", "takes numbers, not STRING"],
    ["m / 3 > 1", "m / 3", "division of decimals"],
    ["n * n * n > 1", "n * n * n", "more than 38 digits"],
    ["CAST(x AS DECIMAL(5,2)) > 1", "x", "DOUBLE as DECIMAL(5,2)"],
    ["CAST(x AS STRING) = '1'", "x", "DOUBLE as STRING"],
    ["i", "", "a INT is neither true nor false"],
    ["i AND b", "i", "neither true nor false"],
    ["CASE WHEN b THEN i ELSE s END = 1", "CASE", "INT and STRING"],
    ["s LIKE p", "p", "must stand there as a text"],
    ["s LIKE 'a\\\\b'", "'a\\\\b'", "must come"],
    ["substring(s, i, 2) = 'a'", "i", "must stand there as a whole number"],
    ["date_format(t, 'EEEE') = 'x'", "'EEEE'", "of patterns"],
    ["date_format(t, 'yyyyy') = 'x'", "'yyyyy'", "of patterns"],
    ["trunc(d, 'hour') = d", "'hour'", "takes one of"],
    ["d > '2024-2-1'", "'2024-2-1'", "none that is read as DATE"],
    ["d > '2023-02-29'", "'2023-02-29'", "none that is read as DATE"],
    ["t > 'tomorrow'", "'tomorrow'", "none that is read as TIMESTAMP"],
    ["coalesce() = 1", "coalesce()", "with 0 arguments"],
    ["sha2(s, 512) = 'x'", "sha2", "only 256"],
  ];
  for (const [sql, piece, words] of refused) {
    assert.throws(
      () => translateCondition({ ...base, sql }),
      (error: unknown) => {
        assert.ok(isLandfallError(error, "EXPRESSION_UNKNOWN"), sql);
        for (const held of ["the CHECK constraint c", sql, piece, words])
          assert.ok(error.message.includes(held), `${error.message} should hold ${held}`);
        return true;
      },
      sql,
    );
  }
});

test("what text of another kind a column has, and columns that differ by case, are refused", () => {
  const schema: StructType = {
    type: "struct",
    fields: [
      { name: "a", type: "string", nullable: true, metadata: { __COLLATIONS: { a: "UTF8_LCASE" } } },
      { name: "c", type: "string", nullable: true, metadata: { __CHAR_VARCHAR_TYPE_STRING: "char(5)" } },
      { name: "v", type: "string", nullable: true, metadata: { __CHAR_VARCHAR_TYPE_STRING: "varchar(5)" } },
      { name: "X", type: "integer", nullable: true, metadata: {} },
      { name: "x", type: "integer", nullable: true, metadata: {} },
    ],
  };
  const translated = (sql: string): string => translateCondition({ ...base, schema, sql }).sql;
  assert.throws(() => translated("a = 'x'"), /collation/);
  assert.throws(() => translated("c = 'x'"), /CHAR/);
  assert.throws(() => translated("x = 1"), /several columns/);
  assert.match(translated("v = 'x'"), /"v"/);
});

test("fields of structs are found in any case, and names are quoted", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const schema = parseDdl('`a "b` STRUCT<`C d`: STRUCT<e: INT>>');
  const sql = translateCondition({ ...base, schema, sql: '`A "B`.`c D`.E = 7' }).sql;
  const rows = await duckdb.rows(
    `SELECT ${sql} AS v FROM (SELECT {'C d': {'e': 7}} AS "a ""b" UNION ALL SELECT NULL) r`,
    "compute",
  );
  assert.deepEqual(
    rows.map(({ v }) => v),
    [true, null],
  );
});

test("an instant has its date and hour in the time zone that is given", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const schema = parseDdl("t TIMESTAMP");
  const values = async (sql: string): Promise<unknown> => {
    const translated = translateExpression({ ...base, schema, sql, timeZone: "Asia/Tokyo" }).sql;
    const rows = await duckdb.rows(
      `SELECT ${translated} AS v FROM (SELECT TIMESTAMPTZ '2024-12-31 20:30:00Z' AS t) r`,
      "compute",
    );
    return rows[0]!["v"];
  };
  assert.equal(await values("year(t)"), 2025);
  assert.equal(await values("hour(t)"), 5);
  assert.equal(await values("CAST(t AS DATE)"), "2025-01-01");
  assert.equal(await values("date_format(t, 'yyyy-MM')"), "2025-01");
  assert.equal(await values("t = '2024-12-31T20:30:00Z'"), true);
  for (const sql of [
    "t > '2025-01-01 05:30:00'",
    "date_trunc('day', t)",
    "CAST(CAST(t AS TIMESTAMP_NTZ) AS TIMESTAMP)",
  ])
    await assert.rejects(values(sql), /UTC/, sql);
});

test("a value is cast to the column's type as Spark stores it, and the time is what it is given as", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const none: StructType = { type: "struct", fields: [] };
  const value = async (sql: string, type: Parameters<typeof translateValue>[0]["type"]): Promise<unknown> => {
    const translated = translateValue({
      ...base,
      schema: none,
      sql,
      type,
      now: "2024-02-29T12:00:00.000Z",
    }).sql;
    return (await duckdb.rows(`SELECT ${translated} AS v`, "compute"))[0]!["v"];
  };
  assert.equal(await value("5", "double"), 5);
  assert.equal(await value("0", "decimal(5,2)"), "0.00");
  assert.equal(await value("'x'", "string"), "x");
  assert.equal(await value("NULL", { type: "array", elementType: "long", containsNull: true }), null);
  assert.equal(await value("current_timestamp()", "timestamp"), "2024-02-29 12:00:00+00");
  assert.equal(await value("now()", "timestamp"), "2024-02-29 12:00:00+00");
  assert.equal(await value("current_date", "date"), "2024-02-29");
  await assert.rejects(
    value("array(1)", { type: "array", elementType: "long", containsNull: true }),
    /array is not known/,
  );
});

/** Three-valued, with errors, as Spark computes it from left to right. */
type Outcome = boolean | null | "error";
interface Tree {
  readonly sql: string;
  /** `failing`: what a part that cannot be computed counts as. */
  readonly value: (a: number | null, b: number | null, failing: Outcome) => Outcome;
}

const leaf: fc.Arbitrary<Tree> = fc.constantFrom<Tree>(
  { sql: "a > 0", value: (a) => (a === null ? null : a > 0) },
  { sql: "b = 0", value: (_, b) => (b === null ? null : b === 0) },
  { sql: "a IS NULL", value: (a) => a === null },
  { sql: "a <=> b", value: (a, b) => a === b },
  {
    sql: "a DIV b > 0",
    value: (a, b, failing) => (a === null || b === null ? null : b === 0 ? failing : Math.trunc(a / b) > 0),
  },
  {
    sql: "CAST(IF(a = 1, 'x', '7') AS INT) = 7",
    value: (a, _b, failing) => (a === 1 ? failing : true),
  },
);

function joined(op: "AND" | "OR", left: Tree, right: Tree): Tree {
  const decisive = op === "OR";
  return {
    sql: `(${left.sql} ${op} ${right.sql})`,
    value: (...row) => {
      const one = left.value(...row);
      if (one === "error" || one === decisive) return one;
      const other = right.value(...row);
      if (other === "error" || other === decisive) return other;
      return one === null || other === null ? null : !decisive;
    },
  };
}

function choice(when: Tree, yes: Tree, no: Tree): Tree {
  return {
    sql: `CASE WHEN ${when.sql} THEN ${yes.sql} ELSE ${no.sql} END`,
    value: (...row) => {
      const chosen = when.value(...row);
      if (chosen === "error") return chosen;
      return chosen === true ? yes.value(...row) : no.value(...row);
    },
  };
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc
      .tuple(fc.constantFrom("AND" as const, "OR" as const), tie("tree"), tie("tree"))
      .map((of) => joined(...of)),
    fc.tuple(tie("tree"), tie("tree"), tie("tree")).map((of) => choice(...of)),
    tie("tree").map<Tree>((of) => ({
      sql: `NOT (${of.sql})`,
      value: (...row) => {
        const value = of.value(...row);
        return typeof value === "boolean" ? !value : value;
      },
    })),
  ),
}));

/**
 * Whether a condition that fails may still be told by a value: it is the same one whatever the failing part were. Optimizers, Spark's too, make
 * `a AND (b OR a)` to `a`, so that a failing `b` is never computed.
 */
function isDecided({ value }: Tree, a: number | null, b: number | null): boolean {
  const outcomes = new Set([true, false, null].map((failing) => value(a, b, failing)));
  return outcomes.size === 1;
}

test("property: conditions are null, true, false or an error as Spark's order of computing has it", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const schema = parseDdl("a INT, b INT");
  const numbers = [null, 0, 1, 2, -1];
  const pairs = numbers.flatMap((a) => numbers.map((b) => [a, b] as const));
  await fc.assert(
    fc.asyncProperty(tree, async (condition) => {
      const { sql, value } = condition;
      const rules = tableRules({ schema, configuration: { "delta.constraints.c": sql } });
      const [{ holds }] = ruleSql({ rules, schema }) as [RuleSql];
      const rows = pairs.map(([a, b], i) => `(${i}, ${a ?? "NULL"}, ${b ?? "NULL"})`).join(", ");
      const from = `(VALUES ${rows}) ${RULED_ROW}(i, a, b)`;
      const held = await duckdb.rows(`SELECT ${holds} AS v FROM ${from} ORDER BY i`, "hold");
      const wanted = pairs.map(([a, b]) => value(a, b, "error"));
      for (const [i, { v }] of held.entries()) {
        const [a, b] = pairs[i]!;
        if (wanted[i] !== "error") assert.equal(v, wanted[i] === true, `${a}, ${b}`);
        else
          assert.ok(v === false || (isDecided(condition, a, b) && value(a, b, null) === true), `${a}, ${b}`);
      }
      const translated = translateCondition({ ...base, relation: RULED_ROW, schema, sql }).sql;
      if (!wanted.includes("error")) {
        const values = await duckdb.rows(`SELECT ${translated} AS v FROM ${from} ORDER BY i`, "compute");
        assert.deepEqual(
          values.map(({ v }) => v),
          wanted,
        );
      }
      // By itself it fails where a row has an error that decides something, and only where a row has one.
      const without = await duckdb
        .rows(`SELECT ${translated} AS v FROM ${from}`, "compute")
        .catch(() => "error");
      if (without === "error") assert.ok(wanted.includes("error"));
      else assert.ok(pairs.every(([a, b], i) => wanted[i] !== "error" || isDecided(condition, a, b)));
    }),
    { numRuns: 150 },
  );
});

test("property: any text is either translated or refused by name", () => {
  const pieces = fc.constantFrom(
    "i",
    "s",
    "(",
    ")",
    "AND",
    "NOT",
    "1",
    "'x'",
    ",",
    "IN",
    "=",
    "-",
    "CASE",
    "WHEN",
    "END",
    "`",
    "DATE",
    ".",
    "/*",
    "length",
    "\\",
    "IS",
    "NULL",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
      const sql = parts.join(" ");
      try {
        assert.equal(typeof translateExpression({ ...base, sql }).sql, "string");
      } catch (error) {
        assert.ok(isLandfallError(error, "EXPRESSION_UNKNOWN"), String(error));
      }
    }),
  );
});
