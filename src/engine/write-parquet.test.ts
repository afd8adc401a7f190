import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { quotedPath } from "./write-parquet.ts";

test("DuckDB's quoted path has its segments, whatever stands in them", () => {
  assert.deepEqual(quotedPath('"a"."b""c"."d.e"'), ["a", 'b"c', "d.e"]);
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (segments) => {
      const text = segments.map((segment) => `"${segment.replaceAll('"', '""')}"`).join(".");
      assert.deepEqual(quotedPath(text), segments);
    }),
  );
});
