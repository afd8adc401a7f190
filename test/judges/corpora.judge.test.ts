/** The judges before the judged: on tables that neither wrote, delta-rs and chdb read the same rows, and those Spark read. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { type CanonicalRow, withoutNestedNulls } from "../support/canonical-rows.ts";
import { corporaFolder, corporaMissing } from "../support/corpora.ts";
import { type Judge, judgeMissing, startJudge } from "../support/judge.ts";
import { GOLDEN_TABLES, OTHER_TABLES } from "./corpora-tables.ts";

const skip = judgeMissing("delta-rs", "chdb", "inputs") || corporaMissing();

describe("judges without a JVM", { skip }, () => {
  let deltaRs: Judge;
  let chdb: Judge;
  let inputs: Judge;
  before(() => {
    [deltaRs, chdb, inputs] = [startJudge("delta-rs"), startJudge("chdb"), startJudge("inputs")];
  });
  after(() => Promise.all([deltaRs, chdb, inputs].map((judge) => judge.close())));

  const readByBoth = async (table: string): Promise<readonly CanonicalRow[]> => {
    const { rows, schema } = await deltaRs.request({ op: "read", table });
    const types = Object.fromEntries(schema.map(({ name, type }) => [name, type]));
    const other = await chdb.request({ op: "read", table, types });
    assert.deepEqual(withoutNestedNulls(other.rows, types), withoutNestedNulls(rows, types));
    assert.deepEqual(
      schema.map(({ name }) => name),
      other.schema.map(({ name }) => name),
    );
    return rows;
  };

  for (const name of GOLDEN_TABLES) {
    test(`${name}: delta-rs and chdb read the rows that are expected`, async () => {
      const folder = join(corporaFolder(), "delta/golden", name);
      const rows = await readByBoth(join(folder, "delta"));
      const files = readdirSync(join(folder, "expected"), { encoding: "utf8" })
        .filter((file) => file.endsWith(".parquet"))
        .map((file) => join(folder, "expected", file));
      const expected = await inputs.request({ op: "read", format: "parquet", files });
      assert.ok(rows.length > 0 || name === "log-replay-special-characters-a");
      assert.deepEqual(rows, expected.rows);
    });
  }

  for (const [name, count] of Object.entries(OTHER_TABLES)) {
    test(`${name}: delta-rs and chdb read the same ${count} rows`, async () => {
      const rows = await readByBoth(join(corporaFolder(), "delta/more", name));
      assert.equal(rows.length, count);
    });
  }

  test("a version asked for is the version read", async () => {
    const table = join(corporaFolder(), "delta/golden/time-travel-start-start20/delta");
    const counts = async (judge: Judge): Promise<number[]> => {
      const read = (version: number) => judge.request<{ count: number }>({ op: "count", table, version });
      return [(await read(0)).count, (await read(1)).count];
    };
    assert.deepEqual(await counts(deltaRs), [10, 20]);
    assert.deepEqual(await counts(chdb), [10, 20]);
  });

  test("a table that is not there is an error that names it, and the judge goes on", async () => {
    for (const judge of [deltaRs, chdb]) {
      await assert.rejects(judge.request({ op: "read", table: "/no/such/table" }), /\/no\/such\/table/);
      const table = join(corporaFolder(), "delta/golden/snapshot-data3/delta");
      assert.equal((await judge.request<{ count: number }>({ op: "count", table })).count, 30);
    }
  });
});
