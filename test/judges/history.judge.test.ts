/** The table of the history, read by others. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const skip = judgeMissing("delta-rs");

test("delta-rs reads the history that the command line publishes", { skip }, async (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), {
    "é.json": '{"id":1}\n{"id":2}\n',
    "dead.json": Buffer.from([0x1f, 0x8b, 1, 1]),
  });
  const run = await runLandfall(["ingest", "in", "table", "--history", "history"], { cwd: folder });
  assert.equal(run.code, 1, run.stderr);
  const deltaRs = startJudge("delta-rs", t);
  const { rows, version } = await deltaRs.request({ op: "read", table: join(folder, "history") });
  assert.equal(version, 0);
  const said = rows.map(({ file, outcome, rows_read, batch }) => [file, outcome, rows_read, batch]);
  said.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  assert.deepEqual(said, [
    ["dead.json", "quarantined", "0", "1"],
    ["é.json", "committed", "2", "1"],
  ]);
  assert.match(String(rows[0]!["staged_at"]), /^\d{4}-/);
});
