import assert from "node:assert/strict";
import { test } from "node:test";
import { findSharedSources, type SourceUse } from "./find-shared-sources.ts";

const use = (pipeline: string, more: Partial<SourceUse> = {}): SourceUse => ({
  pipeline,
  source: "/in",
  table: `/t/${pipeline}`,
  recursive: true,
  pathGlobFilter: undefined,
  takesAway: false,
  ...more,
});

const count = (...uses: readonly SourceUse[]): number => findSharedSources(uses).length;

test("two on one source are refused where one takes files away, whichever it is", () => {
  const archives = use("a", { takesAway: true });
  assert.equal(count(use("a"), use("b")), 0);
  assert.equal(count(archives, use("b")), 1);
  assert.equal(count(use("b"), archives), 1);
  assert.equal(count(archives, use("b"), use("c")), 2, "each with the one that archives");
  const [error] = findSharedSources([use("b"), archives]);
  assert.match(error!.message, /^the pipelines "a" and "b" read .* "a" takes them away/);
  assert.equal(count(archives, archives), 0, "the same one twice");
});

test("a source inside another is shared where the outer one is read with its folders", () => {
  const inner = use("a", { source: "/in/x", takesAway: true });
  assert.equal(count(inner, use("b")), 1);
  assert.equal(count(inner, use("b", { recursive: false })), 0);
  assert.equal(count(inner, use("b", { source: "/in/xy" })), 0);
});

test("filters tell files apart only where both are endings and neither ends with the other", () => {
  const filtered = (one: string | undefined, other: string | undefined): number =>
    count(use("a", { pathGlobFilter: one, takesAway: true }), use("b", { pathGlobFilter: other }));
  assert.equal(filtered("*.json", "*.csv"), 0);
  assert.equal(filtered("*.json", "*.x.json"), 1);
  assert.equal(filtered("*.json", undefined), 1);
  assert.equal(filtered("*.json", "a*"), 1);
  assert.equal(filtered("*.{json,csv}", "*.txt"), 1, "nobody says what such a filter leaves out");
});
