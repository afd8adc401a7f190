/** Take-in over memory adapters: a ledger built batch by batch equals one that is rebuilt from the table. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../base/landfall-error.ts";
import { commitKey } from "../delta/log-files.ts";
import { memoryLedger, type MemoryLedger } from "../ledger/memory-ledger.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { foldBatches } from "./fold-batches.ts";
import { batchPrefix, doneMarkKey, foldedKey } from "./state-keys.ts";
import { commitBatch, contextOver, type Outcome } from "../../test/support/committed-batches.ts";
import { takeIn } from "./take-in.ts";

test("a rebuilt ledger equals the one that took each batch in when it came, also among foreign commits", async () => {
  const outcome = fc.constantFrom<Outcome>("committed", "quarantined", "skipped");
  const batch = fc.array(fc.record({ key: fc.constantFrom("a", "b", "c", "d"), outcome }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ batch, foreign: fc.boolean() }), { maxLength: 6 }),
      async (batches) => {
        const storage = memoryStorage();
        const ledger = memoryLedger();
        const context = contextOver(storage, ledger);
        let version = 0;
        for (const [i, each] of batches.entries()) {
          await commitBatch(storage, i + 1, version++, each.batch);
          if (each.foreign) await storage.put(commitKey(version++), '{"commitInfo":{"operation":"WRITE"}}\n');
          await takeIn(context);
        }
        const rebuilt = memoryLedger();
        assert.equal((await takeIn(contextOver(storage, rebuilt))).batches, batches.length);
        assert.equal(rebuilt.dump(), ledger.dump());
        assert.equal((await takeIn(context)).batches, 0);
      },
    ),
    { numRuns: 60 },
  );
});

test("the log may be trimmed behind done marks: a rebuild needs the marks alone", async () => {
  const storage = memoryStorage();
  const context = contextOver(storage, memoryLedger());
  for (const number of [1, 2]) {
    await commitBatch(storage, number, number - 1, [{ key: `k${number}`, outcome: "committed" }]);
    await takeIn(context);
  }
  // A commit that nobody needs any more: what it held stands in the mark and in the state of version 2.
  const [table] = (await storage.get(commitKey(0)))
    .toString()
    .split("\n")
    .filter((line) => line.includes("metaData"));
  const [protocol] = (await storage.get(commitKey(0)))
    .toString()
    .split("\n")
    .filter((line) => line.includes("protocol"));
  await storage.put(commitKey(0), `${protocol!}\n${table!}\n`);
  const rebuilt = memoryLedger();
  assert.equal((await takeIn(contextOver(storage, rebuilt))).batches, 2);
  assert.equal(rebuilt.dump(), (context.ledger as MemoryLedger).dump());
});

test("folded batches are taken in like any other, and an edited one is refused", async () => {
  const storage = memoryStorage();
  const ledger = memoryLedger();
  const context = contextOver(storage, ledger);
  await commitBatch(storage, 1, 0, [{ key: "a", outcome: "committed" }]);
  await commitBatch(storage, 2, 1, [{ key: "b", outcome: "quarantined" }]);
  await commitBatch(storage, 3, 2, [{ key: "c", outcome: "committed" }]);
  await takeIn(context);
  assert.equal(await foldBatches(context, { batches: 2, bytes: 1e6 }), false);
  const rebuilt = memoryLedger();
  await takeIn(contextOver(storage, rebuilt));
  assert.equal(rebuilt.dump(), ledger.dump());
  const text = (await storage.get(foldedKey("p", 1, 2))).toString();
  await storage.put(foldedKey("p", 1, 2), text.replace('\\"read\\":2', '\\"read\\":3'));
  await assert.rejects(takeIn(contextOver(storage, memoryLedger())), (error) =>
    isLandfallError(error, "STATE_CORRUPT"),
  );
});

test("a number in neither a done mark nor the log is an error with choices, never a guess", async () => {
  const storage = memoryStorage();
  const batchId = await commitBatch(storage, 1, 0, [{ key: "a", outcome: "committed" }]);
  const lines = (await storage.get(commitKey(0))).toString().split("\n");
  await storage.put(commitKey(0), lines.filter((line) => !line.includes("commitInfo")).join("\n"));
  await assert.rejects(takeIn(contextOver(storage, memoryLedger())), (error) =>
    isLandfallError(error, "HISTORY_LOST"),
  );
  assert.ok(batchId);
});

test("an edited manifest stops the take-in by name", async () => {
  const storage = memoryStorage();
  await commitBatch(storage, 1, 0, [{ key: "a", outcome: "committed" }]);
  for await (const { key } of storage.list({ prefix: batchPrefix("p", 1) })) {
    await storage.put(key, (await storage.get(key)).toString().replace('"read":2', '"read":3'));
  }
  await assert.rejects(takeIn(contextOver(storage, memoryLedger())), (error) =>
    isLandfallError(error, "STATE_CORRUPT"),
  );
});

test("a missing done mark is written by whoever has taken the batch in", async () => {
  const storage = memoryStorage();
  const batchId = await commitBatch(storage, 1, 0, [{ key: "a", outcome: "committed" }]);
  await takeIn(contextOver(storage, memoryLedger()));
  assert.ok(storage.objects.has(doneMarkKey("p", 1, batchId)));
});

test("a table that went back, was made again or restored is not the one that the ledger knows", async () => {
  const storage = memoryStorage();
  const ledger = memoryLedger();
  await commitBatch(storage, 1, 0, []);
  await commitBatch(storage, 2, 1, []);
  await takeIn(contextOver(storage, ledger));
  const isOther = (error: unknown): boolean => isLandfallError(error, "TABLE_CHANGED_IDENTITY");
  const last = await storage.get(commitKey(1));
  await storage.delete(commitKey(1));
  await assert.rejects(takeIn(contextOver(storage, ledger)), isOther, "went back");
  await storage.put(
    commitKey(1),
    '{"commitInfo":{"txnId":"foreign"}}\n{"txn":{"appId":"landfall-id","version":2}}\n',
  );
  await assert.rejects(takeIn(contextOver(storage, ledger)), isOther, "another commit in its place");
  await storage.put(commitKey(1), last);
  await takeIn(contextOver(storage, ledger));
  await storage.put(commitKey(2), '{"commitInfo":{"operation":"RESTORE"}}\n');
  await assert.rejects(takeIn(contextOver(storage, ledger)), isOther, "restored");
  await assert.rejects(takeIn(contextOver(memoryStorage(), ledger)), isOther, "gone");
});
