import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { copyStatistics } from "../../test/support/duckdb-parquet.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { nullableField, type DataType, type StructType } from "../schema/data-type.ts";
import { statisticsJson, type ColumnStatistics } from "./statistics.ts";

function schemaOf(types: Record<string, DataType>): StructType {
  return {
    type: "struct",
    fields: Object.entries(types).map(([name, type]) => nullableField(name, type)),
  };
}

/** The text of the statistics of one column `c`. */
function statsOf(type: DataType, column: Omit<ColumnStatistics, "path">): string {
  return statisticsJson({
    schema: schemaOf({ c: type }),
    partitionColumns: [],
    configuration: {},
    numRecords: 9,
    columns: [{ path: ["c"], ...column }],
  });
}

function namesOf(
  schema: StructType,
  configuration: Record<string, string>,
  partitionColumns: string[] = [],
): string[] {
  const leaves = (type: StructType, path: string[]): string[][] =>
    type.fields.flatMap((field) =>
      typeof field.type !== "string" && field.type.type === "struct"
        ? leaves(field.type, [...path, field.name])
        : [[...path, field.name]],
    );
  const columns = leaves(schema, []).map((path) => ({ path, nullCount: 0 }));
  const json = statisticsJson({ schema, partitionColumns, configuration, numRecords: 1, columns });
  const names = (node: object, path: string[]): string[] =>
    Object.entries(node).flatMap(([name, inner]: [string, unknown]) =>
      typeof inner === "object" && inner !== null
        ? names(inner, [...path, name])
        : [[...path, name].join(".")],
    );
  return names((JSON.parse(json) as { nullCount: object }).nullCount, []);
}

test("each type has bounds in Delta's form, without a digit lost", () => {
  const vectors: [DataType, string, string, string, string][] = [
    ["long", "-9223372036854775808", "9223372036854775807", "-9223372036854775808", "9223372036854775807"],
    [
      "decimal(38,18)",
      "-0.100000000000000001",
      "12345678901234567890.100000000000000001",
      "-0.100000000000000001",
      "12345678901234567890.100000000000000001",
    ],
    ["double", "-1.5", "1e+20", "-1.5", "1e+20"],
    ["double", "-0.0", "-0.0", "-0.0", "0.0"],
    ["float", "0.0", "0.1", "-0.0", "0.1"],
    ["date", "0001-01-01", "2024-02-29", '"0001-01-01"', '"2024-02-29"'],
    [
      "timestamp",
      "1969-12-31 23:59:59.999999+00",
      "2024-01-02 03:04:05.5+00",
      '"1969-12-31T23:59:59.999Z"',
      '"2024-01-02T03:04:05.500Z"',
    ],
    [
      "timestamp_ntz",
      "2023-06-15 12:30:00",
      "2023-06-15 12:30:00.1239",
      '"2023-06-15T12:30:00.000"',
      '"2023-06-15T12:30:00.123"',
    ],
    ["string", "", 'q"\n', '""', '"q\\"\\n"'],
  ];
  for (const [type, min, max, minJson, maxJson] of vectors) {
    assert.equal(
      statsOf(type, { min, max, nullCount: 2 }),
      `{"numRecords":9,"minValues":{"c":${minJson}},"maxValues":{"c":${maxJson}},"nullCount":{"c":2}}`,
    );
  }
});

test("bounds that cannot be stated are left out, the other one and the null count stay", () => {
  const only = (min: string, max: string): string =>
    `{"numRecords":9,"minValues":{${min}},"maxValues":{${max}},"nullCount":{"c":1}}`;
  assert.equal(
    statsOf("double", { min: "1.0", max: "5.0", hasNan: true, nullCount: 1 }),
    only('"c":1.0', ""),
  );
  assert.equal(statsOf("double", { hasNan: true, nullCount: 1 }), only("", ""));
  assert.equal(statsOf("double", { min: "-inf", max: "2.0", nullCount: 1 }), only("", '"c":2.0'));
  assert.equal(
    statsOf("date", { min: "2020-01-01", max: "infinity", nullCount: 1 }),
    only('"c":"2020-01-01"', ""),
  );
  assert.equal(statsOf("date", { min: "0044-03-15 (BC)", max: "10000-01-01", nullCount: 1 }), only("", ""));
  assert.equal(statsOf("boolean", { min: "0", max: "1", nullCount: 1 }), only("", ""));
  assert.equal(statsOf("binary", { min: "00", max: "FF", nullCount: 1 }), only("", ""));
  assert.equal(statsOf("string", { min: "\ud800", max: "\udfff", nullCount: 1 }), only("", ""));
});

test("lists and maps have no statistics, struct leaves nest, and odd names are kept", () => {
  const schema = schemaOf({
    __proto__x: "long",
    s: schemaOf({ 'n"q': "long", "a.b": "string" }),
    l: { type: "array", elementType: "long", containsNull: true },
  });
  const proto: StructType = { ...schema, fields: [...schema.fields, nullableField("__proto__", "long")] };
  const json = statisticsJson({
    schema: proto,
    partitionColumns: [],
    configuration: {},
    numRecords: 1,
    columns: [
      { path: ["s", 'n"q'], min: "1", max: "2", nullCount: 0 },
      { path: ["s", "a.b"], min: "x", max: "y", nullCount: 0 },
      { path: ["l", "element"], min: "1", max: "2", nullCount: 7 },
      { path: ["__proto__"], min: "3", max: "4", nullCount: 0 },
      { path: ["gone"], min: "3", max: "4", nullCount: 0 },
    ],
  });
  assert.equal(
    json,
    '{"numRecords":1,"minValues":{"s":{"n\\"q":1,"a.b":"x"},"__proto__":3},"maxValues":{"s":{"n\\"q":2,"a.b":"y"},"__proto__":4},"nullCount":{"s":{"n\\"q":0,"a.b":0},"__proto__":0}}',
  );
});

