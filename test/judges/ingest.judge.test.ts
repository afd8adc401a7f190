/** delta-rs and chdb read what the command line made, at every version, and rows and types are those that Python finds in the inputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutNestedNulls } from "../support/canonical-rows.ts";
import { corporaMissing } from "../support/corpora.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { assertPromised } from "../support/promised-table.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { JUDGED_TABLES } from "./ingested-tables.ts";

const missing = judgeMissing("delta-rs", "chdb", "inputs");

for (const { what, needsCorpora, make } of JUDGED_TABLES) {
  test(
    `${what}: delta-rs and chdb read every version, and rows and types are those of the inputs`,
    { skip: missing || (needsCorpora && corporaMissing()) },
    async (t) => {
      const made = await make(temporaryFolder(t));
      const deltaRs = startJudge("delta-rs", t);
      const chdb = startJudge("chdb", t);
      const inputs = startJudge("inputs", t);
      for (const [at, { version }] of made.steps.entries()) {
        const read = await deltaRs.request({ op: "read", table: made.table, version });
        const types = Object.fromEntries(read.schema.map(({ name, type }) => [name, type]));
        const others = await chdb.request({ op: "read", table: made.table, version, types });
        assert.deepEqual(
          withoutNestedNulls(others.rows, types),
          withoutNestedNulls(read.rows, types),
          `version ${version}`,
        );
        await assertPromised({ made, at, read, inputs });
      }
      const latest = await deltaRs.request({ op: "read", table: made.table });
      assert.equal(latest.version, made.steps.at(-1)!.version);
    },
  );
}
