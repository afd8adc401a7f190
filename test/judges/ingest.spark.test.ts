/**
 * Spark reads what the command line made, the latest version and a sample of the older ones, with the rows and types that Python
 * finds in the inputs; and it appends between our commits, so that nothing is lost and nothing doubled.
 */
import assert from "node:assert/strict";
import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../src/operate/prove/seeded-random.ts";
import { corporaMissing } from "../support/corpora.ts";
import { judgeMissing, startJudge, type JudgeName } from "../support/judge.ts";
import { assertPromised } from "../support/promised-table.ts";
import { ingest } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { JUDGED_TABLES } from "./ingested-tables.ts";

const skip = judgeMissing("spark", "delta-rs", "inputs");

/** LANDFALL_SEED repeats the sample of an earlier run. */
const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
const random = seededRandom(seed);
const OLDER_VERSIONS = 2;

for (const { what, needsCorpora, make } of JUDGED_TABLES) {
  // Drawn for skipped tables too: the seed then means the same everywhere.
  const draws = Array.from({ length: OLDER_VERSIONS }, () => random.below(2 ** 31));
  test(
    `${what}: Spark reads the latest version and older ones drawn by seed ${seed}, and rows and types are those of the inputs`,
    { skip: skip || (needsCorpora && corporaMissing()) },
    async (t) => {
      const made = await make(temporaryFolder(t));
      const spark = startJudge("spark", t);
      const inputs = startJudge("inputs", t);
      const last = made.steps.length - 1;
      const latest = await spark.request({ op: "read", table: made.table });
      assert.equal(latest.version, made.steps[last]!.version);
      await assertPromised({ made, at: last, read: latest, inputs });
      const older = new Set(last === 0 ? [] : draws.map((draw) => draw % last));
      for (const at of older) {
        const { version } = made.steps[at]!;
        t.diagnostic(`versionAsOf ${version}`);
        const read = await spark.request({ op: "read", table: made.table, version });
        await assertPromised({ made, at, read, inputs });
      }
    },
  );
}

test(
  "Spark and delta-rs append to our table between our commits, and everybody's rows are there once",
  { skip },
  async (t) => {
    const folder = temporaryFolder(t);
    const source = join(folder, "in");
    const table = join(folder, "table");
    mkdirSync(source);
    const writers: readonly JudgeName[] = ["spark", "delta-rs"];
    for (let round = 0; round < 6; round++) {
      writeFileSync(join(source, `${round}.json`), `{"id":${round},"by":"landfall"}\n`);
      assert.equal((await ingest([source, table])).rows.written, 1);
      const writer = writers[round % 2]!;
      await startJudge(writer, t).request({
        op: "append",
        table,
        rows: [{ id: String(100 + round), by: writer, _rescued_data: null }],
      });
    }
    const { rows } = await startJudge("spark", t).request({ op: "read", table });
    const ids = rows.map((row) => Number(row["id"])).sort((a, b) => a - b);
    assert.deepEqual(ids, [0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105]);
  },
);
