import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { runSoak } from "./run-soak.ts";

test(
  "a tiny soak: every row that landed is in the table, the log is cleaned up, small files are compacted",
  { skip: existsSync("/proc/self/status") ? false : "reads /proc, which only Linux has" },
  async (t) => {
    const folder = temporaryFolder(t);
    const options = { folder, seconds: 20, rate: 4, sampleSeconds: 1, seed: 7, archive: true, logSeconds: 2 };
    const { faults, samples, landed, committedRows, compactions } = await runSoak(options);
    assert.deepEqual(faults, []);
    assert.ok(samples.length > 0 && landed.rows > 0 && committedRows === landed.rows);
    assert.ok(compactions > 0, "nothing was compacted");
    assert.ok(!existsSync(join(folder, "table/_delta_log/00000000000000000000.json")), "the log was kept");
    assert.equal(readdirSync(join(folder, "in")).filter((name) => name.endsWith(".json")).length, 0);
  },
);
