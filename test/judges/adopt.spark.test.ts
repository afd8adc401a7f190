/** A checkpoint that Spark itself has written, compacted and not, is taken over: what Spark read is read by nobody again, what it did not is. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { idsOf, place } from "../support/hard-case.ts";
import { runLandfall } from "../support/run-landfall.ts";
import { land } from "../support/small-pipeline.ts";

const skip = judgeMissing("spark");

test(
  "files that a Spark stream has read are adopted from its checkpoint, odd names too",
  { skip },
  async (t) => {
    const { folder, source, table } = place(t);
    const checkpoint = join(folder, "checkpoint");
    const names = ["a.json", "b c.json", "d%20e.json", "ü.json", "f+g.json"];
    land(source, Object.fromEntries(names.map((name, id) => [name, `{"id":${id}}\n`])));
    const spark = startJudge("spark", t);
    // One file a batch, and a log that is compacted after every third.
    await spark.request({ op: "sql", sql: "SET spark.sql.streaming.fileSource.log.compactInterval = 3" });
    const { read } = await spark.request<{ readonly read: number }>({
      op: "stream",
      source,
      schema: "id BIGINT",
      checkpoint,
      table: join(folder, "by-spark"),
      options: { maxFilesPerTrigger: "1" },
    });
    assert.equal(read, names.length);
    assert.ok(existsSync(join(checkpoint, "sources/0/2.compact")), "the log was compacted");
    land(source, { "new.json": '{"id":9}\n' });
    writeFileSync(
      join(folder, "p.yaml"),
      `pipeline: p\nsource: { location: ${source} }\ntable: { location: ${table} }\n`,
    );
    const adopted = await runLandfall(["files", "adopt", "p.yaml", checkpoint, "--json"], { cwd: folder });
    assert.equal(adopted.code, 0, adopted.stderr + adopted.stdout);
    assert.equal((JSON.parse(adopted.stdout) as { adopted: unknown[] }).adopted.length, names.length);
    const run = await runLandfall(["run", "p.yaml"], { cwd: folder });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(await idsOf(table), ["9"]);
  },
);
