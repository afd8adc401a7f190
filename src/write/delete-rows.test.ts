import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { PARTS, writeRowsTable, type PlainRow } from "../../test/support/rows-table.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { RowsTableOptions } from "../../test/support/rows-table.ts";
import { openTable, type WritableTable } from "./open-table.ts";

const folder = temporaryFolder({ after });
let tables = 0;

async function tableOf(options: RowsTableOptions): Promise<{ place: string; rows: PlainRow[] }> {
  const place = join(folder, `t${tables++}`);
  return { place, rows: await writeRowsTable(place, options) };
}

async function rowsOf(table: WritableTable): Promise<PlainRow[]> {
  const rows: PlainRow[] = [];
  for await (const batch of (await table.snapshot()).scan())
    for (const row of batch.rows()) rows.push(plain(row));
  return sorted(rows);
}

function plain(row: Readonly<Record<string, unknown>>): PlainRow {
  return { id: Number(row["id"]), n: row["n"] as number | null, part: row["part"] as string | null };
}

function sorted(rows: readonly PlainRow[]): PlainRow[] {
  return [...rows].sort((a, b) => a.id - b.id);
}

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

test("deletes leave what a plain model leaves, and tell what they took", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ isPartitioned: fc.boolean(), hasVectors: fc.boolean(), hasFeed: fc.boolean() }),
      fc.array(conditions, { minLength: 1, maxLength: 4 }),
      async (kind, deletes) => {
        const { place, rows } = await tableOf({ ...kind, files: 6 });
        await using table = openTable(place);
        let left = rows;
        let version = 0;
        for (const { sql, holds } of deletes) {
          const gone = left.filter(holds);
          left = left.filter((row) => !holds(row));
          const committed = await table.delete({ where: sql });
          if (gone.length === 0) {
            assert.equal(committed, undefined);
            continue;
          }
          version++;
          assert.deepEqual(
            [committed?.version, committed?.metrics["numDeletedRows"]],
            [version, gone.length],
          );
          assert.deepEqual(await rowsOf(table), left, sql);
          if (!kind.hasFeed) continue;
          const changes: PlainRow[] = [];
          for await (const batch of table.changes({ from: version }))
            for (const row of batch.rows()) {
              assert.equal(row["_change_type"], "delete");
              changes.push(plain(row));
            }
          assert.deepEqual(sorted(changes), gone, sql);
        }
      },
    ),
    { numRuns: 12 },
  );
});

test("a file keeps its place with a vector while half of its rows stay, and is written anew beyond", async () => {
  const { place } = await tableOf({ isPartitioned: false, hasVectors: true, hasFeed: false, files: 2 });
  await using table = openTable(place);
  const first = await table.delete({ where: "id < 20" });
  assert.deepEqual(
    [
      first!.metrics["numDeletionVectorsAdded"],
      first!.metrics["numRemovedFiles"],
      first!.metrics["numAddedFiles"],
    ],
    [1, 0, 0],
  );
  const [before] = (await (await table.snapshot()).files({ where: "id < 40" })).files;
  assert.equal(before!.path, "f0.parquet");
  const second = await table.delete({ where: "id IN (20, 50)" });
  const {
    numDeletionVectorsAdded,
    numDeletionVectorsRemoved,
    numRemovedFiles,
    numAddedFiles,
    numCopiedRows,
  } = second!.metrics;
  assert.deepEqual(
    { numDeletionVectorsAdded, numDeletionVectorsRemoved, numRemovedFiles, numAddedFiles, numCopiedRows },
    {
      numDeletionVectorsAdded: 1,
      numDeletionVectorsRemoved: 1,
      numRemovedFiles: 1,
      numAddedFiles: 1,
      numCopiedRows: 19,
    },
  );
  assert.equal(await (await table.snapshot()).count(), 58);
});

test("whole partitions go without a file that is opened", async () => {
  const { place } = await tableOf({ isPartitioned: true, hasVectors: true, hasFeed: true, files: 6 });
  await using table = openTable(place);
  const before = readdirSync(place);
  const { metrics } = (await table.delete({ where: "part = 'a'" }))!;
  assert.deepEqual([metrics["numRemovedFiles"], metrics["numDeletedRows"]], [2, 80]);
  assert.deepEqual(readdirSync(place), before);
  const all = (await table.delete())!;
  assert.deepEqual([all.metrics["numRemovedFiles"], all.metrics["numDeletedRows"]], [4, 160]);
  assert.deepEqual([await table.delete(), await rowsOf(table)], [undefined, []]);
});

test("an append-only table keeps its rows, and a condition that may not be changes nothing", async () => {
  const configuration = { "delta.appendOnly": "true" };
  const { place } = await tableOf({
    isPartitioned: false,
    hasVectors: true,
    hasFeed: false,
    files: 1,
    configuration,
  });
  await using table = openTable(place);
  await assert.rejects(table.delete({ where: "id = 1" }), (error) =>
    isLandfallError(error, "TABLE_APPEND_ONLY"),
  );
  const { place: other } = await tableOf({
    isPartitioned: false,
    hasVectors: true,
    hasFeed: false,
    files: 1,
  });
  await using plainTable = openTable(other);
  for (const where of ["missing = 1", "id = (SELECT 1)", "id = 1) OR (true", "n / 'x' > 1"])
    await assert.rejects(
      plainTable.delete({ where }),
      (error) => isLandfallError(error, "QUERY_INVALID"),
      where,
    );
  assert.deepEqual(readdirSync(join(other, "_delta_log")), ["00000000000000000000.json"]);
});
