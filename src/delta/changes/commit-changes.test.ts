import assert from "node:assert/strict";
import { test } from "node:test";
import { addOf, changesOf, removeOf, vectorOf } from "../../../test/support/changing-table.ts";
import { commitChanges } from "./commit-changes.ts";

const ROOT = "/tables/t";
const [a, b, c] = ["a", "b", "c%20d"].map((path) => ({ path, size: 1, partitionValues: {} }));

test("removed files come before added ones, and what changes no data is passed over", () => {
  const changes = commitChanges([addOf(a!), removeOf(b!), addOf(c!, [], false), { commitInfo: {} }], ROOT);
  assert.deepEqual(
    changes.map(({ kind, file }) => [kind, file.path]),
    [
      ["delete", "b"],
      ["insert", "a"],
    ],
  );
});

test("change files tell all, even beside files that were added and removed", () => {
  const changes = commitChanges([addOf(a!), removeOf(b!), changesOf(c!)], ROOT);
  assert.deepEqual(
    changes.map(({ kind, file }) => [kind, file.path]),
    [["recorded", "c%20d"]],
  );
});

test("a file that is removed and added again, however its path is written, is told by its vectors", () => {
  for (const path of ["./c%20d", "file:///tables/t/c%20d", "/tables/t/c%20d"]) {
    const actions = [removeOf(c!, [1]), addOf({ ...c!, path }, [1, 2])];
    const [change, ...others] = commitChanges(actions, ROOT);
    assert.deepEqual(others, [], path);
    assert.ok(change?.kind === "vector");
    assert.deepEqual([change.before, change.after], [vectorOf([1]), vectorOf([1, 2])]);
  }
});