test("the first 32 leaves are indexed, or as many or such as the properties say", () => {
  const wide = schemaOf({
    part: "date",
    list: { type: "array", elementType: "long", containsNull: true },
    s: schemaOf({ x: "long", y: "long" }),
    ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`c${index}`, "long" as const])),
  });
  const byDefault = namesOf(wide, {}, ["part"]);
  assert.equal(byDefault.length, 31, "the list counts and has none");
  assert.equal(byDefault.at(-1), "c28");
  assert.deepEqual(namesOf(wide, { "delta.dataSkippingNumIndexedCols": "2" }, ["part"]), ["s.x"]);
  assert.deepEqual(namesOf(wide, { "delta.dataSkippingNumIndexedCols": "0" }), []);
  assert.equal(namesOf(wide, { "delta.dataSkippingNumIndexedCols": "-1" }, ["part"]).length, 42);
  const named = {
    "delta.dataSkippingStatsColumns": "C39, `s`, part",
    "delta.dataSkippingNumIndexedCols": "1",
  };
  assert.deepEqual(namesOf(wide, named, ["part"]), ["s.x", "s.y", "c39"]);
  const dotted = schemaOf({ "a.b": "long", a: schemaOf({ b: "long", c: "long" }) });
  assert.deepEqual(namesOf(dotted, { "delta.dataSkippingStatsColumns": "`a.b`,a.c" }), ["a.b", "a.c"]);
});

test("the engine's own statistics of a file become those of Delta", async (t) => {
  const { numRecords, columns } = await copyStatistics(
    join(temporaryFolder(t), "x.parquet"),
    `SELECT * FROM (VALUES
       (1::BIGINT, 1.10::DECIMAL(38,18), 0.0::DOUBLE, 'NaN'::DOUBLE, true, {'a"b': DATE '2024-01-01'}, TIMESTAMPTZ '2024-01-01 00:00:00.123456+00', [1]),
       (9223372036854775807, 2, -0.0, 1.5, false, NULL, NULL, NULL)
     ) AS v(l, d, z, n, b, s, t, list)`,
  );
  const schema = schemaOf({
    l: "long",
    d: "decimal(38,18)",
    z: "double",
    n: "double",
    b: "boolean",
    s: schemaOf({ 'a"b': "date" }),
    t: "timestamp",
    list: { type: "array", elementType: "integer", containsNull: true },
  });
  assert.equal(
    statisticsJson({ schema, partitionColumns: [], configuration: {}, numRecords, columns }),
    '{"numRecords":2,"minValues":{"l":1,"d":1.100000000000000000,"z":-0.0,"n":1.5,"s":{"a\\"b":"2024-01-01"},"t":"2024-01-01T00:00:00.123Z"},"maxValues":{"l":9223372036854775807,"d":2.000000000000000000,"z":0.0,"s":{"a\\"b":"2024-01-01"},"t":"2024-01-01T00:00:00.123Z"},"nullCount":{"l":0,"d":0,"z":0,"n":0,"b":0,"s":{"a\\"b":1},"t":1}}',
  );
});

test("string bounds hold for every value in the order of UTF-8 bytes", () => {
  const char = fc.oneof(
    fc.constantFrom("a", "~", "\u007f", "\u0080", "é", "\uffff", "\u{10000}", "\u{10fffe}", "\u{10ffff}"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  );
  const value = fc.array(char, { maxLength: 80 }).map((chars) => chars.join(""));
  const order = (left: string, right: string): number =>
    Buffer.compare(Buffer.from(left), Buffer.from(right));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (values) => {
      const sorted = values.toSorted(order);
      const stats = JSON.parse(statsOf("string", { min: sorted[0]!, max: sorted.at(-1)! })) as {
        minValues: { c?: string };
        maxValues: { c?: string };
      };
      const { c: min } = stats.minValues;
      const { c: max } = stats.maxValues;
      assert.ok(min !== undefined && Array.from(min).length <= 32);
      for (const each of values) {
        assert.ok(order(min, each) <= 0, "min");
        assert.ok(max === undefined || order(each, max) <= 0, "max");
      }
      assert.ok(max === undefined || Array.from(max).length <= 65);
    }),
    { numRuns: 500 },
  );
});

test("a maximum is given up only where no tie-breaker exists", () => {
  const a32 = "a".repeat(32);
  const maxOf = (max: string): unknown =>
    (JSON.parse(statsOf("string", { max })) as { maxValues: { c?: unknown } }).maxValues.c;
  assert.equal(maxOf(a32), a32);
  assert.equal(maxOf(`${a32}b`), `${a32}\u007f`);
  assert.equal(maxOf(`${a32}é`), `${a32}\u{10ffff}`);
  assert.equal(maxOf(`${a32}\u007f`), `${a32}\u{10ffff}`);
  assert.equal(maxOf(`${a32}\u{10ffff}\u{10ffff}z`), `${a32}\u{10ffff}\u{10ffff}\u007f`);
  assert.equal(maxOf(`${a32}\u{10ffff}`), `${a32}\u{10ffff}`);
  assert.equal(maxOf("\u{10ffff}".repeat(100)), undefined);
});
