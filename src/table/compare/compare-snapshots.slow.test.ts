import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  addOf,
  changingTable,
  metadataOf,
  READS_VECTORS,
  removeOf,
} from "../../../test/support/changing-table.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import { compareCountsSql } from "../../engine/compare-sql.ts";
import type { QueryTable } from "../../engine/engine.ts";
import { writeParquetFile } from "../../../test/support/write-parquet-file.ts";
import { readSnapshot } from "../../delta/snapshot.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { compareSnapshots, type ComparedSide, type TableDifference } from "./compare-snapshots.ts";
import { openToRead } from "../open-table.ts";

const engine = testEngine();

type Row = readonly [key: number | null, value: string | null];

/** A table of one version, with these rows in files of two. */
async function tableOf(folder: string, rows: readonly Row[]): Promise<void> {
  const table = changingTable(folder);
  await table.commit([
    READS_VECTORS,
    metadataOf({
      columns: [
        ["k", "integer"],
        ["v", "string"],
      ],
    }),
  ]);
  const files = [];
  for (let start = 0; start < rows.length; start += 2)
    files.push(addOf(await table.file(`f${start}.parquet`, selectOf(rows.slice(start, start + 2)))));
  await table.commit([{ commitInfo: {} }, ...files]);
}

async function sideOf(folder: string): Promise<ComparedSide> {
  const storage = localStorage({ root: folder });
  return { storage, snapshot: (await readSnapshot({ storage }))! };
}

function selectOf(rows: readonly Row[]): string {
  const values = rows.map(
    ([k, v]) => `(${k ?? "NULL"}::INTEGER, ${v === null ? "NULL" : `'${v}'`}::VARCHAR)`,
  );
  return `SELECT * FROM (VALUES ${values.join(", ")}) r(k, v)`;
}

/** Rows that one has more often than the other, by plain counting. */
function modelOf(from: readonly Row[], to: readonly Row[], keyed: boolean) {
  const counts = new Map<string, number>();
  for (const row of to) counts.set(JSON.stringify(row), (counts.get(JSON.stringify(row)) ?? 0) + 1);
  for (const row of from) counts.set(JSON.stringify(row), (counts.get(JSON.stringify(row)) ?? 0) - 1);
  const groups = Map.groupBy(counts, ([row]) => (keyed ? String((JSON.parse(row) as Row)[0]) : "all"));
  const rows = { added: 0, removed: 0, changed: 0 };
  for (const group of groups.values()) {
    const more = group.reduce((sum, [, n]) => sum + Math.max(n, 0), 0);
    const less = group.reduce((sum, [, n]) => sum + Math.max(-n, 0), 0);
    const changed = keyed ? Math.min(more, less) : 0;
    rows.added += more - changed;
    rows.removed += less - changed;
    rows.changed += changed;
  }
  return rows;
}

const rows = fc.array(
  fc.tuple(fc.option(fc.integer({ min: 0, max: 2 })), fc.option(fc.constantFrom("a", "b", ""))),
  { maxLength: 6 },
);

test("two tables differ by the rows that plain counting finds, keyed and not", async (t) => {
  await fc.assert(
    fc.asyncProperty(rows, rows, async (left, right) => {
      const folder = temporaryFolder(t);
      await tableOf(join(folder, "l"), left);
      await tableOf(join(folder, "r"), right);
      const [from, to] = [await sideOf(join(folder, "l")), await sideOf(join(folder, "r"))];
      const { signal } = new AbortController();
      const compared = (keys: readonly string[]): Promise<TableDifference> =>
        compareSnapshots({ parts: { engine, allowOutside: false }, from, to, keys, signal });
      assert.deepEqual((await compared([])).rows, modelOf(left, right, false));
      const keyed = await compared(["k"]);
      assert.deepEqual(keyed.rows, modelOf(left, right, true));
      const { added, removed, changed } = keyed.rows;
      const shown = keyed.sample.reduce((sum, { count }) => sum + count, 0);
      assert.equal(shown, added + removed + 2 * changed);
    }),
    { numRuns: 12 },
  );
});

