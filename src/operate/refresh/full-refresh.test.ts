import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOf, memoryFlow } from "../../../test/support/memory-flow.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readSnapshot } from "../../delta/snapshot.ts";
import { writePipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { STATE_SCHEMA_VERSION } from "../../ingest/state-file.ts";
import { memoryLedger } from "../../ledger/memory-ledger.ts";
import { memorySource } from "../../sources/memory-source.ts";
import { fullRefresh } from "./full-refresh.ts";
import { planRefresh } from "./plan-refresh.ts";

test("rows of a batch that came while the refresh was planned, and has no done mark yet, leave the table, too", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const { storage } = flow;
  const ledger = memoryLedger();
  const context = { ...flow.context(ledger), pipelineId: "00000000-0000-7000-8000-000000000001" };
  await writePipelineIdentity(storage, {
    schemaVersion: STATE_SCHEMA_VERSION,
    pipelineId: context.pipelineId,
    name: "p",
    source: "/in",
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  flow.files.set("a", fileOf("a", 1));
  await flow.run({ ledger });
  let plans = 0;
  const commit = await fullRefresh(context, {
    rows: "own",
    engineInfo: "Landfall/test",
    async plan() {
      plans += 1;
      if (plans === 1) {
        // A run that was taken for dead, on the same ledger: paused between settle and the done mark.
        flow.files.set("b", fileOf("b", 2));
        await flow.run({ ledger: { ...ledger, markDone: async () => {} } });
        for (const key of storage.objects.keys())
          if (/0000000002-.*\.done\.json$/.test(key)) storage.objects.delete(key);
        assert.equal((await ledger.lastTakenIn())?.number, 2);
      }
      return planRefresh(context, { source: memorySource(flow.files), rows: "own" });
    },
  });
  assert.deepEqual([plans, commit.version], [2, 2]);
  const snapshot = await readSnapshot({ storage, parquet: context.table.parquet });
  assert.deepEqual([...snapshot!.adds.keys()], []);
});
