import assert from "node:assert/strict";
import { test } from "node:test";
import { addOf, changesOf, removeOf, vectorOf } from "../../../test/support/changing-table.ts";
import { commitChanges } from "./commit-changes.ts";

const [a, b, c] = ["a", "b", "c%20d"].map((path) => ({ path, size: 1, partitionValues: {} }));

test("removed files come before added ones, and what changes no data is passed over", () => {
  const changes = commitChanges([addOf(a!), removeOf(b!), addOf(c!, [], false), { commitInfo: {} }]);
  assert.deepEqual(
    changes.map(({ kind, file }) => [kind, file.path]),
    [
      ["delete", "b"],
      ["insert", "a"],
    ],
  );
});

test("change files tell all, even beside files that were added and removed", () => {
  const changes = commitChanges([addOf(a!), removeOf(b!), changesOf(c!)]);
  assert.deepEqual(
    changes.map(({ kind, file }) => [kind, file.path]),
    [["recorded", "c%20d"]],
  );
});

test("a file that is removed and added again, however its path is written, is told by its vectors", () => {
  const [change, ...others] = commitChanges([removeOf(c!, [1]), addOf({ ...c!, path: "./c%20d" }, [1, 2])]);
  assert.deepEqual(others, []);
  assert.ok(change?.kind === "vector");
  assert.deepEqual([change.before, change.after], [vectorOf([1]), vectorOf([1, 2])]);
});
