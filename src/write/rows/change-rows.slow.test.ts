import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import {
  PARTS,
  plainRow,
  plainRows,
  sortedRows,
  writeRowsTable,
  type PlainRow,
} from "../../../test/support/rows-table.ts";
import { tableOfEngine } from "../../../test/support/table-of-engine.ts";
import { checkedFolder } from "../../../test/support/checked-folder.ts";
import { testEngine } from "../../../test/support/test-engine.ts";

const folder = checkedFolder({ after });
const engine = testEngine();
const scratchFolder = join(folder, "scratch");
mkdirSync(scratchFolder);
let tables = 0;

interface Condition {
  readonly sql: string;
  readonly holds: (row: PlainRow) => boolean;
}

const conditions: fc.Arbitrary<Condition> = fc.oneof(
  fc.tuple(fc.integer({ min: 2, max: 30 }), fc.nat(5)).map(([by, rest]) => ({
    sql: `id % ${by} = ${rest}`,
    holds: ({ id }: PlainRow) => id % by === rest,
  })),
  fc.tuple(fc.nat(240), fc.nat(60)).map(([from, length]) => ({
    sql: `id BETWEEN ${from} AND ${from + length}`,
    holds: ({ id }: PlainRow) => id >= from && id <= from + length,
  })),
  fc.constant({ sql: "n IS NULL", holds: ({ n }: PlainRow) => n === null }),
  fc.nat(10).map((value) => ({ sql: `n > ${value}`, holds: ({ n }: PlainRow) => n !== null && n > value })),
  fc.constantFrom(...PARTS).map((part) => ({
    sql: part === null ? "part IS NULL" : `part = '${part}'`,
    holds: (row: PlainRow) => row.part === part,
  })),
  fc.nat(240).map((from) => ({
    sql: `part = 'a' AND id < ${from}`,
    holds: ({ id, part }: PlainRow) => part === "a" && id < from,
  })),
);

interface Change {
  readonly set: Readonly<Record<string, string>>;
  readonly changed: (row: PlainRow) => PlainRow;
}

const sets: fc.Arbitrary<Change> = fc.oneof(
  fc.constant({
    set: { n: "n + 1" },
    changed: (row: PlainRow) => ({ ...row, n: row.n === null ? null : row.n + 1 }),
  }),
  fc.constant({ set: { n: "NULL" }, changed: (row: PlainRow) => ({ ...row, n: null }) }),
  fc.constantFrom(...PARTS).map((part) => ({
    set: { part: part === null ? "NULL" : `'${part}'`, n: "coalesce(n, 5)" },
    changed: (row: PlainRow) => ({ ...row, part, n: row.n ?? 5 }),
  })),
);

const steps = fc.record({ where: conditions, change: fc.option(sets) });

test("deletes and updates leave what a plain model leaves, and tell what they changed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ isPartitioned: fc.boolean(), hasVectors: fc.boolean(), hasFeed: fc.boolean() }),
      fc.array(steps, { minLength: 1, maxLength: 5 }),
      async (kind, changes) => {
        const place = join(folder, `t${tables++}`);
        let rows = await writeRowsTable(place, { ...kind, files: 6 });
        const table = tableOfEngine({ table: place, engine, scratchFolder });
        let version = 0;
        for (const { where, change } of changes) {
          const { sql, holds } = where;
          const before = rows.filter(holds);
          const now = change === null ? [] : before.map(change.changed);
          rows = sortedRows([...rows.filter((row) => !holds(row)), ...now]);
          const committed = await (change === null
            ? table.delete({ where: sql })
            : table.update({ where: sql, set: change.set }));
          if (before.length === 0) {
            assert.equal(committed, undefined);
            continue;
          }
          version++;
          const counted = committed?.metrics[change === null ? "numDeletedRows" : "numUpdatedRows"];
          assert.deepEqual([committed?.version, counted], [version, before.length]);
          assert.deepEqual(await plainRows((await table.snapshot()).scan()), rows, sql);
          if (!kind.hasFeed) continue;
          const told = new Map<string, PlainRow[]>();
          for await (const batch of table.changes({ from: version }))
            for (const row of batch.rows()) {
              const type = row["_change_type"] as string;
              told.set(type, [...(told.get(type) ?? []), plainRow(row)]);
            }
          for (const own of told.values()) own.sort((a, b) => a.id - b.id);
          assert.deepEqual(
            Object.fromEntries(told),
            change === null ? { delete: before } : { update_preimage: before, update_postimage: now },
            sql,
          );
        }
      },
    ),
    { numRuns: 10 },
  );
});
