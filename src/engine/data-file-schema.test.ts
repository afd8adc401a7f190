import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDdl } from "../schema/format-ddl.ts";
import { dataFileSchema, type FooterElement } from "./data-file-schema.ts";

type Part = Partial<FooterElement> & { readonly name: string };

function element(part: Part): FooterElement {
  return {
    type: null,
    num_children: null,
    repetition_type: "OPTIONAL",
    converted_type: null,
    logical_type: null,
    duckdb_type: null,
    ...part,
  };
}

/** The columns of a footer, each with all below it. */
function schemaOf(...columns: readonly (readonly Part[])[]): string | undefined {
  const root = { name: "root", num_children: String(columns.length), repetition_type: "REQUIRED" };
  const found = dataFileSchema([root, ...columns.flat()].map(element));
  return found && formatDdl(found.schema);
}

function leaf(name: string, type: string, read: string, more: Partial<FooterElement> = {}): Part {
  return { name, type, duckdb_type: read, ...more };
}

const INT = leaf("element", "INT32", "INTEGER");
const micros = (utc: 0 | 1): string =>
  `TimestampType(isAdjustedToUTC=${utc}, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))`;

test("what is annotated in the old way, in the new or in both is the same", () => {
  const text = leaf("a", "BYTE_ARRAY", "VARCHAR", { converted_type: "UTF8" });
  assert.equal(schemaOf([text]), "a STRING");
  assert.equal(schemaOf([{ ...text, logical_type: "StringType()" }]), "a STRING");
  const short = leaf("a", "INT32", "SMALLINT", { converted_type: "INT_16" });
  assert.equal(schemaOf([{ ...short, logical_type: "IntType(bitWidth=\\x10, isSigned=1)" }]), "a SMALLINT");
  assert.equal(schemaOf([leaf("a", "INT64", "BIGINT")]), "a BIGINT");
  assert.equal(schemaOf([leaf("a", "INT64", "BIGINT", { converted_type: "INT_64" })]), "a BIGINT");
});

test("times are of microseconds, and say whether they are instants", () => {
  const time = (read: string, logical: string | null): Part =>
    leaf("a", "INT64", read, { converted_type: "TIMESTAMP_MICROS", logical_type: logical });
  assert.equal(schemaOf([time("TIMESTAMP WITH TIME ZONE", micros(1))]), "a TIMESTAMP");
  assert.equal(schemaOf([time("TIMESTAMP", micros(0))]), "a TIMESTAMP_NTZ");
  assert.equal(schemaOf([time("TIMESTAMP", micros(1))]), undefined);
  assert.equal(schemaOf([time("TIMESTAMP", null)]), undefined);
  const millis = micros(1).replace(
    "MILLIS=<null>, MICROS=MicroSeconds()",
    "MILLIS=MilliSeconds(), MICROS=<null>",
  );
  assert.equal(schemaOf([time("TIMESTAMP WITH TIME ZONE", millis)]), undefined);
  assert.equal(schemaOf([leaf("a", "INT96", "TIMESTAMP")]), undefined);
});

test("decimals lie in the type that their digits ask for, or in one of fixed length", () => {
  const decimal = (type: string, digits: number): Part =>
    leaf("a", type, `DECIMAL(${digits},2)`, {
      converted_type: "DECIMAL",
      logical_type: `DecimalType(scale=2, precision=${digits})`,
    });
  for (const [type, digits] of [
    ["INT32", 9],
    ["INT64", 10],
    ["INT64", 18],
    ["FIXED_LEN_BYTE_ARRAY", 5],
    ["FIXED_LEN_BYTE_ARRAY", 38],
  ] as const)
    assert.equal(schemaOf([decimal(type, digits)]), `a DECIMAL(${digits},2)`);
  assert.equal(schemaOf([decimal("INT64", 9)]), undefined);
  assert.equal(schemaOf([decimal("BYTE_ARRAY", 9)]), undefined);
});

test("arrays and maps have three levels, and their leaves are counted but not told", () => {
  const list: Part[] = [
    { name: "a", num_children: "1", converted_type: "LIST" },
    { name: "list", num_children: "1", repetition_type: "REPEATED" },
    INT,
  ];
  const map: Part[] = [
    { name: "m", num_children: "1", converted_type: "MAP", logical_type: "MapType()" },
    { name: "key_value", num_children: "2", repetition_type: "REPEATED" },
    leaf("key", "BYTE_ARRAY", "VARCHAR", { converted_type: "UTF8", repetition_type: "REQUIRED" }),
    leaf("value", "DOUBLE", "DOUBLE"),
  ];
  assert.equal(schemaOf(list, map), "a ARRAY<INT>, m MAP<STRING, DOUBLE>");
  const struct: Part[] = [{ name: "s", num_children: "2" }, { ...INT, name: "x" }, ...list];
  const root = { name: "root", num_children: "3" };
  const found = dataFileSchema([root, ...list, ...map, ...struct].map(element))!;
  assert.deepEqual(found.leaves, [{ path: ["s", "x"], type: "integer", column: 3 }]);

  const twoLevels: Part[] = [list[0]!, { ...INT, name: "array", repetition_type: "REPEATED" }];
  assert.equal(schemaOf(twoLevels), undefined);
  assert.equal(schemaOf([{ ...INT, repetition_type: "REPEATED" }]), undefined);
  assert.equal(schemaOf([list[0]!, { ...list[1]!, name: "bag" }, INT]), undefined);
  assert.equal(schemaOf([list[0]!, list[1]!, { ...INT, name: "item" }]), undefined);
  assert.equal(schemaOf([map[0]!, map[1]!, { ...map[2]!, repetition_type: "OPTIONAL" }, map[3]!]), undefined);
});

test("names that differ by case only, no columns, and a footer that ends early are nothing", () => {
  const column = { ...INT, name: "a" };
  assert.equal(schemaOf([column], [{ ...column, name: "A" }]), undefined);
  assert.equal(schemaOf(), undefined);
  assert.equal(schemaOf([{ name: "s", num_children: "2" }, column]), undefined);
  assert.equal(
    schemaOf([{ name: "v", num_children: "1", logical_type: "VariantType()" }, column]),
    undefined,
  );
});
