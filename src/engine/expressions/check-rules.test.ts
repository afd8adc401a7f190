import assert from "node:assert/strict";
import { test } from "node:test";
import { scratchDuckdb } from "../../../test/support/scratch-duckdb.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import { parseDdl } from "../../schema/ddl.ts";
import type { StructType } from "../../schema/data-type.ts";
import { tableRules } from "../../schema/table-rules.ts";
import { checkRules, findBrokenRow } from "./check-rules.ts";

const a = parseDdl("a INT, b INT");

test("a row breaks a CHECK that is false, null or an error for it", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const found = async (sql: string, select: string): Promise<unknown> => {
    const rules = tableRules({ schema: a, configuration: { "delta.constraints.c": sql } });
    return findBrokenRow({ duckdb, schema: a, rules, select });
  };
  const rule = (sql: string): string => `the CHECK constraint c (${sql})`;
  assert.equal(await found("a > 0", "SELECT 1 AS a, 2 AS b"), undefined);
  for (const bad of ["0", "NULL"])
    assert.deepEqual(await found("a > 0", `SELECT 1 AS a, 2 AS b UNION ALL SELECT ${bad}, 3`), {
      rule: rule("a > 0"),
      values: `{"a":${bad.toLowerCase()}}`,
    });
  assert.deepEqual(await found("a / b > 0 OR a = 5", "SELECT 1 AS a, 0 AS b"), {
    rule: rule("a / b > 0 OR a = 5"),
    values: '{"a":1,"b":0}',
  });
  assert.equal(await found("b = 0 OR a / b > 0", "SELECT 1 AS a, 0 AS b"), undefined);
});

test("rules of every kind are told by their words, the first that breaks", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const field = (name: string, metadata: StructType["fields"][number]["metadata"], nullable = true) =>
    ({ name, type: "string", nullable, metadata }) as const;
  const schema: StructType = {
    type: "struct",
    fields: [
      field("v", { __CHAR_VARCHAR_TYPE_STRING: "varchar(3)" }),
      field("c", { __CHAR_VARCHAR_TYPE_STRING: "char(2)" }),
      field("n", { "delta.invariants": '{"expression":{"expression":"length(n) > 1"}}' }, false),
      field("g", { "delta.generationExpression": "concat(n, '!')" }),
    ],
  };
  const rules = tableRules({ schema, configuration: {} });
  const rows: readonly (readonly [row: string, rule: string | undefined])[] = [
    ["'abc', 'xy', 'nn', 'nn!'", undefined],
    ["NULL, NULL, 'nn', 'nn!'", undefined],
    ["'abcd', 'xy', 'nn', 'nn!'", "VARCHAR(3) of v"],
    ["'äöü', 'x', 'nn', 'nn!'", "CHAR(2) of c"],
    ["'a', 'xy', NULL, NULL", "NOT NULL of n"],
    ["'a', 'xy', 'n', 'n!'", "the invariant of the column n (length(n) > 1)"],
    ["'a', 'xy', 'nn', 'nn'", "the generated column g (concat(n, '!'))"],
    ["'a', 'xy', 'nn', NULL", "the generated column g (concat(n, '!'))"],
  ];
  for (const [row, rule] of rows) {
    const select = `SELECT * FROM (VALUES (${row})) AS x(v, c, n, g)`;
    assert.equal((await findBrokenRow({ duckdb, schema, rules, select }))?.rule, rule, row);
  }
});

test("NOT NULL is held in structs, null ones too, and in arrays and maps where what holds the value is there", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const inner: StructType = {
    type: "struct",
    fields: [{ name: "x", type: "integer", nullable: false, metadata: {} }],
  };
  const schema: StructType = {
    type: "struct",
    fields: [
      { name: "s", type: inner, nullable: true, metadata: {} },
      {
        name: "l",
        type: { type: "array", elementType: inner, containsNull: true },
        nullable: true,
        metadata: {},
      },
      {
        name: "m",
        type: { type: "map", keyType: "string", valueType: "integer", valueContainsNull: false },
        nullable: true,
        metadata: {},
      },
    ],
  };
  const rules = tableRules({ schema, configuration: {} });
  const types = "STRUCT(x INTEGER), STRUCT(x INTEGER)[], MAP(VARCHAR, INTEGER)".split(/, (?=STRUCT|MAP)/);
  const rows: readonly (readonly [cells: readonly string[], rule: string | undefined])[] = [
    [["NULL", "NULL", "NULL"], "NOT NULL of s.x"],
    [["{'x': 1}", "NULL", "NULL"], undefined],
    [["{'x': 1}", "[{'x': 1}, NULL]", "MAP {'a': 1}"], undefined],
    [["{'x': NULL}", "NULL", "NULL"], "NOT NULL of s.x"],
    [["{'x': 1}", "[{'x': 1}, {'x': NULL}]", "NULL"], "NOT NULL of l.element.x"],
    [["{'x': 1}", "[]", "MAP {'a': NULL}"], "NOT NULL of m.value"],
  ];
  for (const [cells, rule] of rows) {
    const columns = cells.map((cell, i) => `CAST(${cell} AS ${types[i]!}) AS ${"slm"[i]!}`);
    const select = `SELECT ${columns.join(", ")}`;
    assert.equal((await findBrokenRow({ duckdb, schema, rules, select }))?.rule, rule, cells.join());
  }
});

test("the error names the rule, the table and the row; a rule that is not known is told before a row is read", async (t) => {
  const duckdb = await scratchDuckdb(t);
  const check = async (sql: string, select: string): Promise<void> =>
    checkRules({
      duckdb,
      schema: a,
      rules: tableRules({ schema: a, configuration: { "delta.constraints.Positive": sql } }),
      select,
      table: "/tables/t",
    });
  await check("a > 0", "SELECT 1 AS a, 2 AS b");
  await assert.rejects(check("a > 0", "SELECT -1 AS a, 2 AS b"), (error: unknown) => {
    assert.ok(isLandfallError(error, "CONSTRAINT_VIOLATED"));
    assert.equal(error.message, 'A row breaks the CHECK constraint Positive (a > 0) of /tables/t: {"a":-1}');
    assert.match(error.hint, /Nothing was committed/);
    return true;
  });
  await assert.rejects(check("hash(a) > 0", "SELECT * FROM nowhere"), (error: unknown) =>
    isLandfallError(error, "EXPRESSION_UNKNOWN"),
  );
});
