import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nullableField, type DataType, type StructField, type StructType } from "../../schema/data-type.ts";
import type { Predicate } from "../../schema/predicate.ts";
import { mayMatch } from "./may-match.ts";
import { andOutcomes, FALSE, notOutcomes, NULL, orOutcomes, TRUE } from "./outcomes.ts";

type Comparison = Extract<Predicate, { kind: "compare" }>;

function compare(column: string, op: Comparison["op"], text: string, type: string): Predicate {
  return {
    kind: "compare",
    op,
    column: column.split("."),
    value: { type: type as Comparison["value"]["type"], text },
  };
}

function schemaOf(...fields: readonly StructField[]): StructType {
  return { type: "struct", fields };
}

const one = (type: DataType): StructType => schemaOf(nullableField("c", type));

/** Whether a file with such statistics of the column `c` may match. */
function match(
  type: DataType,
  stats: string | object,
  predicate: Predicate,
  more: Partial<Parameters<typeof mayMatch>[0]> = {},
): boolean {
  const text = typeof stats === "string" ? stats : JSON.stringify(stats);
  return mayMatch({
    schema: one(type),
    partitionColumns: [],
    predicate,
    add: { partitionValues: {}, stats: text },
    ...more,
  });
}

const bounds = (min: unknown, max: unknown): object => ({
  numRecords: 3,
  minValues: { c: min },
  maxValues: { c: max },
  nullCount: { c: 0 },
});

test("sets of outcomes join as each pair of SQL's three values does", () => {
  const values = [TRUE, FALSE, NULL];
  const and = (a: number, b: number): number =>
    a === FALSE || b === FALSE ? FALSE : a === NULL || b === NULL ? NULL : TRUE;
  const bits = (set: number): number[] => values.filter((value) => (set & value) !== 0);
  for (let left = 1; left <= 7; left++) {
    assert.equal(notOutcomes(notOutcomes(left)), left);
    for (let right = 1; right <= 7; right++) {
      const pairs = bits(left).flatMap((a) => bits(right).map((b) => and(a, b)));
      assert.equal(
        andOutcomes(left, right),
        pairs.reduce((set, value) => set | value, 0),
      );
      const or = notOutcomes(andOutcomes(notOutcomes(left), notOutcomes(right)));
      assert.equal(orOutcomes(left, right), or);
    }
  }
});

test("an instant's maximum holds for all of its millisecond", () => {
  const stats = bounds("2024-01-01T00:00:00.123Z", "2024-01-01T00:00:00.123Z");
  const after = (micros: string): Predicate =>
    compare("c", ">=", `2024-01-01 00:00:00.${micros}`, "timestamp");
  assert.equal(match("timestamp", stats, after("123999")), true);
  assert.equal(match("timestamp", stats, after("124")), false);
  const zoned = bounds("2024-01-01T00:00:00.123-08:00", "2024-01-01T00:00:00.123-08:00");
  assert.equal(match("timestamp", zoned, after("124")), true);
});

test("decimals and long numbers compare with every digit", () => {
  const stats = `{"numRecords":1,"minValues":{"c":12345678901234567890.1234},"maxValues":{"c":12345678901234567890.1234}}`;
  const equal = (text: string): Predicate => compare("c", "=", text, "decimal(30,4)");
  assert.equal(match("decimal(30,4)", stats, equal("12345678901234567890.1234")), true);
  assert.equal(match("decimal(30,4)", stats, equal("12345678901234567890.1235")), false);
  const long = `{"numRecords":1,"minValues":{"c":9007199254740993},"maxValues":{"c":9007199254740993}}`;
  assert.equal(match("long", long, compare("c", "=", "9007199254740992", "long")), false);
  assert.equal(match("long", long, compare("c", "<", "9007199254740993.5", "decimal(20,1)")), true);
});

test("a decimal's bound that was written as a double may have lost digits", () => {
  // As delta-rs 1.6.6 wrote them: a double has no -121002877157864.742.
  const value = "-121002877157864.742";
  for (const type of ["decimal(18,3)", "decimal(30,10)"] as const) {
    const compared = (op: Comparison["op"], text: string): Predicate => compare("c", op, text, type);
    const written = `{"numRecords":1,"minValues":{"c":${Number(value)}},"maxValues":{"c":${Number(value)}}}`;
    for (const op of ["=", "<=", ">="] as const)
      assert.equal(match(type, written, compared(op, value)), true);
    assert.equal(match(type, written, compared("=", "-121002877157865.742")), false);
    assert.equal(match(type, written, compared(">", "-121002877157863.742")), false);
  }
  // Few digits are exact, and so is what no double prints.
  const few = `{"numRecords":1,"minValues":{"c":12.3},"maxValues":{"c":12.3}}`;
  assert.equal(match("decimal(18,3)", few, compare("c", "=", "12.301", "decimal(18,3)")), false);
});

test("every decimal is within the bounds that a double makes of it", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
      fc.nat(37),
      fc.integer({ min: 0, max: 22 }),
      (digits, shorter, scale) => {
        const units = digits / 10n ** BigInt(shorter);
        const text = `${units < 0n ? "-" : ""}${String(units < 0n ? -units : units)
          .padStart(scale + 1, "0")
          .replace(new RegExp(`(.{${scale}})$`), scale === 0 ? "" : ".$1")}`;
        const printed = String(Number(units) / 10 ** scale);
        const stats = `{"numRecords":1,"minValues":{"c":${printed}},"maxValues":{"c":${printed}}}`;
        const type = `decimal(38,${scale})` as const;
        assert.equal(match(type, stats, compare("c", "=", text, type)), true, `${text} ${printed}`);
      },
    ),
  );
});

