import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson, stringifyJson } from "./lossless-json.ts";

test("integers of any size come through, wherever they stand and however the text is laid out", () => {
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie("node"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).node;
  // An integer that a number holds exactly comes back as a number.
  const plain = (each: unknown): unknown => {
    if (typeof each === "bigint") return Number.isSafeInteger(Number(each)) ? Number(each) : each;
    if (Array.isArray(each)) return each.map(plain);
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, plain(inner)]));
  };
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1), (some, indent) => {
      assert.deepEqual(parseJson(stringifyJson(some, indent)), plain(some));
    }),
  );
});

test("digits inside a string are no number", () => {
  const text = '{"a":"x:12345678901234567890","b":":12345678901234567890","c":1.5}';
  assert.deepEqual(parseJson(text), JSON.parse(text));
});

test("a number alone, and one after a sign, keeps its digits", () => {
  assert.equal(parseJson("12345678901234567890"), 12345678901234567890n);
  assert.deepEqual(parseJson("[-12345678901234567890]"), [-12345678901234567890n]);
});
