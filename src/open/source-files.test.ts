import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceFiles } from "./source-files.ts";

function formatOf(...keys: string[]): string {
  const files = sourceFiles({
    filter: {},
    pathGlobFilter: undefined,
    format: undefined,
  });
  for (const key of keys) files.accepts(key);
  return files.format();
}

test("names tell the format, compressed or not and in any case; separated values are CSV whatever parts them", () => {
  assert.equal(formatOf("a.csv", "b/c.CSV.gz", "d.tsv", "e.tab.gz"), "csv");
  assert.equal(formatOf("a.json", "b.ndjson", "c.jsonl.gz"), "json");
});

test("names that do not agree on a format are refused with one of each", () => {
  assert.throws(() => formatOf("a.tsv", "b.json", "c.json"), /a\.tsv \(csv\), b\.json \(json\)/);
});

test("a format that has been told stays, whatever comes later", () => {
  const files = sourceFiles({ filter: {}, pathGlobFilter: undefined, format: undefined });
  assert.ok(files.accepts("a.json"));
  assert.equal(files.format(), "json");
  assert.ok(files.accepts("README"));
  assert.equal(files.format(), "json");
});
