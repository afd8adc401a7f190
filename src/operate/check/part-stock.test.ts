import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Arrival } from "../../ledger/ledger.ts";
import { shareOf } from "../../ingest/backfill-allowance.ts";
import { planBatch } from "../../ingest/plan-batch.ts";
import { partStock } from "./part-stock.ts";

function stock(sizes: readonly number[], modifiedNs = "1"): Arrival[] {
  return sizes.map((size, i) => ({
    key: `${modifiedNs}/${i}`,
    generation: `${size}-${modifiedNs}`,
    state: "discovered",
    size,
    modifiedNs,
    discoveredAt: 0,
    vacated: false,
  }));
}

test("what is newer comes first, and a spent share leaves the stock for another day", () => {
  const [fresh, old] = [stock([5, 6], "10"), stock([1, 2], "1")];
  const parted = partStock({ arrivals: [...old, ...fresh], beforeNs: "10", share: undefined });
  assert.deepEqual(parted, { now: fresh, today: [], later: old });
});

test("the files of a folder that arrive together are told together", () => {
  const arrivals = stock([4, 4, 4]);
  const together = (key: string): string => (key === "1/2" ? "b/" : "a/");
  const parted = partStock({ arrivals, beforeNs: "2", share: { maxBytes: 7 }, together });
  assert.deepEqual([parted.today.length, parted.later.length], [2, 1]);
  const strict = partStock({ arrivals, beforeNs: "2", share: { maxBytes: 7, firstMaxBytes: 7 }, together });
  assert.deepEqual([strict.today.length, strict.later.length], [0, 3]);
});

test("an empty file does not use up what is granted to the first file of a day", () => {
  const arrivals = stock([0, 2]);
  const parted = partStock({ arrivals, beforeNs: "2", share: { maxBytes: 1 } });
  assert.deepEqual(parted.today, arrivals);
});

test("any stock and share: what is told to be read today is what batch after batch would take", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 12 });
  const day = fc.record({
    maxBytesPerDay: fc.integer({ min: 1, max: 60 }),
    read: fc.integer({ min: 0, max: 70 }),
    maxFiles: fc.integer({ min: 1, max: 4 }),
    maxBytes: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(sizes, day, (list, { maxBytesPerDay, read, maxFiles, maxBytes }) => {
      const arrivals = stock(list);
      const limits = { maxFiles: Infinity, maxBytes: Infinity };
      const told = partStock({ arrivals, beforeNs: "2", share: shareOf({ limits, maxBytesPerDay, read }) });
      const taken: string[] = [];
      let sum = read;
      for (;;) {
        const share = shareOf({ limits: { maxFiles, maxBytes }, maxBytesPerDay, read: sum });
        const candidates = arrivals
          .filter(({ key }) => !taken.includes(key))
          .map((arrival) => ({ ...arrival, others: [] }));
        const plan = planBatch({ candidates, onOverwrite: "ignore", limits: share });
        if (plan.arrivals.length === 0) break;
        for (const { key, size } of plan.arrivals) {
          taken.push(key);
          sum += size;
        }
      }
      assert.deepEqual(
        told.today.map(({ key }) => key),
        taken,
      );
      assert.equal(told.today.length + told.later.length, arrivals.length);
    }),
  );
});
