import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { systemClock, type Clock } from "../base/clock.ts";
import { uuidv7 } from "../base/uuid.ts";
import { memoryLedger } from "../ledger/memory-ledger.ts";
import { fileOf, memoryFlow, type MemoryFlow } from "../../test/support/memory-flow.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { backfillAllowance, shareOf } from "./backfill-allowance.ts";

const ONE_A_BATCH = { maxFiles: 1, maxBytes: 1e9 };
const DAY = 86_400_000;

function land(
  flow: MemoryFlow,
  ...files: readonly (readonly [key: string, modifiedMs: number, size?: number])[]
): void {
  for (const [key, modified, size] of files) flow.files.set(key, fileOf(key, modified, size));
}

/** Keys in the order in which they were committed, batch by batch. */
function keysOf(flow: MemoryFlow): string[][] {
  return flow.rows().map((rows) => rows.map((row) => row.slice(0, row.indexOf("@"))));
}

test("files are read in the declared order", async (t) => {
  const wanted = { oldest: ["c", "a", "b"], newest: ["b", "a", "c"], name: ["a", "b", "c"] } as const;
  for (const order of ["oldest", "newest", "name"] as const) {
    const flow = memoryFlow(temporaryFolder(t));
    land(flow, ["a", 2], ["b", 3], ["c", 1]);
    await flow.run({ ledger: memoryLedger(), order, limits: ONE_A_BATCH });
    assert.deepEqual(keysOf(flow).flat(), wanted[order]);
  }
});

test("the newest first: two states of one file are read in the order in which they came all the same", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const ledger = memoryLedger();
  await ledger.observe([fileOf("a", 1)], 1);
  land(flow, ["a", 5], ["b", 3]);
  await flow.run({ ledger, order: "newest", limits: ONE_A_BATCH, onOverwrite: "append" });
  assert.deepEqual(
    flow.rows().flat(),
    ["b", "a"].map((key) => `${key}@${flow.files.get(key)!.generation}`),
  );
});

test("files of a folder that arrive together are one batch, whatever the limits, and no others are in it", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  land(flow, ["x/1", 1], ["y/1", 2], ["x/2", 3], ["alone", 4], ["y/p/2", 5], ["x/3", 6]);
  const together = (key: string): string | undefined => (key === "alone" ? undefined : key.slice(0, 2));
  await flow.run({ ledger: memoryLedger(), together, limits: { maxFiles: 2, maxBytes: 6 } });
  assert.deepEqual(keysOf(flow), [["x/1", "x/2", "x/3"], ["y/1", "y/p/2"], ["alone"]]);
});

/** A clock that stands still until it is set. */
function clockAt(now: () => number): Clock {
  return { ...systemClock, now, sleep: async () => {} };
}

test("an old stock comes after all that is newer, and a part of it each day, whatever is restarted", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const ledger = memoryLedger();
  const start = Math.floor(Date.now() / DAY) * DAY;
  // The ids of batches are made by the real clock, which is today; later days see what was read today as read before.
  let day = 0;
  const clock = clockAt(() => start + day * DAY + 3_600_000);
  const before = start - 10 * DAY;
  const notes: string[] = [];
  const run = (): Promise<unknown> =>
    flow.run({
      ledger,
      clock,
      limits: { maxFiles: 10, maxBytes: 10 },
      backfill: backfillAllowance({ before, maxBytesPerDay: 15 }),
      emit: (event) => event.type === "note" && notes.push(event.text),
    });
  land(flow, ["o1", 1000], ["o2", 2000], ["o3", 3000], ["o4", 4000, 40], ["new", before + 1]);
  await run();
  assert.deepEqual(keysOf(flow), [["new"], ["o1", "o2"], ["o3"]]);
  assert.match(notes.join("\n"), /today's share/);
  // Restarted on the same day: nothing of the stock, and what is new is not held up.
  land(flow, ["newer", before + 5]);
  await run();
  assert.deepEqual(keysOf(flow).slice(3), [["newer"]]);
  day = 1;
  await run();
  // Larger than a day's share: a batch of its own, on a day of its own.
  assert.deepEqual(keysOf(flow).slice(4), [["o4"]]);
});

test("a new content of a file of the stock is not held up by the one that is gone", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const ledger = memoryLedger();
  const before = Date.now() - DAY;
  await ledger.observe([fileOf("a", 1), fileOf("b", 2)], 1);
  land(flow, ["a", before + 1], ["b", 2]);
  const backfill = {
    ...backfillAllowance({ before, maxBytesPerDay: 1 }),
    limits: async () => undefined,
  };
  await flow.run({ ledger, backfill });
  assert.deepEqual(keysOf(flow).flat(), ["a"]);
  assert.equal((await ledger.get(fileOf("a", 1)))?.rule, "gone");
  assert.equal((await ledger.get(fileOf("b", 2)))?.state, "discovered");
});

test("left out, the stock is what was modified before the pipeline's first run", () => {
  const made = 1_790_000_000_000;
  const allowance = backfillAllowance({ before: undefined, maxBytesPerDay: 1 });
  assert.equal(allowance.beforeNs({ pipelineId: uuidv7(made) } as never), `${made}000000`);
});

test("any share: within a batch's limits and the day's, and never so small that a day reads nothing", () => {
  fc.assert(
    fc.property(
      fc.nat(50),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 30 }),
      (read, maxBytesPerDay, maxBytes) => {
        const share = shareOf({ limits: { maxFiles: 9, maxBytes }, maxBytesPerDay, read });
        const left = Math.max(0, maxBytesPerDay - read);
        assert.equal(share.maxBytes, Math.min(maxBytes, left));
        assert.equal(share.firstMaxBytes, read > 0 ? left : undefined);
      },
    ),
  );
});
