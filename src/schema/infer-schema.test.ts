import assert from "node:assert/strict";
import { test } from "node:test";
import { nullableField, type DataType, type StructType } from "./data-type.ts";
import { inferSchema } from "./infer-schema.ts";
import { EMPTY_TRIE, type TrieNode } from "./lattice.ts";
import { VALUE_CLASS, type ValueClass } from "./value-class.ts";

interface Extras {
  readonly fields?: Readonly<Record<string, TrieNode>>;
  readonly element?: TrieNode;
}

let clock = 0;

function seen(classes: readonly ValueClass[], extras: Extras = {}): TrieNode {
  return {
    ...EMPTY_TRIE,
    mask: classes.reduce((mask, name) => mask | VALUE_CLASS[name], 0),
    first: { file: 0, offset: clock++ },
    fields: new Map(Object.entries(extras.fields ?? {})),
    element: extras.element,
  };
}

function rows(fields: Readonly<Record<string, TrieNode>>): TrieNode {
  return seen(["OBJ"], { fields });
}

function struct(fields: Readonly<Record<string, DataType>>): StructType {
  return { type: "struct", fields: Object.entries(fields).map(([name, type]) => nullableField(name, type)) };
}

const rules: readonly (readonly [string, TrieNode, DataType | undefined])[] = [
  ["integers of any size within 64 bits become LONG", seen(["INT8", "INT64", "INT64_EXACT", "NULL"]), "long"],
  ["integers beyond 64 bits become STRING", seen(["INT8", "BIG_EXACT"]), "string"],
  ["integers beyond 64 bits beside fractions become STRING", seen(["BIG_EXACT", "DEC"]), "string"],
  ["fractions that fit become DOUBLE", seen(["DEC", "EXP"]), "double"],
  ["integers and fractions that fit become DOUBLE", seen(["INT15", "INT64_EXACT", "DEC"]), "double"],
  ["an integer that no DOUBLE holds, beside a fraction, becomes STRING", seen(["INT64", "DEC"]), "string"],
  ["one fraction that does not fit makes all STRING", seen(["DEC", "DEC_LONG"]), "string"],
  ["one exponent that does not fit makes all STRING", seen(["INT8", "EXP_LONG"]), "string"],
  ["booleans become BOOLEAN", seen(["BOOL", "NULL"]), "boolean"],
  ["booleans and integers become STRING", seen(["BOOL", "INT8"]), "string"],
  ["timestamps with and without zone become TIMESTAMP", seen(["TS_ZONED", "TS_LOCAL"]), "timestamp"],
  ["a timestamp with nanoseconds makes all STRING", seen(["TS_ZONED", "TS_NANO"]), "string"],
  ["dates become DATE", seen(["DATE", "NULL"]), "date"],
  ["dates and timestamps become STRING", seen(["DATE", "TS_LOCAL"]), "string"],
  ["strings become STRING", seen(["STR"]), "string"],
  ["only null makes no column", seen(["NULL"]), undefined],
  ["only {} makes no column", seen(["OBJ"]), undefined],
  ["only [] makes no column", seen(["ARR", "NULL"]), undefined],
  ["only [null] makes no column", seen(["ARR"], { element: seen(["NULL"]) }), undefined],
  ["only objects of nulls make no column", seen(["OBJ"], { fields: { b: seen(["NULL"]) } }), undefined],
  ["objects and scalars become STRING", seen(["OBJ", "STR"], { fields: { b: seen(["INT8"]) } }), "string"],
  ["objects and arrays become STRING", seen(["OBJ", "ARR"]), "string"],
  [
    "arrays of mixed elements become ARRAY of STRING",
    seen(["ARR"], { element: seen(["INT8", "STR"]) }),
    { type: "array", elementType: "string", containsNull: true },
  ],
  [
    "arrays of arrays nest",
    seen(["ARR"], { element: seen(["ARR"], { element: seen(["DEC"]) }) }),
    {
      type: "array",
      elementType: { type: "array", elementType: "double", containsNull: true },
      containsNull: true,
    },
  ],
  [
    "objects become STRUCT of the fields that have a type",
    seen(["OBJ", "NULL", "DUP"], { fields: { b: seen(["INT8"]), c: seen(["NULL"]) } }),
    struct({ b: "long" }),
  ],
];

for (const [name, node, type] of rules) {
  test(name, () => {
    assert.deepEqual(inferSchema({ trie: rows({ a: node }) }), struct(type === undefined ? {} : { a: type }));
  });
}

test("no rows give no columns", () => {
  assert.deepEqual(inferSchema({ trie: EMPTY_TRIE }), struct({}));
});

test("columns stand in the order of their first appearance by file, then offset", () => {
  const at = (file: number, offset: number): TrieNode => ({ ...seen(["INT8"]), first: { file, offset } });
  const schema = inferSchema({ trie: rows({ z: at(1, 0), a: at(0, 9), m: at(0, 2) }) });
  assert.deepEqual(
    schema.fields.map((field) => field.name),
    ["m", "a", "z"],
  );
});

test("of keys that differ by case only the first in byte order with a type is the column", () => {
  const trie = rows({ id: seen(["INT8"]), Id: seen(["STR"]), ID: seen(["NULL"]) });
  assert.deepEqual(inferSchema({ trie }), struct({ Id: "string" }));
});

test("keys that no column can hold, and reserved names in any case, are no columns", () => {
  const one = seen(["INT8"]);
  const trie = rows({
    "": one,
    "a b": one,
    "x\n": one,
    "\ud800": one,
    _Rescued_Data: one,
    "a.b": one,
    é: one,
  });
  const schema = inferSchema({ trie, options: { reserved: ["_rescued_data"] } });
  assert.deepEqual(schema, struct({ "a b": "long", "x\n": "long", "a.b": "long", é: "long" }));
});

test("hints override types, reach into structs, fix the spelling, and add columns that were never seen", () => {
  const trie = rows({
    At: seen(["STR"]),
    battery: seen(["OBJ"], { fields: { soc: seen(["INT8"]), volt: seen(["INT8"]) } }),
  });
  const hints = struct({ at: "timestamp", battery: struct({ soc: "double" }), extra: "date" });
  assert.deepEqual(
    inferSchema({ trie, options: { hints } }),
    struct({ at: "timestamp", battery: struct({ soc: "double", volt: "long" }), extra: "date" }),
  );
});

test("an explicit schema is taken as it is", () => {
  const explicit = struct({ x: "byte" });
  assert.equal(inferSchema({ trie: rows({ a: seen(["INT8"]) }), options: { explicit } }), explicit);
});

test("nesting of 200 levels is inferred in linear time", () => {
  let node = seen(["INT8"]);
  for (let depth = 0; depth < 200; depth++) node = rows({ a: node });
  let type: DataType | undefined = inferSchema({ trie: node });
  let depth = 0;
  while (typeof type === "object" && type.type === "struct") {
    type = type.fields[0]?.type;
    depth += 1;
  }
  assert.deepEqual([depth, type], [200, "long"]);
});

test("a hint's struct takes no field from a key that differs from it by case, where its own is there", () => {
  const trie = rows({
    st: rows({ stray: seen(["INT8"]) }),
    ST: rows({ own: seen(["INT8"]) }),
  });
  const hints = struct({ ST: struct({ known: "long" }) });
  assert.deepEqual(
    inferSchema({ trie, options: { hints } }),
    struct({ ST: struct({ own: "long", known: "long" }) }),
  );
});