test("in parts or in one the counts are the same, with values of which two forms are one", async (t) => {
  const folder = temporaryFolder(t);
  const files = [join(folder, "l.parquet"), join(folder, "r.parquet")];
  const common =
    "SELECT i AS k, i % 7 AS v, CASE i % 3 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN %z ELSE i / 2 END AS x FROM range(5000) t(i)";
  await writeParquetFile(files[0]!, common.replace("%z", "0.0::DOUBLE"));
  await writeParquetFile(
    files[1]!,
    `${common.replace("%z", "'-0.0'::DOUBLE")} WHERE i % 10 <> 3 UNION ALL SELECT i, 9, 1.0 FROM range(100) t(i)`,
  );
  const fields = (["k", "v", "x"] as const).map(
    (name) => ({ name, type: name === "x" ? "double" : "long", nullable: true, metadata: {} }) as const,
  );
  const tables: QueryTable[] = ["l", "r"].map((name, i) => ({
    name,
    schema: { type: "struct", fields },
    partitionColumns: [],
    files: [{ path: files[i]!, partitionValues: {} }],
  }));
  const countsIn = async (parts: number, keys: readonly string[]): Promise<number[]> => {
    const sums = [0, 0, 0];
    for (let part = 0; part < parts; part++) {
      const sql = compareCountsSql({ columns: ["k", "v", "x"], keys, part, parts });
      const { rows: found } = await engine.query({ sql, tables });
      found[0]!.forEach((value, i) => (sums[i]! += Number(value)));
    }
    return sums;
  };
  assert.deepEqual(await countsIn(1, []), [100, 500, 0]);
  assert.deepEqual(await countsIn(7, []), [100, 500, 0]);
  assert.deepEqual(await countsIn(5, ["k"]), await countsIn(1, ["k"]));
  assert.deepEqual(await countsIn(1, ["k"]), [90, 490, 10]);
});

test("files that both versions have are not read, and columns that one lacks are told", async (t) => {
  const folder = temporaryFolder(t);
  const writer = changingTable(folder);
  await writer.commit([
    READS_VECTORS,
    metadataOf({
      columns: [
        ["k", "integer"],
        ["v", "string"],
      ],
    }),
  ]);
  const [a, b, c] = [
    await writer.file("a.parquet", "SELECT 1::INTEGER AS k, 'a' AS v"),
    await writer.file("b.parquet", "SELECT 2::INTEGER AS k, 'b' AS v UNION ALL SELECT 3, 'c'"),
    await writer.file("c.parquet", "SELECT 2::INTEGER AS k, 'B' AS v UNION ALL SELECT 4, 'd'"),
  ];
  await writer.commit([addOf(a), addOf(b)]);
  await writer.commit([removeOf(b), addOf(c)]);
  await writer.commit([removeOf(c), addOf(c, [1])]);
  await writer.commit([
    metadataOf({
      columns: [
        ["k", "integer"],
        ["w", "string"],
      ],
    }),
  ]);
  const { table, access } = openToRead(folder, { threads: 1, memory: "256m" });
  t.after(() => access.close());
  const between = await table.compare({ from: { version: 1 }, to: { version: 2 }, keys: ["k"] });
  assert.deepEqual(between.rows, { added: 1, removed: 1, changed: 1 });
  assert.deepEqual(between.files, { read: 2, shared: 1 });
  assert.deepEqual(
    between.sample.map(({ change, row }) => [change, row["k"], row["v"]]),
    [
      ["update_preimage", 2, "b"],
      ["update_postimage", 2, "B"],
      ["delete", 3, "c"],
      ["insert", 4, "d"],
    ],
  );
  const deleted = await table.compare({ from: { version: 2 }, to: { version: 3 } });
  assert.deepEqual([deleted.rows, deleted.files.shared], [{ added: 0, removed: 1, changed: 0 }, 1]);
  const renamed = await table.compare({ from: { version: 3 } });
  assert.deepEqual(renamed.columns, { added: ["w"], removed: ["v"], retyped: [] });
  assert.deepEqual(renamed.rows, { added: 0, removed: 0, changed: 0 });
  await assert.rejects(
    table.compare({ from: { version: 3 }, keys: ["v"] }),
    (error) => isLandfallError(error, "USAGE") && error.hint === "Both have k.",
  );
});
