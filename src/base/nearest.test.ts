import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { editDistance, nearest } from "./nearest.ts";

test("the nearest known word is found within few edits, and none beyond", () => {
  const known = ["format", "location", "onOverwrite"];
  assert.equal(nearest("fromat", known), "format");
  assert.equal(nearest("LOCATION", known), "location");
  assert.equal(nearest("loction", known), "location");
  assert.equal(nearest("onOverwite", known), "onOverwrite");
  assert.equal(nearest("something", known), undefined);
  assert.equal(nearest("", known), undefined);
});

test("property: edit distance is symmetric, zero only for equals, and at most the longer word", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const distance = editDistance(one, other);
      assert.equal(distance, editDistance(other, one));
      assert.equal(distance === 0, one === other);
      assert.ok(distance <= Math.max(one.length, other.length));
      assert.ok(distance >= Math.abs(one.length - other.length));
    }),
  );
});
