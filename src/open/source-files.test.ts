import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileFormat } from "../formats/format-options.ts";
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

test("names that tell no format go along with what was read before; names that tell another are refused", async () => {
  const after = async (earlier: FileFormat | undefined, ...keys: string[]): Promise<FileFormat> => {
    const files = sourceFiles({ filter: {}, pathGlobFilter: undefined, format: undefined });
    for (const key of keys) files.accepts(key);
    return files.formatAfter(async () => earlier);
  };
  assert.equal(await after("json", "a.json", "README"), "json");
  assert.equal(await after("csv", "README"), "csv");
  assert.equal(await after("csv", "a.json"), "json");
  await assert.rejects(after(undefined, "a.json", "README"), { code: "USAGE" });
  await assert.rejects(after("json", "a.csv", "README"), { code: "USAGE" });
  await assert.rejects(after("json", "a.csv", "b.json"), { code: "USAGE" });
});

function ignored(name: string, of: Partial<Parameters<typeof sourceFiles>[0]> = {}): string | undefined {
  return sourceFiles({ filter: {}, pathGlobFilter: undefined, format: undefined, ...of }).names.ignoredBy!(
    name,
  );
}

test("names that programs give to files which are not finished are passed by, whatever else they hold", () => {
  const unfinished = [
    "a.json.tmp",
    "a.part",
    ".a.partial",
    "a%20b.filepart",
    "a.json._COPYING_",
    "+tmp",
    "a~",
  ];
  for (const name of unfinished) assert.notEqual(ignored(name), undefined, name);
  for (const name of ["a.json", "tmp", "a.tmp.json", "part-0.json", "a+tmp", "tmp.csv"])
    assert.equal(ignored(name), undefined, name);
});

test("stated patterns stand in the place of these; what the filter itself asks for is read", () => {
  assert.equal(ignored("a.json.tmp", { ignore: [] }), undefined);
  assert.equal(ignored("a.bak", { ignore: ["*.bak"] }), "*.bak");
  assert.equal(ignored("a.tmp", { ignore: ["*.bak"] }), undefined);
  assert.equal(ignored("a.tmp", { pathGlobFilter: "*.tmp" }), undefined);
  assert.equal(ignored("a.tmp", { filter: { files: ["in/a.tmp"] } }), undefined);
  assert.equal(ignored("a.part", { filter: { files: ["in/a.tmp"] } }), "*.part");
  assert.equal(ignored("a.tmp", { filter: { globs: ["2026/*.tmp"] }, ignore: ["*.tmp"] }), "*.tmp");
});

test("a glob takes hidden names where they are read at all", () => {
  const takes = (ignoreHidden: boolean): boolean =>
    sourceFiles({ filter: {}, pathGlobFilter: "*.json", format: undefined, ignoreHidden }).accepts(".a.json");
  assert.deepEqual([takes(false), takes(true)], [true, false]);
});
