import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { SpillWriter } from "./spill-writer.ts";

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: fc.nat({ max: 900_000 }), fill: fc.nat({ max: 255 }) }) },
  // How much of what stands there is kept, in thousandths.
  { weight: 2, arbitrary: fc.record({ keep: fc.nat({ max: 1000 }) }) },
);

test("whatever is written and taken back, the file holds what is left", (t) => {
  const folder = temporaryFolder(t);
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const writer = new SpillWriter(join(folder, String(run++)));
      let expected = Buffer.alloc(0);
      for (const one of steps) {
        if ("write" in one) {
          const content = Buffer.alloc(one.write, one.fill);
          writer.write(content);
          expected = Buffer.concat([expected, content]);
        } else {
          const kept = Math.floor((expected.length * one.keep) / 1000);
          writer.takeBack(kept);
          expected = expected.subarray(0, kept);
        }
        assert.equal(writer.bytes, expected.length);
      }
      writer.close();
      const found = existsSync(writer.path) ? readFileSync(writer.path) : Buffer.alloc(0);
      assert.ok(found.equals(expected));
    }),
    { numRuns: 40 },
  );
});
