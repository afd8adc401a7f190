import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { openLedgerReader } from "./ledger-reader.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

const seen = { key: "a.json", generation: "10-5", size: 10, modifiedNs: "5" };

test("a reader sees what a writer has confirmed, while it writes", async (t) => {
  const path = join(temporaryFolder(t), "ledger.db");
  const ledger = await openSqliteLedger({ path });
  const reader = await openLedgerReader({ path });
  try {
    await ledger.setIdentity({ pipelineId: "p", name: "n", source: "/s" });
    await ledger.observe([seen], 7);
    assert.deepEqual(await reader.identity(), { pipelineId: "p", name: "n", source: "/s" });
    assert.deepEqual(await reader.generations("a.json"), await ledger.generations("a.json"));
    await ledger.plan({ number: 1, batchId: "b", at: 8 }, [seen]);
    assert.deepEqual(await reader.openBatches(), await ledger.openBatches());
    assert.deepEqual(await reader.summary(), await ledger.summary());
    assert.deepEqual(await reader.arrivals({}), await ledger.arrivals({}));
  } finally {
    await reader.close();
    await ledger.close();
  }
  await reader.close();
  await assert.rejects(reader.summary(), { code: "INTERNAL" });
});

test("a missing, empty or damaged ledger is refused by name", async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(openLedgerReader({ path: join(folder, "none.db") }), { code: "LEDGER_FAILED" });
  writeFileSync(join(folder, "empty.db"), "");
  await assert.rejects(openLedgerReader({ path: join(folder, "empty.db") }), { code: "LEDGER_FAILED" });
  writeFileSync(join(folder, "noise.db"), "no ledger".repeat(999));
  await assert.rejects(openLedgerReader({ path: join(folder, "noise.db") }), { code: "LEDGER_FAILED" });
});
