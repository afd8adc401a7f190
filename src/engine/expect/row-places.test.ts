import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rowRuns, type InputPart } from "./row-places.ts";

const parts: fc.Arbitrary<InputPart[]> = fc
  .array(
    fc.nat(8).chain((records) =>
      fc.record({
        records: fc.constant(records),
        missing: fc.subarray(Array.from({ length: records }, (_, i) => i + 1)),
      }),
    ),
    { maxLength: 5 },
  )
  .map((list) => list.map((part, i) => ({ key: `f${i}`, ...part })));

test("every row of an input is the record that a walk through its files finds there", () => {
  fc.assert(
    fc.property(parts, (list) => {
      const walked = list.flatMap(({ key, records, missing = [] }) =>
        Array.from({ length: records }, (_, i) => i + 1)
          .filter((record) => !missing.includes(record))
          .map((record) => `${key}:${record}`),
      );
      const runs = rowRuns("in", list);
      const found = walked.map((_, i) => {
        const run = runs.findLast(({ first }) => first <= i + 1)!;
        return `${run.file}:${run.record + i + 1 - run.first}`;
      });
      assert.deepEqual(found, walked);
    }),
  );
});
