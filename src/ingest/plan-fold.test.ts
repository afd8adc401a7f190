import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchNames } from "./batch-names.ts";
import { isFoldDue, planFold } from "./plan-fold.ts";

/** Batches of the sizes, all done; a negative size has no done mark. */
function names(sizes: readonly number[], folded: readonly (readonly [number, number])[] = []): BatchNames {
  const all = sizes.map((size, i) => ({ number: i + 1, size: Math.abs(size), done: size > 0 }));
  const standing = all.filter(({ number }) => !folded.some(([a, b]) => a <= number && number <= b));
  return {
    manifests: standing.map(({ number, size }) => ({
      key: `${number}`,
      number,
      batchId: `b${number}`,
      size,
    })),
    done: new Map(standing.filter(({ done }) => done).map(({ number }) => [number, [`b${number}`]])),
    folded: folded.map(([first, last]) => ({ key: `${first}-${last}`, first, last })),
  };
}

const plan = (of: BatchNames, lastTakenIn: number, batches = 3, bytes = 100): unknown =>
  planFold(of, { lastTakenIn, limits: { batches, bytes } });

test("a group is full by number, and the last batch taken in is never in one", () => {
  assert.equal(plan(names([1, 1, 1]), 3), undefined);
  assert.deepEqual(plan(names([1, 1, 1, 1]), 4), { first: 1, last: 3 });
  assert.equal(plan(names([1, 1, 1, 1]), 3), undefined, "this ledger has not taken in the fourth");
});

test("a group is full by bytes, before the batch that would pass them; one over them stands alone", () => {
  assert.deepEqual(plan(names([60, 30, 20, 1]), 4), { first: 1, last: 2 });
  assert.deepEqual(plan(names([500, 1, 1]), 3), { first: 1, last: 1 });
  assert.equal(plan(names([60, 30, 1]), 3), undefined);
});

test("groups are dense: nothing is folded past a batch without its done mark, or with two", () => {
  assert.equal(plan(names([1, -1, 1, 1, 1]), 5), undefined);
  const doubled = names([1, 1, 1, 1]);
  const done = new Map([...doubled.done, [2, ["b2", "other"]] as const]);
  assert.equal(plan({ ...doubled, done }, 4), undefined);
  assert.equal(plan({ ...doubled, done: new Map([...doubled.done, [2, ["other"]] as const]) }, 4), undefined);
});

test("what is folded is gone on from, also over files of other sizes that overlap; a gap is not stepped over", () => {
  const eight = [1, 1, 1, 1, 1, 1, 1, 1];
  assert.deepEqual(plan(names(eight, [[1, 3]]), 8), { first: 4, last: 6 });
  assert.deepEqual(
    plan(
      names(eight, [
        [1, 2],
        [1, 4],
      ]),
      8,
    ),
    { first: 5, last: 7 },
  );
  assert.equal(plan(names(eight, [[2, 4]]), 8), undefined);
});

test("a fold is due for a full group, and for originals that a crash left", () => {
  const limits = { batches: 3, bytes: 100 };
  assert.equal(isFoldDue(names([1, 1, 1], [[1, 2]]), { lastTakenIn: 3, limits }), false);
  assert.equal(isFoldDue(names([1, 1, 1, 1]), { lastTakenIn: 4, limits }), true);
  const left = { ...names([1, 1, 1], [[1, 2]]), done: new Map([[2, ["b2"]]]) };
  assert.equal(isFoldDue(left, { lastTakenIn: 3, limits }), true);
});
