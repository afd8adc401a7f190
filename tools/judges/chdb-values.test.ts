import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalValue, parseChdbType } from "./chdb-values.ts";

test("entries of a map stand in the order of Python's JSON, which escapes what is not ASCII", () => {
  const entries = ["a b", "k", "é"].map((keys) => ({ keys, values: true }));
  assert.deepEqual(canonicalValue(entries, parseChdbType("Map(String, Nullable(Bool))"), undefined), [
    ["é", true],
    ["a b", true],
    ["k", true],
  ]);
});
