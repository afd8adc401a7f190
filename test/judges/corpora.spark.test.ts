/** The judge Spark on tables of the corpora: the same rows as delta-rs, which corpora.judge.test.ts holds to what is expected. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { corporaFolder, corporaMissing } from "../support/corpora.ts";
import { type Judge, judgeMissing, startJudge } from "../support/judge.ts";
import { GOLDEN_TABLES, OTHER_TABLES } from "./corpora-tables.ts";

const skip = judgeMissing("spark", "delta-rs") || corporaMissing();
const tables = [
  ...GOLDEN_TABLES.map((name) => join("delta/golden", name, "delta")),
  ...Object.keys(OTHER_TABLES).map((name) => join("delta/more", name)),
];

describe("the judge Spark", { skip }, () => {
  let spark: Judge;
  let deltaRs: Judge;
  before(() => {
    [spark, deltaRs] = [startJudge("spark"), startJudge("delta-rs")];
  });
  after(() => Promise.all([spark, deltaRs].map((judge) => judge.close())));

  for (const name of tables) {
    test(`${name}: Spark and delta-rs read the same rows`, async () => {
      const table = join(corporaFolder(), name);
      const rows = await spark.request({ op: "read", table });
      const others = await deltaRs.request({ op: "read", table });
      assert.deepEqual(rows.rows, others.rows);
      assert.equal(rows.version, others.version);
    });
  }
});
