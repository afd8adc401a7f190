/** What `landfall/delta` writes is read by delta-rs and chdb as it was given, and the two write beside it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createTable } from "../../src/write/create-table.ts";
import type { RowToWrite } from "../../src/write/source/row-source.ts";
import type { DataType, StructType } from "../../src/schema/data-type.ts";
import { sortRows, withoutNestedNulls, type CanonicalRow } from "../support/canonical-rows.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { readByLibrary } from "../support/read-by-library.ts";
import { checkedFolder } from "../support/checked-folder.ts";
import { valueOfCanonical } from "../support/value-of-canonical.ts";
import { NASTY_ROWS, NASTY_TYPES } from "./nasty-table.ts";

const SCHEMA: StructType = {
  type: "struct",
  fields: Object.entries(NASTY_TYPES).map(([name, type]) => ({
    name,
    type: type as DataType,
    nullable: true,
    metadata: {},
  })),
};

function given(rows: readonly CanonicalRow[]): RowToWrite[] {
  return rows.map((row) =>
    Object.fromEntries(SCHEMA.fields.map(({ name, type }) => [name, valueOfCanonical(row[name], type)])),
  );
}

const skip = judgeMissing("delta-rs", "chdb");

for (const partitionBy of [[], ["region", "on_day"]]) {
  const how = partitionBy.length === 0 ? "without partitions" : "in partitions";
  test(`rows of every type, written ${how}, are read by others as they were given`, { skip }, async (t) => {
    const folder = join(checkedFolder(t), "written");
    await using table = await createTable(folder, {
      schema: SCHEMA,
      partitionBy,
      threads: 2,
      memory: "512m",
    });
    const deltaRs = startJudge("delta-rs", t);
    const chdb = startJudge("chdb", t);
    const holds = async (rows: readonly CanonicalRow[], when: string): Promise<void> => {
      const read = await deltaRs.request({ op: "read", table: folder });
      assert.deepEqual(read.rows, sortRows(rows), `delta-rs, ${when}`);
      const other = await chdb.request({ op: "read", table: folder, types: NASTY_TYPES });
      assert.deepEqual(
        withoutNestedNulls(other.rows, NASTY_TYPES),
        withoutNestedNulls(sortRows(rows), NASTY_TYPES),
        `chdb, ${when}`,
      );
      assert.deepEqual((await readByLibrary(table)).rows, sortRows(rows), `we, ${when}`);
    };

    await table.append(given(NASTY_ROWS.slice(0, 2)));
    await table.append(given(NASTY_ROWS.slice(2)));
    await holds(NASTY_ROWS, "after appends");
    await deltaRs.request({ op: "append", table: folder, rows: NASTY_ROWS.slice(0, 1) });
    await holds([...NASTY_ROWS, NASTY_ROWS[0]!], "after an append of delta-rs");
    const replaced = await table.overwrite(given(NASTY_ROWS.slice(0, 1)), { partitions: "dynamic" });
    await holds(partitionBy.length === 0 ? NASTY_ROWS.slice(0, 1) : NASTY_ROWS, "after a dynamic overwrite");
    assert.equal(replaced?.metrics["numOutputRows"], 1);
    await table.overwrite((await table.snapshot()).scan());
    await table.append((await table.snapshot({ version: 1 })).scan({ where: "id > 1" }));
    const { commits } = await deltaRs.request<{ commits: readonly { operation?: string }[] }>({
      op: "history",
      table: folder,
    });
    assert.deepEqual(
      commits.map(({ operation }) => operation),
      ["WRITE", "WRITE", "WRITE", "WRITE", "WRITE", "WRITE", "CREATE TABLE"],
    );
  });
}
