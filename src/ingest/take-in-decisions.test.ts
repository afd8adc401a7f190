/** Decisions over memory adapters: neither their order among batches nor the host that wrote them matters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { ArrivalId, Ledger } from "../ledger/ledger.ts";
import { memoryLedger, type MemoryLedger } from "../ledger/memory-ledger.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { commitBatch, contextOver, type Outcome } from "../../test/support/committed-batches.ts";
import { readDecision, writeDecision } from "./decision.ts";
import { decisionKey } from "./state-keys.ts";
import { takeIn } from "./take-in.ts";
import { applyDecisions, takeInDecisions } from "./take-in-decisions.ts";

type Storage = ReturnType<typeof memoryStorage>;

const KEYS = ["a", "b", "c"] as const;
const idOf = (key: string): ArrivalId => ({ key, generation: "1-1" });

async function start(storage: Storage, ledger: MemoryLedger): Promise<void> {
  const context = contextOver(storage, ledger);
  await takeIn(context);
  await takeInDecisions(context);
}

/** What a ledger holds of each file; what may be read again is one thing, however it came to be so. */
async function said(ledger: Ledger): Promise<unknown[]> {
  return (await ledger.arrivals({})).map(({ key, state, rule, batchId, outcome }) => {
    const free = state === "forgotten" || state === "discovered" || rule === "gone";
    return free ? [key, "free"] : [key, state, rule, batchId, outcome?.written];
  });
}

/** True where a run would take the file. */
async function isFree(ledger: Ledger, key: string): Promise<boolean> {
  const arrival = await ledger.get(idOf(key));
  return arrival === undefined || arrival.state === "forgotten" || arrival.rule === "gone";
}

test("two hosts that decide and commit by turns end alike, and a ledger that is rebuilt says the same", async () => {
  const host = fc.nat(1);
  const outcome = fc.constantFrom<Outcome>("committed", "quarantined", "skipped");
  const step = fc.oneof(
    fc.record({ does: fc.constant("batch" as const), host, key: fc.constantFrom(...KEYS), outcome }),
    // What is decided before the other host took in is decided on old knowledge.
    fc.record({
      does: fc.constant("decide" as const),
      host,
      keys: fc.subarray([...KEYS], { minLength: 1 }),
      dies: fc.boolean(),
    }),
    // By a host that knows all: two that decide about one file at once are two opinions.
    fc.record({ does: fc.constant("adopt" as const), host, key: fc.constantFrom(...KEYS) }),
    fc.record({ does: fc.constant("start" as const), host }),
  );
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
      const storage = memoryStorage();
      const ledgers = [memoryLedger(), memoryLedger()] as const;
      let number = 0;
      let now = 1000;
      for (const each of steps) {
        const ledger = ledgers[each.host]!;
        if (each.does === "start") await start(storage, ledger);
        if (each.does === "batch") {
          await start(storage, ledger);
          if (!(await isFree(ledger, each.key))) continue;
          number += 1;
          await commitBatch(storage, number, number - 1, [{ ...idOf(each.key), outcome: each.outcome }]);
          await takeIn(contextOver(storage, ledger));
        }
        if (each.does === "adopt") {
          await start(storage, ledger);
          if (!(await isFree(ledger, each.key))) continue;
          const arrivals = [{ ...idOf(each.key), size: 1, modifiedNs: "1" }];
          await writeDecision({
            storage,
            pipeline: "p",
            content: { kind: "adopt", arrivals },
            at: (now += 1),
          });
          await start(storage, ledger);
        }
        if (each.does === "decide") {
          const arrivals = [];
          for (const key of each.keys) {
            const arrival = await ledger.get(idOf(key));
            if (arrival?.batchId === undefined || (await isFree(ledger, key))) continue;
            arrivals.push({ ...idOf(key), batchId: arrival.batchId });
          }
          if (arrivals.length === 0) continue;
          const decision = await writeDecision({
            storage,
            pipeline: "p",
            content: { kind: "forget", arrivals },
            at: (now += 1),
          });
          if (!each.dies) taken += await applyDecisions(contextOver(storage, ledger), [decision]);
        }
      }
      const rebuilt = memoryLedger();
      for (const ledger of [...ledgers, rebuilt]) await start(storage, ledger);
      assert.deepEqual(await said(ledgers[0]), await said(rebuilt));
      assert.deepEqual(await said(ledgers[1]), await said(rebuilt));
      assert.deepEqual(await ledgers[0].decisions(), await rebuilt.decisions());
    }),
    { numRuns: 150 },
  );
  assert.ok(taken > 20, `only ${taken} outcomes were taken back`);
});

test("a decision about a batch that is not taken in yet waits for it", async () => {
  const storage = memoryStorage();
  const ledger = memoryLedger();
  const context = contextOver(storage, ledger);
  const batchId = await commitBatch(storage, 1, 0, [{ ...idOf("a"), outcome: "quarantined" }]);
  await writeDecision({
    storage,
    pipeline: "p",
    content: { kind: "retry", arrivals: [{ ...idOf("a"), batchId }] },
    at: 1,
  });
  await takeInDecisions(context);
  assert.deepEqual(await ledger.decisions(), []);
  await start(storage, ledger);
  assert.equal((await ledger.get(idOf("a")))?.state, "forgotten");
  assert.equal((await ledger.decisions()).length, 1);
});

test("what is known is not read again", async () => {
  const storage = memoryStorage();
  const ledger = memoryLedger();
  const batchId = await commitBatch(storage, 1, 0, [{ ...idOf("a"), outcome: "quarantined" }]);
  for (let i = 0; i < 5; i++)
    await writeDecision({
      storage,
      pipeline: "p",
      content: { kind: "retry", arrivals: [{ ...idOf("a"), batchId }] },
      at: i,
    });
  let reads = 0;
  const counting = {
    ...storage,
    get: (key: string) => {
      if (key.includes("/decisions/")) reads += 1;
      return storage.get(key);
    },
  };
  for (let i = 0; i < 3; i++) await start(counting, ledger);
  assert.equal(reads, 5);
});

test("a decision of a newer Landfall is refused by name, and so is one that was edited", async () => {
  const storage = memoryStorage();
  const id = uuidv7();
  const refused = async (content: object, code: "STATE_NEWER" | "STATE_CORRUPT"): Promise<void> => {
    await storage.put(decisionKey("p", id), JSON.stringify(content));
    await assert.rejects(
      readDecision(storage, "p", id),
      (error: Error) => isLandfallError(error, code) && error.message.includes(decisionKey("p", id)),
    );
  };
  const decision = { schemaVersion: 1, kind: "retry", at: "", arrivals: [{ ...idOf("a"), batchId: "b" }] };
  await refused({ ...decision, schemaVersion: 2 }, "STATE_NEWER");
  await refused({ ...decision, kind: "restart" }, "STATE_CORRUPT");
  await refused({ ...decision, arrivals: [idOf("a")] }, "STATE_CORRUPT");
  await storage.put(decisionKey("p", id), JSON.stringify(decision));
  assert.deepEqual((await readDecision(storage, "p", id)).arrivals, decision.arrivals);
});
