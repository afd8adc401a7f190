import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "../delta/actions.ts";
import { touches } from "./commit-compaction.ts";

const ROOT = "/tables/t";
const remove = (path: string): Action => ({ remove: { path, dataChange: true } });

test("a commit speaks of a file however it writes its path, below the table's folder absolute too", () => {
  const inputs = new Set(["day=1/a b.parquet"]);
  for (const path of ["day=1/a%20b.parquet", "./day=1/a%20b.parquet", "file:///tables/t/day=1/a%20b.parquet"])
    assert.equal(touches([{ commitInfo: {} }, remove(path)], inputs, ROOT), true, path);
  assert.equal(touches([remove("file:///tables/u/day=1/a%20b.parquet")], inputs, ROOT), false);
});
