import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpressionFaultSignal, type Expression } from "./expression.ts";
import { parseExpression } from "./parse-expression.ts";

/** The tree with a bracket around each operation. */
function shown(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return `${expression.type}:${expression.text}`;
    case "name":
      return expression.path.join("/");
    case "and":
    case "or":
      return `(${expression.of.map(shown).join(` ${expression.kind} `)})`;
    case "not":
    case "negative":
      return `(${expression.kind} ${shown(expression.of)})`;
    case "arithmetic":
    case "compare":
      return `(${shown(expression.left)} ${expression.op} ${shown(expression.right)})`;
    case "between":
      return `(${[expression.of, expression.lower, expression.upper].map(shown).join(" between ")})`;
    case "in":
      return `(${shown(expression.of)} in ${expression.values.map(shown).join(" ")})`;
    case "like":
      return `(${shown(expression.of)} like ${shown(expression.pattern)} ${expression.escape})`;
    case "is":
      return `(${shown(expression.of)} is ${expression.what})`;
    case "case": {
      const { operand, branches, otherwise } = expression;
      const parts = branches.map(({ when, result }) => `${shown(when)}:${shown(result)}`);
      return `case(${operand ? shown(operand) : ""}|${parts.join("|")}|${otherwise ? shown(otherwise) : ""})`;
    }
    case "cast":
      return `cast(${shown(expression.of)} ${expression.to})`;
    case "call":
      return `${expression.name}(${expression.arguments.map(shown).join(", ")})`;
    default:
      return expression satisfies never;
  }
}

test("operators bind as in Spark's grammar", () => {
  const trees: readonly (readonly [sql: string, tree: string])[] = [
    ["a OR b AND NOT c", "(a or (b and (not c)))"],
    ["NOT a = b AND c", "((not (a = b)) and c)"],
    // A comparison binds closer than IS, IN and BETWEEN.
    ["a = b IS NULL", "((a = b) is null)"],
    ["a < b IN (c)", "((a < b) in c)"],
    ["a NOT BETWEEN 1 AND 2 AND c", "((not (a between integer:1 between integer:2)) and c)"],
    ["a + b * c - d", "((a + (b * c)) - d)"],
    ["a || b = c", "(concat(a, b) = c)"],
    ["a DIV b % c", "((a div b) % c)"],
    ["-a * b", "((negative a) * b)"],
    ["a -1", "(a - integer:1)"],
    ["- -1", "(negative integer:-1)"],
    ["a <=> b", "(a <=> b)"],
    ["a IS NOT DISTINCT FROM b", "(not (not (a <=> b)))"],
    ["a = b = c", "((a = b) = c)"],
    ["`a b`.`c``d`.e", "a b/c`d/e"],
    ["a NOT LIKE 'x!%' ESCAPE '!'", "(not (a like string:x!% !))"],
    ["case a when 1 then b else c end", "case(a|integer:1:b|c)"],
    ["CAST(a AS decimal(5, 2))", "cast(a decimal(5,2))"],
    ["date(a) = DATE '2024-01-01'", "(date(a) = cast(string:2024-01-01 date))"],
    ['a = "x" -- why\n', "(a = string:x)"],
  ];
  for (const [sql, tree] of trees) assert.equal(shown(parseExpression(sql)), tree, sql);
});

test("a number has the type that Spark gives its digits", () => {
  const types: readonly (readonly [sql: string, literal: string])[] = [
    ["2147483647", "integer:2147483647"],
    ["-2147483648", "integer:-2147483648"],
    ["2147483648", "long:2147483648"],
    ["9223372036854775808", "decimal(19,0):9223372036854775808"],
    ["1.50", "decimal(3,2):1.50"],
    ["0.001", "decimal(3,3):0.001"],
    ["1e3", "double:1e3"],
    ["1.5F", "float:1.5"],
    ["7Y", "byte:7"],
    ["12BD", "decimal(2,0):12"],
  ];
  for (const [sql, literal] of types) assert.equal(shown(parseExpression(sql)), literal, sql);
});

test("what is no such expression is refused at its place", () => {
  const refused: readonly (readonly [sql: string, piece: string, reason: RegExp])[] = [
    ["", "", /too early/],
    ["a >", "", /too early/],
    ["a > 1)", ")", /not known/],
    ["(a, b) = c", ",", /\) is missing/],
    ["a IN (SELECT b FROM t)", "SELECT", /not known/],
    ["exists (x)", "exists", /not known/],
    ["a[0] = 1", "[", /not known/],
    ["a & b", "&", /not known/],
    ["a::int", ":", /not known/],
    ["a = 'it''s'", "'it''s'", /Spark 3/],
    ["a = 'it", "'it", /never closed/],
    ["sum(a) OVER (x)", "OVER", /not known/],
    ["x -> x + 1", "> x", /./],
    ["CAST(a AS INTERVAL)", "INTERVAL", /cast to this type/],
    ["CAST(a AS DECIMAL(39,0))", "DECIMAL", /38/],
    ["128Y", "128Y", /no type holds/],
    ["a /* never closed", "/", /./],
    ["a = 1; DROP TABLE t", ";", /not known/],
    ["(s).f", ".", /not known/],
    [`${"(".repeat(100)}a${")".repeat(100)}`, "(", /nested deeper/],
  ];
  for (const [sql, piece, reason] of refused) {
    assert.throws(
      () => parseExpression(sql),
      (error: unknown) => {
        assert.ok(error instanceof ExpressionFaultSignal, sql);
        assert.match(error.message, reason, sql);
        if (piece !== "> x" && piece !== "/")
          assert.equal(sql.slice(error.place.start, error.place.end), piece, sql);
        return true;
      },
      sql,
    );
  }
});
