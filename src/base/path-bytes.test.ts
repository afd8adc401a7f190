import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePathBytes, displayKey, encodePathBytes, isShownEncoded } from "./path-bytes.ts";

test("any bytes become printable ASCII and come back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const key = encodePathBytes(Buffer.from(bytes));
      assert.match(key, /^[!-~]*$/);
      assert.deepEqual(decodePathBytes(key), Buffer.from(bytes));
    }),
  );
});

test("text is encoded as its UTF-8, and a percent sign never stands for itself", () => {
  assert.equal(encodePathBytes("a/é %.json"), "a/%C3%A9%20%25.json");
  fc.assert(
    fc.property(fc.string(), (text) =>
      assert.equal(encodePathBytes(text), encodePathBytes(Buffer.from(text))),
    ),
  );
});

test("a key is shown decoded, but not where that would steer a terminal or is no text", () => {
  assert.equal(displayKey("%C3%A9%20x"), "é x");
  for (const key of ["%FF%FE", "a%0Ab", "%1B[31m", "%E2%80%AEgnp.exe"]) assert.equal(displayKey(key), key);
});

test("a name that looks like a key is shown encoded, so that it is not taken for the file of that key", () => {
  assert.equal(displayKey(encodePathBytes("\u0001.json")), "%01.json");
  assert.equal(displayKey(encodePathBytes("%01.json")), "%2501.json");
  assert.equal(displayKey(encodePathBytes("100%.json")), "100%.json");
});

/** Names made of what keys are made of, so that the one is often the other's key. */
const nameBytes = fc
  .array(fc.constantFrom("%", "2", "5", "0", "1", "C", "3", "A", "9", "é", "\u0001", " ", "/", "x"), {
    maxLength: 8,
  })
  .map((parts) => Buffer.from(parts.join("")));

test("no two names are shown alike, and one that is shown encoded is known by that", () => {
  const anyName = fc.oneof(
    nameBytes,
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(anyName, anyName, (one, other) => {
      const [key, otherKey] = [encodePathBytes(one), encodePathBytes(other)];
      assert.equal(displayKey(key) === displayKey(otherKey), key === otherKey);
      // The nearest to a clash: the file whose name is what the first is shown as.
      const shown = displayKey(key);
      const called = encodePathBytes(shown);
      assert.equal(displayKey(called) === shown, called === key);
      assert.equal(isShownEncoded(shown), shown === key && key.includes("%"));
    }),
    { numRuns: 1000 },
  );
});
