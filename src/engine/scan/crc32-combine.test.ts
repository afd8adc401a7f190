import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { crc32Combine } from "./crc32-combine.ts";

test("the checksums of two stretches give that of both, as zlib computes it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (one, other) => {
      const both = crc32(Buffer.concat([one, other]));
      assert.equal(crc32Combine(crc32(one), crc32(other), other.length), both);
    }),
  );
});

test("a long second stretch moves the first one's checksum on by its length", () => {
  const long = Buffer.alloc(20_000_003, "landfall");
  const head = Buffer.from("head");
  assert.equal(crc32Combine(crc32(head), crc32(long), long.length), crc32(long, crc32(head)));
});
