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
