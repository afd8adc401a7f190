/** Checkpoints that other programs wrote: carried into our next one they say what they say row by row. */
import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { writeCheckpoint } from "../../src/delta/checkpoint.ts";
import { readSnapshot, type Snapshot } from "../../src/delta/snapshot.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { corporaFolder, corporaMissing } from "../support/corpora.ts";
import { countingPort } from "../support/counting-port.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const engine = testEngine();
const root = join(corporaFolder(), "delta");
const { port, carried } = countingPort(engine);

/** Logs with a checkpoint. */
function checkpointedLogs(): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name === "_delta_log")
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((log) => readdirSync(log).some((name) => /^\d+\.checkpoint\..*(?:parquet|json)$/.test(name)));
}

/** The state that a checkpoint of it gives, read from a copy of the log in which the newest version has one. */
async function afterCheckpoint(
  log: string,
  { folder, carryFrom }: { readonly folder: string; readonly carryFrom: number },
): Promise<Snapshot | string> {
  cpSync(log, join(folder, "_delta_log"), { recursive: true });
  const storage = localStorage({ root: folder });
  const parquet = { port, scratchFolder: folder };
  try {
    const { version } = (await readSnapshot({ storage, parquet }))!;
    await writeCheckpoint({ storage, parquet, version, now: 0, carryFrom });
    const { segment: _segment, ...snapshot } = (await readSnapshot({ storage, parquet }))!;
    return snapshot;
  } catch (error) {
    if (!isLandfallError(error)) throw error;
    return error.code;
  }
}

test("each checkpoint of the corpora", { skip: corporaMissing() }, async (t) => {
  const logs = checkpointedLogs();
  for (const log of logs) {
    const rows = await afterCheckpoint(log, { folder: temporaryFolder(t), carryFrom: Infinity });
    const whole = await afterCheckpoint(log, { folder: temporaryFolder(t), carryFrom: 0 });
    assert.deepEqual(whole, rows, relative(root, log));
  }
  t.diagnostic(`${carried()} of ${logs.length} were carried`);
  assert.ok(carried() > 0);
});
