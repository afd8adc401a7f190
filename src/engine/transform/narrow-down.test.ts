import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { narrowDown } from "./narrow-down.ts";

async function narrow(
  bad: ReadonlySet<number>,
  rows: number,
  limits: { maxTrials: number; maxRows: number },
) {
  let trials = 0;
  const found = await narrowDown({
    rows,
    ...limits,
    trial: async (from, to) => {
      trials += 1;
      const hit = [...bad].find((at) => at >= from && at < to);
      return hit === undefined ? undefined : `row ${hit}`;
    },
  });
  return { ...found, trials };
}

test("with trials enough, all rows that fail alone are found, in their order, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 300 }),
      fc.uniqueArray(fc.nat({ max: 299 }), { minLength: 1, maxLength: 8 }),
      async (rows, places) => {
        const bad = new Set(places.map((at) => at % rows));
        const { rows: found, isCut } = await narrow(bad, rows, { maxTrials: 10_000, maxRows: 100 });
        assert.deepEqual(
          found.map(({ at }) => at),
          [...bad].sort((a, b) => a - b),
        );
        assert.equal(isCut, false);
        for (const { at, reason } of found) assert.equal(reason, `row ${at}`);
      },
    ),
  );
});

test("one row among a million is found within few trials", async () => {
  const { rows, trials, isCut } = await narrow(new Set([777_777]), 1_000_000, { maxTrials: 60, maxRows: 5 });
  assert.deepEqual(
    rows.map(({ at }) => at),
    [777_777],
  );
  assert.ok(trials <= 41, String(trials));
  assert.equal(isCut, false);
});

test("trials and rows are bounded, and it is said that there may be more", async () => {
  const every = new Set(Array.from({ length: 1000 }, (_, i) => i));
  const { rows, isCut } = await narrow(every, 1000, { maxTrials: 60, maxRows: 5 });
  assert.deepEqual(
    rows.map(({ at }) => at),
    [0, 1, 2, 3, 4],
  );
  assert.equal(isCut, true);
  const few = await narrow(new Set([1, 500_000]), 1_000_000, { maxTrials: 25, maxRows: 5 });
  assert.ok(few.trials <= 25);
  assert.equal(few.isCut, true);
});

test("what fails only together is laid to no row", async () => {
  const { rows, isCut } = await narrowDown({
    rows: 64,
    maxTrials: 60,
    maxRows: 5,
    trial: async (from, to) => (to - from > 40 ? "too many" : undefined),
  });
  assert.deepEqual(rows, []);
  assert.equal(isCut, false);
});
