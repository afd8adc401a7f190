import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatJsonPath, parseJsonPath } from "./json-path.ts";

test("keys come after dots or in quotes", () => {
  assert.deepEqual(parseJsonPath("$.data.items"), ["data", "items"]);
  assert.deepEqual(parseJsonPath("$['a.b'].c-d['it\\'s'][*]"), ["a.b", "c-d", "it's"]);
  assert.deepEqual(parseJsonPath("$"), []);
});

test("what is no path of keys is none", () => {
  for (const text of [
    "",
    "data",
    "$data",
    "$.",
    "$..a",
    "$.a[0]",
    "$.*",
    "$.a[?(@.b)]",
    "$['a",
    '$["a"]',
    "$.a b",
  ])
    assert.equal(parseJsonPath(text), undefined, text);
});

test("every path is read back from its notation", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 8 }), { maxLength: 4 }), (keys) => {
      assert.deepEqual(parseJsonPath(formatJsonPath(keys)), keys);
    }),
  );
});
