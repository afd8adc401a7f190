/** The clean-up of the log within a run: it waits for every done mark, and nothing is forgotten by it. */
import assert from "node:assert/strict";
import { readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { verifyTable } from "../../src/operate/verify/verify.ts";
import { ingest, land, viewOf } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const engine = testEngine();

async function aged(t: TestContext) {
  const folder = temporaryFolder(t);
  const [source, table] = [join(folder, "in"), join(folder, "table")];
  const log = join(table, "_delta_log");
  const set = {
    "limits.maxFilesPerTrigger": "1",
    "table.properties": "delta.checkpointInterval=2,delta.logRetentionDuration=interval 2 days",
  };
  const landAndRun = async (...ids: readonly number[]): ReturnType<typeof ingest> => {
    for (const id of ids) land(source, { [`${id}.json`]: `{"id":${id}}\n` });
    return ingest({ source, table, set });
  };
  const { pipeline } = await landAndRun(0, 1, 2, 3, 4);
  const then = new Date(Date.now() - 5 * 86_400_000);
  for (const name of readdirSync(log)) utimesSync(join(log, name), then, then);
  return {
    table,
    batches: join(table, "_landfall", pipeline, "batches"),
    ledger: join(table, "_landfall", pipeline, "ledger.db"),
    landAndRun,
    oldest: () =>
      Math.min(...readdirSync(log).flatMap((name) => (name.endsWith(".json") ? [parseInt(name, 10)] : []))),
    verify: () =>
      verifyTable(viewOf({ table, engine, scratchFolder: folder }), { clock: systemClock, engine }),
  };
}

test("expired commits go, and a ledger that is lost afterwards still knows every file", async (t) => {
  const made = await aged(t);
  await made.landAndRun(5, 6);
  assert.equal(made.oldest(), 4);
  const { findings, verdict, checked } = await made.verify();
  assert.deepEqual([verdict, findings.map(({ code }) => code)], ["unprovable", ["HISTORY_TRIMMED"]]);
  assert.deepEqual([checked.batches, checked.rows], [7, 7]);
  for (const end of ["", "-wal", "-shm"]) rmSync(`${made.ledger}${end}`, { force: true });
  const again = await made.landAndRun();
  assert.deepEqual([again.takenIn, again.batches.length], [7, 0]);
});

test("no commit of a batch without its done mark goes, nor any after it", async (t) => {
  const made = await aged(t);
  const [mark] = readdirSync(made.batches).filter((name) => /^0000000003-.*\.done\.json$/.test(name));
  rmSync(join(made.batches, mark!));
  await made.landAndRun(5, 6);
  // Batch 3 is version 2, and a checkpoint stands there.
  assert.equal(made.oldest(), 2);
});
