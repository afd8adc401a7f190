import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { filesWith, makePrunedTable, PRUNED_SCHEMA, type SqlRow } from "../../test/support/pruned-table.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { openDuckdb } from "../engine/duckdb.ts";
import { queryTable } from "./query-table.ts";

const engine = testEngine();

test("a query opens only files that can have its rows and tells how many it skipped", async (t) => {
  const folder = temporaryFolder(t);
  const instance = await openDuckdb({
    memoryBytes: 256 * 1024 ** 2,
    threads: 1,
    spillFolder: `${folder}/spill`,
    spillBytes: 1024 ** 2,
  });
  t.after(() => instance.close());
  const duckdb = await instance.session();
  t.after(() => duckdb.close());
  const rowOf = (i: number): SqlRow =>
    PRUNED_SCHEMA.fields.map(({ name }) => (name === "i" ? String(i) : "NULL"));
  const files = [0, 1, 2].map((file) => [rowOf(file * 2), rowOf(file * 2 + 1)]);
  const { storage, adds } = await makePrunedTable({ folder, duckdb, files });
  assert.deepEqual(await filesWith(duckdb, "i = 3"), [1]);
  // A file that is gone is one that is not opened.
  await rm(storage.localPath!(adds[0]!.path));
  const ask = (sql: string): ReturnType<typeof queryTable> =>
    queryTable({ storage, engine, scratchFolder: folder, sql, limit: 10 });
  const found = await ask("SELECT i FROM t AS u WHERE u.i BETWEEN 3 AND 9 ORDER BY i");
  assert.deepEqual(found.rows, [[3], [4], [5]]);
  assert.deepEqual(found.skipped, { files: 1, bytes: adds[0]!.size });
  const none = await ask("SELECT count(*) FROM t WHERE i > 100");
  assert.deepEqual([none.rows, none.skipped.files], [[["0"]], 3]);
  await assert.rejects(ask("SELECT i FROM t WHERE i = 3 OR length(s) = 1"));
});
