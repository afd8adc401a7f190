/** Whole runs over memory: what one run does when another is at work, and when files change between plan and read. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileOf, memoryFlow, type MemoryFlow } from "../../test/support/memory-flow.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { memoryLedger } from "../ledger/memory-ledger.ts";
import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import type { IngestEvent } from "./events.ts";

const at = (file: { readonly key: string; readonly generation: string }): string =>
  `${file.key}@${file.generation}`;

/** The ledger with something that happens right before its next plan. */
function beforePlan(ledger: Ledger, happening: () => Promise<unknown>): Ledger {
  let left: typeof happening | undefined = happening;
  return {
    ...ledger,
    async plan(batch, arrivals) {
      const happens = left;
      left = undefined;
      await happens?.();
      return ledger.plan(batch, arrivals);
    },
  };
}

async function twoPlanners(t: TestContext) {
  const folder = temporaryFolder(t);
  const open = async (): Promise<Ledger> => {
    const ledger = await openSqliteLedger({ path: join(folder, "ledger.db") });
    t.after(() => ledger.close());
    return ledger;
  };
  const flow = memoryFlow(folder);
  for (const key of ["a", "b"]) flow.files.set(key, fileOf(key, 1000));
  return { flow, mine: await open(), other: await open() };
}

test("two processes on one ledger: whoever plans the same files later takes in and plans anew", async (t) => {
  const { flow, mine, other } = await twoPlanners(t);
  const events: IngestEvent[] = [];
  const result = await flow.run({
    ledger: beforePlan(mine, async () => {
      await flow.run({ ledger: other, limits: { maxFiles: 1, maxBytes: 1e9 } });
      flow.files.set("c", fileOf("c", 2000));
      await other.observe([fileOf("c", 2000)], 1);
    }),
    emit: (event) => events.push(event),
  });
  assert.deepEqual(flow.rows(), [[at(fileOf("a", 1000))], [at(fileOf("b", 1000))], [at(fileOf("c", 2000))]]);
  assert.deepEqual([result.takenIn, result.batches.map(({ number }) => number)], [0, [3]]);
  assert.deepEqual(
    events.flatMap((event) => (event.type === "batch.void" ? [event.number] : [])),
    [1],
  );
  assert.deepEqual((await mine.summary()).states, { committed: 3 });
});

test("two processes on one ledger: files that the other holds in an open batch are left to it", async (t) => {
  const { flow, mine, other } = await twoPlanners(t);
  const files = ["a", "b"].map((key) => fileOf(key, 1000));
  const result = await flow.run({
    ledger: beforePlan(mine, () => other.plan({ number: 1, batchId: "open", at: 1 }, files.slice(0, 1))),
  });
  assert.deepEqual(flow.rows(), [[at(files[1]!)]]);
  assert.equal(result.batches.length, 1);
  // Whoever holds it has died: the next run reads what it had claimed.
  await flow.run({ ledger: mine });
  assert.deepEqual(flow.rows(), [[at(files[1]!)], [at(files[0]!)]]);
});

/** A ledger that has seen all of these, one after the other; the last one lies in the source. */
async function discoveredInTurn(flow: MemoryFlow, ...files: ReturnType<typeof fileOf>[]): Promise<Ledger> {
  const ledger = memoryLedger();
  for (const [index, file] of files.entries()) {
    await ledger.observe([file], index + 1);
    flow.files.set(file.key, file);
  }
  return ledger;
}

test("append: generations of one file that are discovered at once are read one batch after the other, in one run", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const [first, second, third] = [fileOf("a", 3000), fileOf("a", 1000, 6), fileOf("a", 2000, 7)];
  const b = fileOf("b", 1000);
  flow.files.set("b", b);
  const ledger = await discoveredInTurn(flow, first, second, third);
  const result = await flow.run({ ledger, onOverwrite: "append" });
  // What is gone brings no row, and what waited for it is read after it.
  assert.deepEqual(flow.rows(), [[at(b)], [], [at(third)]]);
  assert.deepEqual(
    result.batches.map(({ counts }) => [counts.committed, counts.skipped]),
    [
      [1, 1],
      [0, 1],
      [1, 0],
    ],
  );
  const rules = (await ledger.generations("a")).map(({ state, rule }) => rule ?? state);
  assert.deepEqual(rules, ["gone", "gone", "committed"]);
});

test("append: where the first batch is gone as a whole and there is no table, the newer generation still goes in", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const [first, second] = [fileOf("a", 1000), fileOf("a", 2000)];
  const ledger = await discoveredInTurn(flow, first, second);
  await flow.run({ ledger, onOverwrite: "append" });
  assert.deepEqual(flow.rows(), [[at(second)]]);
  flow.files.set("a", fileOf("a", 3000));
  await flow.run({ ledger, onOverwrite: "append" });
  assert.deepEqual(flow.rows(), [[at(second)], [at(fileOf("a", 3000))]]);
});
