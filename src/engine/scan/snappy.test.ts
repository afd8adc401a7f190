import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SnappyFault, snappyDecompress } from "./snappy.ts";

const bytes = (...parts: (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))));

test("literals and copies of each size give what they stand for", () => {
  assert.equal(snappyDecompress(bytes(0), 10).toString(), "");
  assert.equal(snappyDecompress(bytes(3, 2 << 2, "abc"), 10).toString(), "abc");
  assert.equal(snappyDecompress(bytes(5, 60 << 2, 4, "abcde"), 10).toString(), "abcde");
  // A copy of what it writes itself: offset 2, length 6.
  assert.equal(snappyDecompress(bytes(8, 1 << 2, "ab", 1 | (2 << 2), 2), 10).toString(), "abababab");
  assert.equal(snappyDecompress(bytes(5, 2 << 2, "abc", 2 | (1 << 2), 3, 0), 10).toString(), "abcab");
  assert.equal(snappyDecompress(bytes(5, 2 << 2, "abc", 3 | (1 << 2), 3, 0, 0, 0), 10).toString(), "abcab");
});

test("what is cut, goes back before its beginning, or says another length is refused", () => {
  for (const block of [
    bytes(),
    bytes(0x80),
    bytes(3, 2 << 2, "ab"),
    bytes(4, 2 << 2, "abc"),
    bytes(2, 2 << 2, "abc"),
    bytes(5, 2 << 2, "abc", 2 | (1 << 2), 4, 0),
    bytes(5, 2 << 2, "abc", 2 | (1 << 2), 0, 0),
    bytes(5, 2 << 2, "abc", 2 | (1 << 2), 3),
    bytes(11, 2 << 2, "abc"),
  ])
    assert.throws(() => snappyDecompress(block, 10), SnappyFault);
});

test("any bytes are decompressed or refused, never read past", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (block) => {
      try {
        assert.ok(snappyDecompress(Buffer.from(block), 100).length <= 100);
      } catch (error) {
        assert.ok(error instanceof SnappyFault, String(error));
      }
    }),
  );
});
