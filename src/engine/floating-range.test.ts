import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Literal, Predicate } from "../schema/predicate.ts";
import { floatingRange, floatingRangeSql } from "./floating-range.ts";

const NUMBERS = [-Infinity, -1e300, -2.5, -5e-324, -0, 0, 0.1, 1, 2.5, 16777217, 1e300, Infinity, NaN];
const TEXTS = new Map([
  [Infinity, "inf"],
  [-Infinity, "-inf"],
]);

function literal(value: number): Literal {
  return { type: "double", text: TEXTS.get(value) ?? String(value).toLowerCase() };
}

/** As SQL compares: NaN is above all other numbers, and equal to itself. */
function order(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right))
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left < right ? -1 : Number(left > right);
}

const MEETS = {
  "=": (found: number) => found === 0,
  "<>": (found: number) => found !== 0,
  "<": (found: number) => found < 0,
  "<=": (found: number) => found <= 0,
  ">": (found: number) => found > 0,
  ">=": (found: number) => found >= 0,
};

/** Whether the predicate may be true for a row with this value of x, where what is not of x may be anything. */
function mayBeTrue(predicate: Predicate, x: number): boolean {
  switch (predicate.kind) {
    case "and":
      return predicate.of.every((one) => mayBeTrue(one, x));
    case "or":
      return predicate.of.some((one) => mayBeTrue(one, x));
    case "compare":
      return predicate.column[0] !== "x" || MEETS[predicate.op](order(x, valueOf(predicate.value)));
    case "in":
      return predicate.values.some((value) => order(x, valueOf(value)) === 0);
    case "not":
    case "isNull":
    case "isNotNull":
    case "startsWith":
    case "unknown":
      return true;
    default:
      return predicate satisfies never;
  }
}

function valueOf({ text }: Literal): number {
  return NUMBERS.find((value) => literal(value).text === text)!;
}

const number = fc.constantFrom(...NUMBERS);
const predicates = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      kind: fc.constant("compare" as const),
      op: fc.constantFrom("=", "<>", "<", "<=", ">", ">=") as fc.Arbitrary<"=">,
      column: fc.constantFrom(["x"], ["x"], ["y"]),
      value: number.map(literal),
    }),
    fc.record({
      kind: fc.constant("in" as const),
      column: fc.constant(["x"]),
      values: fc.array(number.map(literal), { maxLength: 3, minLength: 1 }),
    }),
    fc.constant({ kind: "unknown" } as const),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      of: fc.array(tie("predicate"), { maxLength: 3, minLength: 1 }),
    }),
  ),
})).predicate;

test("no value for which a predicate may be true is out of its range, and NaN is in none", () => {
  fc.assert(
    fc.property(predicates, number, (predicate, x) => {
      const range = floatingRange(predicate, "x");
      if (range === undefined || !mayBeTrue(predicate, x)) return;
      assert.ok(range.low <= x && x <= range.high, `${x} is not in ${range.low} to ${range.high}`);
    }),
    { numRuns: 5000 },
  );
});

test("a lower end counts only beside an upper one, which NaN cannot meet", () => {
  const above = { kind: "compare", op: ">=", column: ["x"], value: literal(1) } as const;
  const below = { kind: "compare", op: "<", column: ["x"], value: literal(2.5) } as const;
  const both = { kind: "and", of: [above, { kind: "unknown" }, below] } as const;
  assert.equal(floatingRange(above, "x"), undefined);
  assert.deepEqual(floatingRange(both, "x"), { low: 1, high: 2.5 });
  assert.deepEqual(floatingRange({ kind: "or", of: [both, below] }, "x"), { low: -Infinity, high: 2.5 });
  assert.equal(floatingRange({ kind: "or", of: [both, above] }, "x"), undefined);
  assert.equal(floatingRange(both, "y"), undefined);
});

test("of a column of 32 bits the ends are the next numbers that it has, outwards", () => {
  const sql = (low: number, high: number): string => floatingRangeSql("c", { low, high }, "FLOAT");
  const float = (value: number): string => String(Math.fround(value));
  assert.equal(sql(0.5, 16777217), "c >= CAST('0.5' AS FLOAT) AND c <= CAST('16777218' AS FLOAT)");
  assert.equal(
    sql(-16777217, 0.3),
    `c >= CAST('-16777218' AS FLOAT) AND c <= CAST('${float(0.3)}' AS FLOAT)`,
  );
  assert.ok(Math.fround(0.3) > 0.3);
  assert.equal(sql(-Infinity, 1e300), "c <= CAST('Infinity' AS FLOAT)");
  assert.equal(
    sql(-1e-300, 1e-300),
    `c >= CAST('${-(2 ** -149)}' AS FLOAT) AND c <= CAST('${2 ** -149}' AS FLOAT)`,
  );
  assert.equal(sql(-Infinity, -1e300), `c <= CAST('${-(2 - 2 ** -23) * 2 ** 127}' AS FLOAT)`);
});
