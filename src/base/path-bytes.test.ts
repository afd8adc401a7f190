import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePathBytes, displayKey, encodePathBytes } from "./path-bytes.ts";

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