test("NaN is above every number and stands in no maximum", () => {
  const stats = bounds(1, 2);
  assert.equal(match("double", stats, compare("c", ">", "5", "double")), true);
  assert.equal(match("double", stats, compare("c", "=", "NaN", "double")), true);
  assert.equal(match("double", stats, compare("c", "=", "5", "double")), false);
  assert.equal(match("double", stats, compare("c", "<", "1", "double")), false);
  assert.equal(match("double", bounds("NaN", "NaN"), compare("c", "<", "1", "double")), true);
});

test("shortened texts: a minimum is a prefix, and a maximum of old Delta ends below the largest characters", () => {
  const stats = bounds("abc", "abd\ufffd");
  assert.equal(match("string", stats, compare("c", "=", "abd\u{1f600}", "string")), true);
  assert.equal(match("string", stats, compare("c", "=", "abe", "string")), false);
  const starts = (prefix: string): Predicate => ({ kind: "startsWith", column: ["c"], prefix });
  assert.equal(match("string", stats, starts("abcdef")), true);
  assert.equal(match("string", stats, starts("abb")), false);
  assert.equal(match("string", stats, { kind: "not", of: starts("ab") }), false);
  assert.equal(match("string", stats, { kind: "not", of: starts("abc") }), true);
});

test("statistics that are absent, damaged or of another type rule nothing out", () => {
  const predicate = compare("c", "=", "7", "integer");
  const silent: readonly (string | object)[] = [
    "",
    "{",
    "[1]",
    "{}",
    { stats_json: "…" },
    bounds("x", "y"),
    bounds(9, 8),
    bounds(1.5, [1]),
    bounds({ c: 1 }, null),
    { minValues: 3, maxValues: "c" },
  ];
  for (const stats of silent) assert.equal(match("integer", stats, predicate), true, JSON.stringify(stats));
  assert.equal(match("integer", bounds(8, 9), predicate), false);
  const isNull: Predicate = { kind: "isNull", column: ["c"] };
  assert.equal(match("integer", { numRecords: -1, nullCount: { c: "x" } }, isNull), true);
  assert.equal(match("integer", { numRecords: 3, nullCount: { c: 0 } }, isNull), false);
});

test("a count of nulls in between says nothing, whether bounds are tight or not", () => {
  const stats = {
    numRecords: 5,
    tightBounds: false,
    nullCount: { c: 2 },
    minValues: { c: 1 },
    maxValues: { c: 3 },
  };
  assert.equal(match("long", stats, { kind: "isNull", column: ["c"] }), true);
  assert.equal(match("long", stats, { kind: "isNotNull", column: ["c"] }), true);
  assert.equal(match("long", stats, compare("c", ">", "3", "long")), false);
  const all = { ...stats, nullCount: { c: 5 } };
  assert.equal(match("long", all, { kind: "not", of: compare("c", "=", "9", "long") }), false);
});

test("a widened column's old statistics are read as the new type", () => {
  const changes = { "delta.typeChanges": [{ fromType: "float", toType: "double" }] };
  const schema = schemaOf({ name: "c", type: "double", nullable: true, metadata: changes });
  // 1.1 as a FLOAT is 1.10000002384185791015625.
  const equal = compare("c", "=", "1.100000023841858", "double");
  assert.equal(match("double", bounds(1.1, 1.1), equal, { schema }), true);
  assert.equal(match("double", bounds(1.1, 1.1), equal), false);
  const day = bounds("2024-01-01", "2024-01-02");
  assert.equal(match("timestamp_ntz", day, compare("c", "=", "2024-01-01 00:00:00", "timestamp_ntz")), true);
  assert.equal(match("timestamp_ntz", day, compare("c", ">", "2024-01-03", "timestamp_ntz")), false);
});

test("columns that are mapped are found by their physical names, in structs and partitions too", () => {
  const mapped = (name: string, type: DataType, physical: string): StructField => ({
    name,
    type,
    nullable: true,
    metadata: { "delta.columnMapping.physicalName": physical },
  });
  const schema = schemaOf(
    mapped("s", schemaOf(mapped("x", "long", "col-x")), "col-s"),
    mapped("p", "date", "col-p"),
  );
  const add = {
    partitionValues: { "col-p": "2024-01-01" },
    stats: JSON.stringify({ minValues: { "col-s": { "col-x": 5 } }, maxValues: { "col-s": { "col-x": 6 } } }),
  };
  const table = { schema, partitionColumns: ["p"], columnMapping: "name", add } as const;
  assert.equal(mayMatch({ ...table, predicate: compare("s.x", "<", "5", "long") }), false);
  assert.equal(mayMatch({ ...table, predicate: compare("p", "=", "2024-01-02", "date") }), false);
  assert.equal(
    mayMatch({ ...table, columnMapping: "none", predicate: compare("s.x", "<", "5", "long") }),
    true,
  );
});

test("a partition value decides; null and the empty text are null", () => {
  const schema = one("integer");
  const of = (value: string | null, predicate: Predicate): boolean =>
    mayMatch({ schema, partitionColumns: ["c"], predicate, add: { partitionValues: { c: value } } });
  const notSeven: Predicate = { kind: "not", of: compare("c", "=", "7", "integer") };
  assert.deepEqual(
    ["7", "8", "", null, "garbage"].map((value) => of(value, notSeven)),
    [false, true, false, false, true],
  );
  assert.equal(of("", { kind: "isNotNull", column: ["c"] }), false);
  const within: Predicate = { kind: "in", column: ["c"], values: [{ type: "integer", text: "8" }] };
  assert.deepEqual([of("8", within), of("9", within), of(null, within)], [true, false, false]);
});
