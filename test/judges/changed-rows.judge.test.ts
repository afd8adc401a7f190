/** Rows that we delete, update and merge, with vectors and without, as delta-rs and ClickHouse read what is left. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { judgeMissing, startJudge, type Judge } from "../support/judge.ts";
import { sortRows } from "../support/canonical-rows.ts";
import { canonicalRowsIn } from "../support/canonical-columns.ts";
import { writeRowsTable } from "../support/rows-table.ts";
import { tableOfEngine } from "../support/table-of-engine.ts";
import { checkedFolder } from "../support/checked-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const skip = judgeMissing("delta-rs", "chdb");

describe("changed rows as others read them", { skip }, () => {
  const engine = testEngine();
  let deltaRs: Judge;
  let chdb: Judge;
  before(() => {
    deltaRs = startJudge("delta-rs");
    chdb = startJudge("chdb");
  });
  after(async () => {
    await deltaRs.close();
    await chdb.close();
  });

  for (const isPartitioned of [false, true])
    for (const hasVectors of [false, true])
      test(`${isPartitioned ? "partitioned" : "whole"}, ${hasVectors ? "with vectors" : "rewritten"}`, async (t) => {
        const folder = checkedFolder(t);
        const place = join(folder, "table");
        const scratchFolder = join(folder, "scratch");
        mkdirSync(scratchFolder);
        // delta-rs looks for change files of a partition beyond ASCII under another name; rows it finds.
        const parts = ["a", "b c", null];
        await writeRowsTable(place, { isPartitioned, hasVectors, hasFeed: true, files: 6, parts });
        const table = tableOfEngine({ table: place, engine, scratchFolder });
        const changes = [
          () => table.delete({ where: "id % 5 = 1" }),
          () => table.update({ set: { n: "n + 100", part: "'a'" }, where: "id % 3 = 0" }),
          () => table.delete({ where: "part = 'a' AND n > 103" }),
          () => table.update({ set: { n: "NULL" }, where: "id BETWEEN 30 AND 130" }),
          () => table.delete({ where: "part IS NULL" }),
          () =>
            table.merge(
              Array.from({ length: 60 }, (_, i) => ({ id: 6 * i, n: i, part: parts[i % 3] })),
              {
                on: "t.id = s.id",
                whenMatched: [{ where: "s.n % 4 = 0", delete: true }, { update: "all" }],
                whenNotMatched: { insert: "all" },
                whenNotMatchedBySource: { where: "t.id < 20", update: { n: "-1" } },
              },
            ),
        ];
        for (const change of changes) {
          const version = (await change())!.version;
          const own = await canonicalRowsIn((await table.snapshot()).scan());
          assert.ok(own.length > 0);
          for (const judge of [deltaRs, chdb]) {
            const { rows } = await judge.request({ op: "read", table: place, version });
            assert.deepEqual(rows, sortRows(own), `version ${version}`);
          }
        }
        const { rows } = await deltaRs.request({ op: "changes", table: place, from: 1, to: 6 });
        const own = await canonicalRowsIn(table.changes({ from: 1, to: 6 }));
        assert.deepEqual(sortRows(own.map(({ _commit_timestamp: _time, ...row }) => row)), rows);
      });
});
