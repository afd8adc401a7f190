/** How Spark reads a table that it and others changed in turn: each version, the changes between them, the history. */
import assert from "node:assert/strict";
import type { WritableTable } from "../../src/write/open-table.ts";
import type { Judge } from "../support/judge.ts";
import { plainRow, sortedRows, type PlainRow } from "../support/rows-table.ts";

/** A version as it must be read. */
export interface Known {
  readonly rows: readonly PlainRow[];
  /** Columns that came later, in which nothing stands. */
  readonly more: readonly string[];
}

/** Versions of a SELECT. */
const AT_ONCE = 10;

export function numbered(row: Readonly<Record<string, unknown>>): PlainRow {
  return plainRow({ ...row, n: row["n"] === null ? null : Number(row["n"]) });
}

export async function readBySpark(
  spark: Judge,
  of: { readonly place: string; readonly versions: readonly Known[]; readonly story: readonly string[] },
): Promise<void> {
  const { place, versions, story } = of;
  for (let from = 0; from < versions.length; from += AT_ONCE) {
    const some = versions.slice(from, from + AT_ONCE).map((_, i) => from + i);
    const sql = some
      .map((at) => `SELECT ${at} AS at, id, n, part FROM delta.\`${place}\` VERSION AS OF ${at}`)
      .join(" UNION ALL ");
    const { rows } = await spark.request({ op: "sql", sql });
    for (const at of some) {
      const read = rows.filter((row) => Number(row["at"]) === at).map(numbered);
      assert.deepEqual(sortedRows(read), versions[at]!.rows, `Spark, version ${at}:\n${story.join("\n")}`);
    }
  }
}

interface Compared {
  readonly table: WritableTable;
  readonly place: string;
}

export async function compareFeed(
  spark: Judge,
  { table, place, story, from }: Compared & { readonly story: readonly string[]; readonly from: number },
): Promise<void> {
  const own: string[] = [];
  const line = (row: Readonly<Record<string, unknown>>): string =>
    ["_commit_version", "_change_type", "id", "n", "part"].map((name) => String(row[name])).join(" ");
  for await (const batch of table.changes({ from })) for (const row of batch.rows()) own.push(line(row));
  const { rows } = await spark.request({
    op: "sql",
    sql: `SELECT _commit_version, _change_type, id, n, part FROM table_changes_by_path('${place}', ${from})`,
  });
  assert.deepEqual(own.sort(), rows.map(line).sort(), story.join("\n"));
}

/** After the last restore that took columns away: its changes are of two schemas, and we refuse them. May be past the newest version. */
export function sameColumnsFrom(versions: readonly Known[], first: number): number {
  const shrunk = versions.findLastIndex(
    ({ more }, at) => at > first && more.length < versions[at - 1]!.more.length,
  );
  return Math.max(first, shrunk + 1);
}

/** What `DESCRIBE HISTORY` shows of our commits. */
export async function compareHistory(spark: Judge, { table, place }: Compared): Promise<void> {
  const { commits } = await spark.request<{ commits: readonly Record<string, unknown>[] }>({
    op: "history",
    table: place,
  });
  const own = await table.history();
  assert.deepEqual(
    commits.map(({ version, operation }) => [version, operation]),
    own.map(({ version, operation }) => [version, operation]),
  );
  for (const { engineInfo, operation, operationParameters, isBlindAppend, version, readVersion } of commits) {
    if (!String(engineInfo).startsWith("Landfall/")) continue;
    assert.equal(typeof operationParameters, "object", String(operation));
    assert.equal(typeof isBlindAppend, "boolean", String(operation));
    if (version !== 0) assert.ok(Number(readVersion) < Number(version), String(operation));
  }
}
