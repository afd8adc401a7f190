/** Rows that break a rule tell where they begin in their file, for formats of lines. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { tarOf } from "../../../test/support/archives.ts";
import { stageContents, type FileContents } from "../../../test/support/stage-files.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { writeParquetFile } from "../../../test/support/write-parquet-file.ts";
import { DEFAULT_FORMAT_OPTIONS } from "../../formats/format-options.ts";
import { parseDdl } from "../../schema/ddl.ts";
import type { StageRequest } from "../engine.ts";

const engine = testEngine();

type Place = readonly [file: string, record: number, offset: number | null];

/** Of every rejected record, in the order of files and records. */
async function placesOf(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  options: Pick<StageRequest, "format"> & Partial<StageRequest>,
): Promise<Place[]> {
  const { result } = await stageContents(engine, t, contents, options);
  if (result.rejects === undefined) return [];
  const { rows } = await engine.query({
    sql: "SELECT file, record, byte_offset FROM rejects ORDER BY file, record",
    tables: [
      {
        name: "rejects",
        schema: parseDdl("file STRING, record BIGINT, byte_offset BIGINT"),
        partitionColumns: [],
        files: [{ path: result.rejects.path, partitionValues: {} }],
      },
    ],
  });
  return rows.map(([file, record, offset]) => [
    String(file),
    Number(record),
    offset === null ? null : Number(offset),
  ]);
}

const rule = (sql: string): Partial<StageRequest> => ({ expect: [{ name: "r", sql }] });
const PROVENANCE: StageRequest["provenance"] = [{ column: "from_file", field: "file_name" }];

test("json: lines of every route tell their offset, with marks for provenance and without", async (t) => {
  const filler = "x".repeat(1000);
  const large = Array.from({ length: 2000 }, (_, i) => `{"n":${i},"f":"${filler}"}\n`);
  const contents = {
    blank: '\uFEFF{"n":-1}\r\n\r\n  {"n":-2}\r\n{"n":3}',
    dirty: '{"n":1}\n{broken\n{"n":-1,"n":-2}\n{"n":"x"}\n{"n":-3}\n',
    large: `${large.join("")}{"n":-1}\n`,
    packed: gzipSync('{"n":1}\n{"n":-1}\n'),
  };
  const expected: Place[] = [
    ["blank", 1, 3],
    ["blank", 2, 15],
    ["dirty", 2, 8],
    ["dirty", 3, 16],
    ["dirty", 5, 42],
    ["large", 2001, large.join("").length],
    ["packed", 2, 8],
  ];
  const tableSchema = parseDdl("n BIGINT, f STRING, _rescued_data STRING");
  for (const provenance of [[], PROVENANCE])
    assert.deepEqual(
      await placesOf(t, contents, { format: "json", tableSchema, provenance, ...rule("n >= 0") }),
      expected,
    );
});

test("json: what is no file of lines has no offset", async (t) => {
  const contents = { array: '[{"n":1},{"n":-1}]', wide: Buffer.from('\uFEFF{"n":-1}\n', "utf16le") };
  assert.deepEqual(await placesOf(t, contents, { format: "json", ...rule("n >= 0") }), [
    ["array", 2, null],
    ["wide", 1, null],
  ]);
});

test("csv: records tell their offset, behind headers, marks, blank lines and fields over several lines", async (t) => {
  const contents = {
    "a.csv": '\uFEFFn,s\r\n-1,a\r\n\r\n2,"b\r\nb"\r\n-3,c\n"x"y,1\n-4,d',
    "b.csv": `n,s\n${"1,some text to make it long\n".repeat(50_000)}-1,x\n`,
    "c.csv": "n,s\n1,x\n",
  };
  assert.deepEqual(await placesOf(t, contents, { format: "csv", ...rule("n >= 0") }), [
    ["a.csv", 1, 8],
    ["a.csv", 3, 26],
    ["a.csv", 4, 31],
    ["a.csv", 5, 38],
    ["b.csv", 50_001, 4 + 28 * 50_000],
  ]);
});

test("text: lines tell their offset, rejected ones of the scanner too; members of archives tell none", async (t) => {
  const contents = {
    lines: Buffer.concat([Buffer.from("\uFEFFbad\r\nok\r\rbad\n"), Buffer.from("\xff\nbad", "latin1")]),
    packed: gzipSync("ok\nbad\n"),
    wide: Buffer.from("\uFEFFok\nbad\n", "utf16le"),
    "z.tar": tarOf([{ name: "m", content: "ok\nbad\n" }]),
  };
  assert.deepEqual(await placesOf(t, contents, { format: "text", ...rule("value <> 'bad'") }), [
    ["lines", 1, 3],
    ["lines", 4, 12],
    ["lines", 5, 16],
    ["lines", 6, 18],
    ["packed", 2, 3],
    ["wide", 2, null],
    ["z.tar/m", 2, null],
  ]);
  const formats = {
    ...DEFAULT_FORMAT_OPTIONS,
    text: { ...DEFAULT_FORMAT_OPTIONS.text, lineSep: "||" },
  };
  const parted = { a: "ok||bad|| bad||bad" };
  assert.deepEqual(await placesOf(t, parted, { format: "text", formats, ...rule("value <> 'bad'") }), [
    ["a", 2, 4],
    ["a", 4, 15],
  ]);
});

test("members of an archive of lines count from the member's beginning; Parquet has no offset", async (t) => {
  const tar = { "a.tar": tarOf([{ name: "x.json", content: '{"n":1}\n{"n":-1}\n' }]) };
  assert.deepEqual(await placesOf(t, tar, { format: "json", ...rule("n >= 0") }), [["a.tar/x.json", 2, 8]]);
  const path = join(temporaryFolder(t), "one.parquet");
  await writeParquetFile(path, "SELECT -i AS n FROM range(2) r(i)");
  const parquet = { "a.parquet": readFileSync(path) };
  assert.deepEqual(await placesOf(t, parquet, { format: "parquet", ...rule("n >= 0") }), [
    ["a.parquet", 2, null],
  ]);
});

test("text: whatever parts the lines, the file holds at each offset the line of that number", async (t) => {
  const line = fc.string({ unit: fc.constantFrom("a", "é", " ", '"'), maxLength: 4 });
  const end = fc.constantFrom("\n", "\r\n", "\r");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(line, end), { maxLength: 12 }), async (pieces) => {
      const text = pieces.flat().join("");
      const places = await placesOf(t, { a: text }, { format: "text", ...rule("value = '!'") });
      const lines = text.split(/\r\n|\r|\n/);
      if (lines.at(-1) === "") lines.pop();
      assert.equal(places.length, lines.length);
      const bytes = Buffer.from(text);
      for (const [, record, offset] of places) {
        const found = bytes.toString("utf8", offset!).split(/[\r\n]/, 1)[0];
        assert.equal(found, lines[record - 1]);
      }
    }),
    { numRuns: 20 },
  );
});
