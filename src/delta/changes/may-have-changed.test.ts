import assert from "node:assert/strict";
import { test } from "node:test";
import { vectorOf } from "../../../test/support/changing-table.ts";
import type { Predicate } from "../../schema/predicate.ts";
import type { ChangedFile } from "./commit-changes.ts";
import { changeTest } from "./may-have-changed.ts";

const SCHEMA = {
  type: "struct" as const,
  fields: (["id", "day", "_commit_version"] as const).map((name) => ({
    name,
    type: name === "day" ? ("date" as const) : ("long" as const),
    nullable: true,
    metadata: {},
  })),
};
const TABLE = { schema: SCHEMA, partitionColumns: ["day", "_commit_version"] };

const isEqual = (column: string, type: "long" | "date", text: string): Predicate => ({
  kind: "compare",
  op: "=",
  column: [column],
  value: { type, text },
});

const ID_IS_5 = isEqual("id", "long", "5");

/** Rows of ids from 1 to 3, on the first of January. */
const file = {
  path: "a",
  size: 1,
  modificationTime: 0,
  dataChange: true,
  partitionValues: { day: "2026-01-01" },
  stats: '{"numRecords":3,"minValues":{"id":1},"maxValues":{"id":3},"nullCount":{"id":0}}',
};
const removed = { path: "a", dataChange: true, stats: file.stats, partitionValues: file.partitionValues };

const maybe = (predicate: Predicate, change: ChangedFile): boolean =>
  changeTest({ table: TABLE, predicate })(change, { _commit_version: "7" });

test("a change is left out by the statistics, the partition or the version of its file", () => {
  for (const change of [
    { kind: "insert", file },
    { kind: "delete", file: removed },
  ] satisfies ChangedFile[]) {
    assert.equal(maybe(ID_IS_5, change), false);
    assert.equal(maybe(isEqual("id", "long", "2"), change), true);
    assert.equal(maybe(isEqual("day", "date", "2026-01-02"), change), false);
    assert.equal(maybe(isEqual("day", "date", "2026-01-01"), change), true);
    assert.equal(maybe(isEqual("_commit_version", "long", "6"), change), false);
    assert.equal(maybe(isEqual("_commit_version", "long", "7"), change), true);
  }
});

test("a change file tells nothing but its partition", () => {
  const recorded: ChangedFile = { kind: "recorded", file: { ...file, dataChange: false } };
  assert.equal(maybe(ID_IS_5, recorded), true);
  assert.equal(maybe(isEqual("day", "date", "2026-01-02"), recorded), false);
});

test("a removed file that does not say its partition is kept", () => {
  const { path, dataChange, stats } = removed;
  const change: ChangedFile = { kind: "delete", file: { path, dataChange, stats } };
  assert.equal(maybe(isEqual("day", "date", "2026-01-02"), change), true);
});

test("bounds of the rows that a vector leaves say nothing of those that it deletes", () => {
  const after = vectorOf([0]);
  const tight: ChangedFile = { kind: "vector", file, before: undefined, after };
  assert.equal(maybe(ID_IS_5, tight), true);
  const stats = file.stats.replace("{", '{"tightBounds":false,');
  assert.equal(maybe(ID_IS_5, { ...tight, file: { ...file, stats } }), false);
  // All rows came back: the file's own bounds are of all of them.
  assert.equal(maybe(ID_IS_5, { kind: "vector", file, before: vectorOf([0]), after: undefined }), false);
});
