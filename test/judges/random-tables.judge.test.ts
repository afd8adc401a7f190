/**
 * Tables that delta-rs made by random operations: at every version our rows, schema and counts are those that it read, and chdb reads
 * the newest. LANDFALL_SEED repeats a run, LANDFALL_TABLES says how many tables.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { judgeMissing, startJudge, type Judge } from "../support/judge.ts";
import { tally } from "../support/tally.ts";
import { testEngine } from "../support/test-engine.ts";
import { compareJudge, compareVersions, countRefused, type RecordedTable } from "./recorded-table.ts";

const TABLES = Number(process.env["LANDFALL_TABLES"] ?? 8);
const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);

describe(
  `tables by delta-rs's random operations, seed ${seed}`,
  { skip: judgeMissing("delta-rs", "chdb") },
  () => {
    const engine = testEngine();
    const folder = mkdtempSync(join(tmpdir(), "landfall-random-"));
    const outcomes = tally();
    let deltaRs: Judge;
    let chdb: Judge;
    before(() => {
      [deltaRs, chdb] = [startJudge("delta-rs"), startJudge("chdb")];
    });
    after(async () => {
      await Promise.all([deltaRs, chdb].map((judge) => judge.close()));
      rmSync(folder, { recursive: true, force: true });
    });

    for (let own = seed; own < seed + TABLES; own++) {
      test(`table of seed ${own}: every version as delta-rs read it`, async () => {
        const { tables } = await deltaRs.request<{ tables: RecordedTable[] }>({
          op: "randomTables",
          folder,
          seeds: [own],
        });
        const made = tables[0]!;
        await compareVersions(made, { engine, scratchFolder: folder, outcomes });
        await compareJudge(made, { judge: chdb, name: "chdb", outcomes });
        countRefused(made, outcomes);
      });
    }

    test("most versions could be compared", (t) => {
      for (const line of outcomes.lines()) t.diagnostic(line);
      const compared = outcomes.of("landfall read");
      assert.ok(compared >= 4 * TABLES, `${compared} versions of ${TABLES} tables compared`);
    });
  },
);
