/** Folding of vacate records over memory adapters: whatever stops it, whoever else folds, each name that was vacated stays known. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commitBatch, contextOver } from "../../test/support/committed-batches.ts";
import { onFaultPoint } from "../base/fault-point.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { memoryLedger, type MemoryLedger } from "../ledger/memory-ledger.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { foldVacates, planVacateFold } from "./fold-vacates.ts";
import { listVacateNames } from "./folded-vacates.ts";
import { takeIn } from "./take-in.ts";
import { recordsOfBatch, recordVacate } from "./vacate-records.ts";

type Memory = ReturnType<typeof memoryStorage>;

const LIMITS = { batches: 2, bytes: 1e6 };

interface Vacated {
  readonly storage: Memory;
  readonly ledger: MemoryLedger;
  readonly batches: readonly { readonly number: number; readonly batchId: string }[];
}

/** Batches of two files; of each the first is vacated, and then by another record the second, where `twice` says so. */
async function vacated(count: number, twice: (number: number) => boolean = () => false): Promise<Vacated> {
  const storage = memoryStorage();
  const ledger = memoryLedger();
  const context = contextOver(storage, ledger);
  const batches: { number: number; batchId: string }[] = [];
  for (let number = 1; number <= count; number++) {
    const outcomes = ["a", "b"].map((name) => ({ key: `${name}${number}`, outcome: "committed" as const }));
    batches.push({ number, batchId: await commitBatch(storage, number, number - 1, outcomes) });
  }
  await takeIn(context);
  for (const batch of batches) {
    for (const [i, name] of ["a", "b"].entries()) {
      if (i === 1 && !twice(batch.number)) continue;
      const arrivals = await ledger.generations(`${name}${batch.number}`);
      await recordVacate(context, { ...batch, action: "archive", to: "/archive", arrivals });
    }
  }
  return { storage, ledger, batches };
}

async function rebuiltFrom(storage: Memory): Promise<string> {
  const rebuilt = memoryLedger();
  await takeIn(contextOver(storage, rebuilt));
  return rebuilt.dump();
}

async function foldAll(
  { storage, ledger }: Pick<Vacated, "storage" | "ledger">,
  limits = LIMITS,
): Promise<void> {
  while (await foldVacates(contextOver(storage, ledger), limits));
}

/** What is recorded of all batches, once each: a record may stand in two places, and which comes first says nothing. */
async function told({ storage, batches }: Vacated): Promise<ReadonlySet<string>> {
  const context = contextOver(storage, memoryLedger());
  const records = await Promise.all(batches.map((batch) => recordsOfBatch(context, batch)));
  return new Set(records.flat().map((record) => JSON.stringify(record)));
}

test("every batch's records read the same before and after, a rebuilt ledger knows every name, and few files are left", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(12),
      fc.integer({ min: 2, max: 5 }),
      fc.array(fc.boolean(), { minLength: 13, maxLength: 13 }),
      async (count, batches, twice) => {
        const life = await vacated(count, (number) => twice[number] === true);
        const before = await told(life);
        const { records } = await listVacateNames(life.storage, "p");
        await foldAll(life, { batches, bytes: 1e6 });
        assert.deepEqual(await told(life), before);
        const after = await listVacateNames(life.storage, "p");
        assert.equal(after.records.length, records.length % batches);
        assert.equal(after.folded.length, Math.floor(records.length / batches));
        await takeIn(contextOver(life.storage, life.ledger));
        assert.equal(await rebuiltFrom(life.storage), life.ledger.dump());
      },
    ),
    { numRuns: 50 },
  );
});

test("a crash at any point loses no record, and the next call goes on", async () => {
  const points = ["fold.vacates.before", "fold.vacates.written", "fold.vacates.done"];
  for (const point of points) {
    for (const nth of [1, 2]) {
      const life = await vacated(5);
      const before = await told(life);
      let left = nth;
      onFaultPoint((passed) => {
        if (passed === point && --left === 0) throw new Error("killed");
      });
      // What is thrown at such a point is a note here; the process would be gone.
      await foldVacates(contextOver(life.storage, life.ledger), LIMITS);
      onFaultPoint(undefined);
      assert.deepEqual(await told(life), before, point);
      const ledger = memoryLedger();
      await takeIn(contextOver(life.storage, ledger));
      await foldAll({ storage: life.storage, ledger });
      assert.equal((await listVacateNames(life.storage, "p")).records.length, 1, point);
      assert.deepEqual(await told(life), before, point);
    }
  }
});

test("a removal that is cut off in the middle leaves records that stand twice, and both say the same", async () => {
  const life = await vacated(4);
  const before = await told(life);
  const kept = (await listVacateNames(life.storage, "p")).records.slice(0, 3);
  const contents = await Promise.all(
    kept.map(async ({ key }) => [key, await life.storage.get(key)] as const),
  );
  await foldAll(life);
  for (const [key, content] of contents) await life.storage.put(key, content);
  await foldAll(life);
  const { records, folded } = await listVacateNames(life.storage, "p");
  assert.deepEqual([records.length, folded.length], [1, 2]);
  assert.deepEqual(await told(life), before);
});

test("another host that has taken in less reads what it can, and the rest once it has", async () => {
  const life = await vacated(4);
  const behind = life.ledger.copy();
  const number = 5;
  const batchId = await commitBatch(life.storage, number, 4, [{ key: "a5", outcome: "committed" }]);
  const ahead = contextOver(life.storage, life.ledger);
  await takeIn(ahead);
  const arrivals = await life.ledger.generations("a5");
  await recordVacate(ahead, { number, batchId, action: "delete", arrivals });
  await foldAll(life, { batches: 5, bytes: 1e6 });
  await takeIn(contextOver(life.storage, behind));
  assert.equal((await behind.generations("a5"))[0]?.vacated, true);
  assert.equal(behind.dump(), life.ledger.dump());
});

test("a folded file that was changed is refused by name", async () => {
  const life = await vacated(2);
  await foldAll(life);
  const [file] = (await listVacateNames(life.storage, "p")).folded;
  const text = (await life.storage.get(file!.key)).toString("utf8");
  await life.storage.put(file!.key, text.replace("/archive", "/another"));
  await assert.rejects(
    takeIn(contextOver(life.storage, memoryLedger())),
    (error) => isLandfallError(error, "STATE_CORRUPT") && error.message.includes(file!.key),
  );
});

test("a file is full by number or by size, and a record over the size makes one of its own", () => {
  const named = (sizes: readonly number[]): Parameters<typeof planVacateFold>[0] =>
    sizes.map((size, i) => ({ key: String(i), number: i + 1, batchId: "b", size }));
  const sizeOf = (sizes: readonly number[]): number | undefined =>
    planVacateFold(named(sizes), { batches: 3, bytes: 10 })?.length;
  assert.deepEqual([[1, 1], [1, 1, 1, 1], [6, 6], [99, 1], [99]].map(sizeOf), [
    undefined,
    3,
    1,
    1,
    undefined,
  ]);
});
