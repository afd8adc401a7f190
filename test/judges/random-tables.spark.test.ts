/**
 * Tables that Spark made by random operations: at every version our rows are those that Spark read, and so are schema, counts and changes.
 * delta-rs and chdb read them, too; who refuses what is told at the end. LANDFALL_SEED repeats a run, LANDFALL_TABLES says how many
 * tables (300 by hand: `LANDFALL_TABLES=300 LANDFALL_SEED=1 node --test test/judges/random-tables.spark.test.ts`).
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { judgeMissing, startJudge, type Judge } from "../support/judge.ts";
import { tally } from "../support/tally.ts";
import { testEngine } from "../support/test-engine.ts";
import { compareChanges } from "./recorded-changes.ts";
import { compareJudge, compareVersions, countRefused, type RecordedTable } from "./recorded-table.ts";

const TABLES = Number(process.env["LANDFALL_TABLES"] ?? 30);
/** Tables of a request, which Spark makes at the same time. */
const AT_ONCE = 2;
const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
const seeds = Array.from({ length: TABLES }, (_, at) => seed + at);

describe(
  `tables by Spark's random operations, seed ${seed}`,
  { skip: judgeMissing("spark", "delta-rs", "chdb") },
  () => {
    const engine = testEngine();
    const folder = mkdtempSync(join(tmpdir(), "landfall-random-"));
    const asked: Promise<{ readonly tables: readonly RecordedTable[] }>[] = [];
    const outcomes = tally();
    let deltaRs: Judge;
    let chdb: Judge;
    before(() => {
      const spark = startJudge("spark");
      [deltaRs, chdb] = [startJudge("delta-rs"), startJudge("chdb")];
      // All at once: Spark makes the next ones while we read.
      for (let at = 0; at < TABLES; at += AT_ONCE) {
        const answer = spark.request<{ tables: RecordedTable[] }>({
          op: "randomTables",
          folder,
          seeds: seeds.slice(at, at + AT_ONCE),
        });
        // A failure is told by each test that waits for it.
        answer.catch(() => undefined);
        asked.push(answer);
      }
    });
    after(async () => {
      await Promise.all([deltaRs, chdb].map((judge) => judge.close()));
      rmSync(folder, { recursive: true, force: true });
    });

    for (const [at, own] of seeds.entries()) {
      test(`table of seed ${own}: every version as Spark read it`, async (t) => {
        const { tables } = await asked[Math.floor(at / AT_ONCE)]!;
        const made = tables.find((table) => table.seed === own)!;
        await compareVersions(made, { engine, scratchFolder: folder, outcomes });
        await compareChanges(made, outcomes);
        await compareJudge(made, { judge: deltaRs, name: "delta-rs", outcomes });
        await compareJudge(made, { judge: chdb, name: "chdb", outcomes });
        countRefused(made, outcomes);
        rmSync(join(made.table, ".."), { recursive: true, force: true });
        t.diagnostic(`${made.statements.length} operations, ${made.versions.length} versions`);
      });
    }

    test("most versions could be compared", (t) => {
      for (const line of outcomes.lines()) t.diagnostic(line);
      const compared = outcomes.of("landfall read");
      assert.ok(compared >= 4 * TABLES, `${compared} versions of ${TABLES} tables compared`);
    });
  },
);
