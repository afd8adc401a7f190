import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { partitionPoint } from "./partition-point.ts";

test("the partition point is the number of items that hold, found with few questions", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(5000), fc.nat(5000), async (holding, others) => {
      const items = Array.from({ length: holding + others }, (_, index) => index);
      let asked = 0;
      const point = await partitionPoint(items, async (item) => {
        asked += 1;
        return item < holding;
      });
      assert.equal(point, holding);
      assert.ok(asked <= Math.ceil(Math.log2(items.length + 1)));
    }),
  );
});
