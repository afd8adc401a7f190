import assert from "node:assert/strict";
import { test } from "node:test";
import { nullableField, type DataType } from "./data-type.ts";
import { COLUMN_KINDS, compileTarget, denyMask, FITS, misfitsOf, numberVerdict } from "./fit.ts";
import { EMPTY_TRIE, type TrieNode } from "./lattice.ts";
import { classesOf, VALUE_CLASS, VALUE_CLASSES } from "./value-class.ts";

test("every class of value has a verdict with a reason in every kind of column", () => {
  for (const kind of COLUMN_KINDS) {
    for (const name of VALUE_CLASSES) assert.notEqual(FITS[kind][name].reason, "", `${kind} ${name}`);
  }
});

test("null fits everywhere, and a duplicate key nowhere", () => {
  for (const kind of COLUMN_KINDS) {
    assert.equal(FITS[kind].NULL.verdict, "fits");
    assert.equal(denyMask(kind) & VALUE_CLASS.NULL, 0);
    assert.equal(denyMask(kind) & VALUE_CLASS.DUP, VALUE_CLASS.DUP);
  }
});

const silent: readonly (readonly [keyof typeof FITS, keyof typeof VALUE_CLASS])[] = [
  ["long", "DEC"],
  ["long", "EXP"],
  ["long", "BOOL"],
  ["long", "STR"],
  ["double", "INT64"],
  ["double", "EXP_LONG"],
  ["double", "STR"],
  ["double", "BOOL"],
  ["boolean", "INT8"],
  ["boolean", "STR"],
  ["timestamp", "DATE"],
  ["timestamp", "TS_NANO"],
  ["timestamp", "STR"],
  ["timestamp_ntz", "TS_ZONED"],
  ["date", "TS_LOCAL"],
  ["date", "STR"],
  ["integer", "INT15"],
];

for (const [kind, name] of silent) {
  test(`what an engine would bend in silence is rescued: ${name} in ${kind}`, () => {
    assert.equal(FITS[kind][name].verdict, "rescued");
  });
}

test("a string column takes as source text what the engine would print in its own way", () => {
  const verdicts = VALUE_CLASSES.filter((name) => FITS.string[name].verdict === "sourceText");
  assert.deepEqual(verdicts, classesOf(denyMask("string") & ~VALUE_CLASS.DUP));
  assert.deepEqual(verdicts, [
    "INT8",
    "BIG_EXACT",
    "BIG",
    "DEC",
    "DEC_LONG",
    "EXP",
    "EXP_LONG",
    "OBJ",
    "ARR",
  ]);
});

test("a decimal column takes short numbers as they are, long ones rewritten, and rescues what it cannot hold", () => {
  const check = { kind: "decimal", precision: 20, scale: 2 } as const;
  assert.deepEqual(
    ["1.25", "123456789012345678.25", "1e3", "1.255", "1e30"].map((text) => numberVerdict(text, check)),
    ["fits", "rewrite", "rewrite", "rescued", "rescued"],
  );
});

function trieOf(mask: number, extra: Partial<TrieNode> = {}): TrieNode {
  return { ...EMPTY_TRIE, mask, ...extra };
}

function misfits(type: DataType, node: TrieNode): string[] {
  const target = compileTarget({ schema: { type: "struct", fields: [nullableField("a", type)] } });
  const trie = trieOf(VALUE_CLASS.OBJ, { fields: new Map([["a", node]]) });
  return misfitsOf({ trie, target }).map(
    ({ path, classes }) => `${path.join(".")} ${classesOf(classes).join()}`,
  );
}

test("paths that wholly fit have no misfit; others name their classes", () => {
  assert.deepEqual(misfits("long", trieOf(VALUE_CLASS.INT8 | VALUE_CLASS.NULL)), []);
  assert.deepEqual(misfits("long", trieOf(VALUE_CLASS.INT8 | VALUE_CLASS.DEC)), ["a DEC"]);
  const array: DataType = { type: "array", elementType: "long", containsNull: true };
  assert.deepEqual(misfits(array, trieOf(VALUE_CLASS.ARR, { element: trieOf(VALUE_CLASS.STR) })), ["a. STR"]);
  const struct: DataType = { type: "struct", fields: [] };
  const deep = trieOf(VALUE_CLASS.OBJ, { fields: new Map([["b", trieOf(VALUE_CLASS.INT8)]]) });
  assert.deepEqual(misfits(struct, deep), ["a.b INT8"]);
});

test("digits decide decimals where they are few enough, and are left to the scan where not", () => {
  const node = trieOf(VALUE_CLASS.DEC, { integerDigits: 3, scale: 2 });
  assert.deepEqual(misfits("decimal(5,2)", node), []);
  assert.deepEqual(misfits("decimal(5,1)", node), ["a DEC"]);
  assert.deepEqual(misfits("float", node), ["a DEC"]);
});

test("a trie with more paths than were kept never counts as fitting", () => {
  const target = compileTarget({ schema: { type: "struct", fields: [] } });
  const trie = trieOf(VALUE_CLASS.OBJ, { overflowed: true });
  assert.equal(misfitsOf({ trie, target }).length, 1);
});

test("columns that Landfall fills itself are no target for data, in any case of letters", () => {
  const target = compileTarget({
    schema: {
      type: "struct",
      fields: [nullableField("a", "long"), nullableField("_rescued_data", "string")],
    },
    notFromData: ["_RESCUED_data"],
  });
  assert.deepEqual([...target.fields.keys()], ["a"]);
});
