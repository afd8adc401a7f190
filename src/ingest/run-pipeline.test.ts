/** Whole runs over memory: what one run does when another is at work, and when files change between plan and read. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileOf, memoryFlow, type MemoryFlow } from "../../test/support/memory-flow.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { Clock } from "../base/clock.ts";
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
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

/** A clock at 10 s whose sleep is what happens meanwhile. */
const restlessClock = (meanwhile: () => Promise<void> = async () => {}): Clock => ({
  now: () => 10_000,
  sleep: meanwhile,
});
const statesIn = async (ledger: Ledger): Promise<readonly string[]> =>
  (await ledger.arrivals({})).map((arrival) => `${at(arrival)} ${arrival.rule ?? arrival.state}`);

test("young files stand in the ledger as waiting until they rest, and then go in", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const [old, young, future] = [fileOf("a", 9000), fileOf("b", 9900), fileOf("c", 99_000)];
  for (const file of [old, young, future]) flow.files.set(file.key, file);
  const ledger = memoryLedger();
  let meanwhile: readonly string[] = [];
  const clock = restlessClock(async () => void (meanwhile = await statesIn(ledger)));
  const result = await flow.run({ ledger, clock });
  assert.deepEqual(meanwhile, [`${at(old)} committed`, `${at(young)} waiting`, `${at(future)} waiting`]);
  assert.deepEqual(flow.rows(), [[at(old)], [at(young), at(future)]]);
  assert.deepEqual([result.discovered, result.waiting], [3, 0]);
  assert.deepEqual((await ledger.summary()).states, { committed: 3 });
});

test("a file that goes on changing waits under one generation, and one that vanishes is forgotten", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const grow = (n: number): void => void flow.files.set("a", fileOf("a", 9900 + n, n));
  grow(1);
  flow.files.set("b", fileOf("b", 9900));
  const ledger = memoryLedger();
  const first = await flow.run({
    ledger,
    clock: restlessClock(async () => {
      grow(2);
      flow.files.delete("b");
    }),
  });
  assert.equal(first.waiting, 1);
  assert.deepEqual(await statesIn(ledger), [`${at(fileOf("a", 9902, 2))} waiting`]);
  grow(3);
  const second = await flow.run({ ledger, clock: restlessClock(async () => grow(4)) });
  assert.deepEqual([second.waiting, second.batches], [1, []]);
  assert.deepEqual(await statesIn(ledger), [`${at(fileOf("a", 9904, 4))} waiting`]);
  flow.files.clear();
  await flow.run({ ledger, clock: restlessClock() });
  assert.deepEqual(await statesIn(ledger), []);
});

test("a file that was waiting when its process died is discovered by the next listing", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const file = fileOf("a", 9900);
  flow.files.set("a", file);
  const ledger = memoryLedger();
  const died = flow.run({
    ledger,
    clock: restlessClock(async () => {
      throw new Error("killed");
    }),
  });
  await assert.rejects(died, /killed/);
  assert.deepEqual(await statesIn(ledger), [`${at(file)} waiting`]);
  await flow.run({ ledger });
  assert.deepEqual(flow.rows(), [[at(file)]]);
});

test("where every file rests, what waits costs no call of the ledger", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  for (let n = 0; n < 30; n++) flow.files.set(`k${n}`, fileOf(`k${n}`, 1000));
  const calls: string[] = [];
  const ledger = new Proxy(memoryLedger(), {
    get(target, name: keyof Ledger) {
      calls.push(name);
      return target[name];
    },
  });
  await flow.run({ ledger });
  assert.deepEqual(
    ["observe", "plan", "arrivals", "setWaiting"].map((name) => calls.filter((call) => call === name).length),
    [1, 1, 0, 0],
  );
});

test("an engine that dies over nothing at all is an error, and no file is blamed for it", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  for (const key of ["a", "b", "c"]) flow.files.set(key, fileOf(key, 1000));
  const ledger = memoryLedger();
  let calls = 0;
  const stageFiles = (): Promise<never> => {
    calls += 1;
    return Promise.reject(new LandfallError("ENGINE_DIED", { message: "it was ended by SIGKILL" }));
  };
  await assert.rejects(flow.run({ ledger, stageFiles }), (error) => isLandfallError(error, "ENGINE_DIED"));
  assert.deepEqual((await ledger.summary()).states, { discovered: 3 });
  assert.ok(calls < 10, `${calls} calls`);
  // The attempts stand in the ledger, and an engine that lives again reads every file.
  assert.ok((await ledger.candidates(9)).every(({ attempts = 0 }) => attempts >= 2));
  await flow.run({ ledger });
  assert.deepEqual((await ledger.summary()).states, { committed: 3 });
  assert.deepEqual(flow.rows().flat().length, 3);
});
