import assert from "node:assert/strict";
import { test } from "node:test";
import { BIGINT, BLOB, DOUBLE, FLOAT, INTEGER, LIST, STRUCT, TIMESTAMP, VARIANT } from "@duckdb/node-api";
import { parquetColumns, type ParquetField, type ParquetType, type SchemaElement } from "./parquet-type.ts";

function element(name: string, more: Partial<SchemaElement> = {}): SchemaElement {
  const none = {
    type: null,
    num_children: null,
    converted_type: null,
    logical_type: null,
    duckdb_type: null,
  };
  return { name, ...none, ...more };
}

const root = (children: number): SchemaElement => element("schema", { num_children: String(children) });

function leafOf(columns: ReturnType<typeof parquetColumns>): unknown {
  return (columns as readonly ParquetField[])[0]!.type;
}

test("a time with the annotation of before 2018 is an instant in UTC; with the newer one the flag decides", () => {
  const old = { type: "INT64", converted_type: "TIMESTAMP_MICROS", duckdb_type: "TIMESTAMP" };
  const read = [{ name: "t", type: TIMESTAMP }];
  assert.deepEqual(leafOf(parquetColumns([root(1), element("t", old)], read)), {
    kind: "leaf",
    type: "timestamp",
    reading: "utc",
  });
  const local = {
    ...old,
    logical_type: "TimestampType(isAdjustedToUTC=0, unit=TimeUnit(MICROS=MicroSeconds()))",
  };
  assert.deepEqual(leafOf(parquetColumns([root(1), element("t", local)], read)), {
    kind: "leaf",
    type: "timestamp_ntz",
    reading: "asIs",
  });
});

test("an INT96 is an instant, times in nanoseconds are told from those in microseconds", () => {
  const int96 = element("t", { type: "INT96", duckdb_type: "TIMESTAMP" });
  const read = [{ name: "t", type: TIMESTAMP }];
  assert.deepEqual(leafOf(parquetColumns([root(1), int96], read)), {
    kind: "leaf",
    type: "timestamp",
    reading: "utc",
  });
  const nanos = element("t", { type: "INT64", duckdb_type: "TIMESTAMP_NS" });
  assert.deepEqual(leafOf(parquetColumns([root(1), nanos], read)), {
    kind: "leaf",
    type: "timestamp_ntz",
    reading: "nanos",
  });
  const logical = "TimestampType(isAdjustedToUTC=1, unit=TimeUnit(NANOS=NanoSeconds()))";
  const instant = { type: "INT64", logical_type: logical, duckdb_type: "TIMESTAMP WITH TIME ZONE" };
  assert.deepEqual(leafOf(parquetColumns([root(1), element("t", instant)], read)), {
    kind: "leaf",
    type: "timestamp",
    reading: "utcNanos",
  });
});

const untaken: readonly (readonly [string, Partial<SchemaElement>, RegExp])[] = [
  [
    "FLOAT16",
    { type: "FIXED_LEN_BYTE_ARRAY", logical_type: "Float16Type()", duckdb_type: "FLOAT" },
    /column t is a FLOAT16/,
  ],
  [
    "a decimal that DuckDB reads as DOUBLE",
    { type: "FIXED_LEN_BYTE_ARRAY", converted_type: "DECIMAL", duckdb_type: "DOUBLE" },
    /more than 38 digits/,
  ],
  [
    "a type nobody has heard of",
    { type: "BYTE_ARRAY", duckdb_type: "BIGNUM" },
    /of the type BYTE_ARRAY.*BIGNUM/,
  ],
  ["a VARIANT group", { num_children: "1", logical_type: "VariantType()" }, /column t is a VARIANT/],
];

for (const [name, more, expected] of untaken) {
  test(`${name} is named as not read yet`, () => {
    const elements = [
      root(1),
      element("t", more),
      element("inner", { type: "INT32", duckdb_type: "INTEGER" }),
    ];
    const columns = parquetColumns(elements, [{ name: "t", type: FLOAT }]);
    assert.ok("untaken" in columns);
    assert.match(columns.untaken, expected);
  });
}

test("a variant of which the engine's type alone tells is named by its path", () => {
  const elements = [
    root(1),
    element("s", { num_children: "1" }),
    element("l", { num_children: "1", converted_type: "LIST" }),
    element("list", { num_children: "1" }),
    element("element", { num_children: "2" }),
    element("metadata", { type: "BYTE_ARRAY", duckdb_type: "BLOB" }),
    element("value", { type: "BYTE_ARRAY", duckdb_type: "BLOB" }),
  ];
  assert.deepEqual(parquetColumns(elements, [{ name: "s", type: STRUCT({ l: LIST(VARIANT) }) }]), {
    untaken: "the column s.l.element is a VARIANT, which is not read yet",
  });
});

test("leaves of nested types are matched in their order, also below legacy lists", () => {
  const columns = parquetColumns(
    [
      root(2),
      element("s", { num_children: "2" }),
      element("l", { num_children: "1", converted_type: "LIST" }),
      element("array", { type: "INT32", duckdb_type: "INTEGER" }),
      element("b", { type: "BYTE_ARRAY", duckdb_type: "BLOB" }),
      element("n", { type: "INT64", duckdb_type: "BIGINT" }),
    ],
    [
      { name: "s", type: STRUCT({ l: LIST(INTEGER), b: BLOB }) },
      { name: "n", type: BIGINT },
    ],
  ) as readonly ParquetField[];
  const leaf = (type: string): unknown => ({ kind: "leaf", type, reading: "asIs" });
  assert.deepEqual(columns[0]!.type, {
    kind: "struct",
    fields: [
      { name: "l", readAs: "l", type: { kind: "array", element: leaf("integer") } },
      { name: "b", readAs: "b", type: leaf("binary") },
    ],
  });
  assert.deepEqual(columns[1]!.type, leaf("long"));
});

test("a footer that names other columns than the engine reads is not trusted", () => {
  const elements = [root(1), element("a", { type: "DOUBLE", duckdb_type: "DOUBLE" })];
  const two = [
    { name: "a", type: DOUBLE },
    { name: "b", type: DOUBLE },
  ];
  assert.ok("untaken" in parquetColumns(elements, two));
  assert.ok("untaken" in parquetColumns(elements, []));
});

test("a struct's fields have the footer's names, and one whose fields the footer names otherwise is not trusted", () => {
  const pair = (first: string, second: string): SchemaElement[] => [
    root(1),
    element("s", { num_children: "2" }),
    element(first, { type: "INT64", duckdb_type: "BIGINT" }),
    element(second, { type: "INT64", duckdb_type: "BIGINT" }),
  ];
  const read = [{ name: "s", type: STRUCT({ p: BIGINT, P_1: BIGINT }) }];
  const [column] = parquetColumns(pair("p", "P"), read) as readonly ParquetField[];
  const { fields } = column!.type as Extract<ParquetType, { kind: "struct" }>;
  assert.deepEqual(
    fields.map(({ name, readAs }) => [name, readAs]),
    [
      ["p", "p"],
      ["P", "P_1"],
    ],
  );
  assert.ok("untaken" in parquetColumns(pair("p", "q"), read));
});
