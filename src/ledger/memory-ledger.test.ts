import assert from "node:assert/strict";
import { test } from "node:test";
import { ledgerContract } from "../../test/contracts/ledger-contract.ts";
import { memoryLedger } from "./memory-ledger.ts";

ledgerContract("memory ledger", async () => {
  const ledger = memoryLedger();
  return { ledger, dispose: () => ledger.close() };
});

const A = { key: "a", generation: "1-2", size: 1, modifiedNs: "2" };

test("memory ledger: two that came to the same content at other times dump alike", async () => {
  const one = memoryLedger();
  const two = memoryLedger();
  await one.observe([A, { ...A, key: "b" }], 1);
  await two.observe([{ ...A, key: "b" }], 2);
  await two.observe([A], 3);
  assert.equal(one.dump(), two.dump());
  await two.plan({ number: 1, batchId: "x", at: 4 }, [A]);
  assert.notEqual(one.dump(), two.dump());
});

test("memory ledger: a copy goes its own way", async () => {
  const ledger = memoryLedger();
  await ledger.observe([A], 1);
  await ledger.plan({ number: 1, batchId: "x", at: 2 }, [A]);
  const copy = ledger.copy();
  assert.equal(copy.dump(), ledger.dump());
  await ledger.settle({ number: 1, batchId: "x", version: 0, at: 3, outcomes: [] });
  await ledger.markDone(1);
  assert.deepEqual(
    (await copy.openBatches()).map(({ state }) => state),
    ["planned"],
  );
  await copy.settle({ number: 1, batchId: "x", version: 0, at: 3, outcomes: [] });
  assert.deepEqual(
    (await copy.batchesWithoutDoneMark()).map(({ number }) => number),
    [1],
  );
});
