import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { Schema } from "avsc";
import fc from "fast-check";
import {
  countsOf,
  type FileContents,
  fileOf,
  rowsOf,
  stageRequest,
  writeFiles,
} from "../../../test/support/stage-files.ts";
import { tarOf } from "../../../test/support/archives.ts";
import { avroFile } from "../../../test/support/avro-file.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../../test/support/write-parquet-file.ts";
import { encodePathBytes } from "../../base/path-bytes.ts";
import { parseDdl } from "../../schema/ddl.ts";
import type { StageRequest, StageResult } from "../engine.ts";
import { SMALL_FILE_BYTES } from "../route-files.ts";

const engine = testEngine();

interface Staged {
  readonly result: StageResult;
  readonly rows: string[];
  /** `file:record:rule` */
  readonly rejects: string[];
  readonly contents: string[];
}

async function stage(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  rules: Readonly<Record<string, string>>,
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  const folder = temporaryFolder(t);
  const files = options.files ?? writeFiles(folder, contents);
  const expect = Object.entries(rules).map(([name, sql]) => ({ name, sql }));
  const result = await engine.stage(stageRequest(folder, { format: "json", expect, ...options, files }));
  const rejected = result.rejects === undefined ? [] : await rejectsOf(result);
  return {
    result,
    rows: await rowsOf(engine, result, options.partitionBy),
    rejects: rejected.map((row) => row.slice(0, 3).map(String).join(":")),
    contents: rejected.map((row) => String(row[3])),
  };
}

async function rejectsOf(result: StageResult): Promise<readonly (readonly unknown[])[]> {
  const { rows } = await engine.query({
    sql: "SELECT file, record, rule, decode(content) FROM rejects ORDER BY file, record",
    tables: [
      {
        name: "rejects",
        schema: parseDdl("file STRING, record BIGINT, rule STRING, content BINARY"),
        partitionColumns: [],
        files: [{ path: result.rejects!.path, partitionValues: {} }],
      },
    ],
    limit: 1_000_000,
  });
  return rows;
}

test("a row that breaks a rule is rejected with the first rule that it breaks, and its content as JSON", async (t) => {
  const { result, rows, rejects, contents } = await stage(
    t,
    {
      "a.json": '{"id":1,"n":5}\n{"id":null,"n":-1}\n{"id":3,"n":-2}\n',
      "b.json": '{"id":4,"n":1}\n',
    },
    { has_id: "id IS NOT NULL", positive: "n > 0" },
  );
  assert.deepEqual(rows, ['{"id":"1","n":"5"}', '{"id":"4","n":"1"}']);
  assert.deepEqual(countsOf(result), [
    [3, 1, 0, 2],
    [1, 1, 0, 0],
  ]);
  assert.deepEqual(rejects, ["a.json:2:has_id", "a.json:3:positive"]);
  assert.deepEqual(contents, [
    '{"id":null,"n":-1,"_rescued_data":null}',
    '{"id":3,"n":-2,"_rescued_data":null}',
  ]);
});

test("a rule that is null for a row keeps it, one that cannot be computed rejects it", async (t) => {
  const { rows, rejects } = await stage(
    t,
    { "a.json": '{"s":"7"}\n{"s":null}\n{"s":"x"}\n{"s":"2"}\n' },
    { number: "CAST(s AS INT) > 5" },
  );
  assert.deepEqual(rows, ['{"s":"7"}', "{}"]);
  assert.deepEqual(rejects, ["a.json:3:number", "a.json:4:number"]);
});

test("a value that two places of the rules cannot compute rejects its row, and not the batch", async (t) => {
  const lines = ["1", "x", null, "9"].map((s) => JSON.stringify({ s })).join("\n");
  const number = "CAST(s AS INTEGER)";
  for (const rules of [
    { small: `${number} > 0 AND ${number} < 5` },
    { above: `${number} > 0`, small: `${number} < 5` },
    { small: `TRY_CAST(s AS INTEGER) > 0 AND ${number} < 5`, again: `${number} < 5 OR ${number} > 100` },
  ]) {
    const { rows, rejects } = await stage(t, { "a.json": lines }, rules);
    const [first] = Object.keys(rules);
    assert.deepEqual(
      [rows.length, rejects],
      [2, [`a.json:2:${first}`, "a.json:4:small"]],
      JSON.stringify(rules),
    );
  }
});

test("a batch of which every row is kept writes no rejects", async (t) => {
  const { result } = await stage(t, { "a.json": '{"id":1}\n' }, { has_id: "id IS NOT NULL" });
  assert.equal(result.rejects, undefined);
});

test("a batch of which every row is rejected writes no data file", async (t) => {
  const { result, rejects } = await stage(t, { "a.json": '{"id":1}\n{"id":2}\n' }, { none: "id > 9" });
  assert.deepEqual(result.dataFiles, []);
  assert.deepEqual(countsOf(result), [[2, 0, 0, 2]]);
  assert.deepEqual(rejects, ["a.json:1:none", "a.json:2:none"]);
});

test("records that are malformed and rows that break a rule keep their numbers side by side", async (t) => {
  const { result, rejects } = await stage(
    t,
    { "a.json": '{"id":1}\n{broken\n{"id":-3}\n\n{"id":4}\n{nope\n{"id":-6}\n' },
    { positive: "id > 0" },
  );
  assert.deepEqual(countsOf(result), [[6, 2, 0, 4]]);
  assert.deepEqual(rejects, ["a.json:2:null", "a.json:3:positive", "a.json:5:null", "a.json:6:positive"]);
});

test("a rescued value of a rejected row is not counted as rescued", async (t) => {
  const { result } = await stage(
    t,
    { "a.json": '{"id":-1}\n{"id":"x"}\n{"id":2}\n' },
    { no_rescue: "_rescued_data IS NULL" },
    { hints: [{ path: ["id"], type: "long" }] },
  );
  assert.deepEqual(countsOf(result), [[3, 2, 0, 1]]);
});

test("rules hold for CSV, for compressed files and for arrays alike", async (t) => {
  const csv = await stage(
    t,
    { "a.csv": 'id,name\n1,"x\ny"\n-2,z\n3,w\n' },
    { positive: "id > 0" },
    { format: "csv" },
  );
  assert.deepEqual(csv.rejects, ["a.csv:2:positive"]);
  assert.deepEqual(countsOf(csv.result), [[3, 2, 0, 1]]);
  const json = await stage(
    t,
    { "a.json": gzipSync('{"id":1}\n{"id":-2}\n'), "b.json": '[{"id":1},\n{"id":2},{"id":-3}]' },
    { positive: "id > 0" },
  );
  assert.deepEqual(json.rejects, ["a.json:2:positive", "b.json:3:positive"]);
});

test("rules hold for Parquet, also of a file with a column named like the number of a row", async (t) => {
  const folder = temporaryFolder(t);
  await writeParquetFile(join(folder, "a.parquet"), "SELECT range AS id FROM range(5)");
  await writeParquetFile(join(folder, "b.parquet"), "SELECT range AS id, 7 AS file_row_number FROM range(4)");
  const files = ["a.parquet", "b.parquet"].map((name) => fileOf(folder, name));
  const { result, rows, rejects } = await stage(
    t,
    {},
    { not_two: "id <> 2", small: "id < 4" },
    { format: "parquet", files },
  );
  assert.deepEqual(countsOf(result), [
    [5, 3, 0, 2],
    [4, 3, 0, 1],
  ]);
  assert.equal(rows.length, 6);
  assert.deepEqual(rejects, ["a.parquet:3:not_two", "a.parquet:5:small", "b.parquet:3:not_two"]);
});

test("rows of a large file that is read where it lies get their numbers, and of a partitioned table too", async (t) => {
  const lines = Array.from(
    { length: 60_000 },
    (_, i) => `{"id":${i},"part":"p${i % 3}","pad":"${"x".repeat(20)}"}`,
  );
  const text = `${lines.join("\n")}\n`;
  assert.ok(text.length > SMALL_FILE_BYTES);
  const { rejects, result } = await stage(
    t,
    { "a.json": text, "b.json": '{"id":59999,"part":"p9"}\n' },
    { some: "id % 20000 <> 19999" },
    { partitionBy: ["part"] },
  );
  assert.deepEqual(rejects, ["a.json:20000:some", "a.json:40000:some", "a.json:60000:some", "b.json:1:some"]);
  assert.deepEqual(
    result.dataFiles.map((file) => file.rows).reduce((sum, rows) => sum + rows, 0),
    59_997,
  );
});

test("rules hold for CSV that is read where it lies, and beside columns of provenance and of a computed partition", async (t) => {
  const lines = Array.from({ length: 60_000 }, (_, i) => `${i},2026-01-0${1 + (i % 3)},${"x".repeat(20)}`);
  const { rejects, result } = await stage(
    t,
    { "a.csv": `id,day,pad\n${lines.join("\n")}\n` },
    { some: "id % 20000 <> 19999" },
    { format: "csv" },
  );
  assert.deepEqual(rejects, ["a.csv:20000:some", "a.csv:40000:some", "a.csv:60000:some"]);
  assert.deepEqual(countsOf(result), [[60_000, 59_997, 0, 3]]);
  const marked = await stage(
    t,
    { "a.json": '{"id":1}\n{"id":-2}\n' },
    { positive: "id > 0 AND n >= 1" },
    { provenance: [{ column: "n", field: "record_number" }] },
  );
  assert.deepEqual(marked.rejects, ["a.json:2:positive"]);
});

test("rules hold for lines of text, and for whole files", async (t) => {
  const text = await stage(t, { "a.txt": "good\nbad\n\n" }, { good: "value <> 'bad'" }, { format: "text" });
  assert.deepEqual(text.rejects, ["a.txt:2:good"]);
  const whole = await stage(
    t,
    { "a.bin": "xyz", "b.bin": "" },
    { filled: "length > 0" },
    { format: "binaryFile" },
  );
  assert.deepEqual(whole.rejects, ["b.bin:1:filled"]);
});

test("rules hold for Avro and for the members of an archive, which rejects name", async (t) => {
  const schema: Schema = {
    type: "record",
    name: "r",
    fields: [{ name: "id", type: "long" }],
  };
  const avro = await stage(
    t,
    { "a.avro": avroFile(schema, { rows: [[{ id: 1n }, { id: -2n }]] }) },
    { positive: "id > 0" },
    { format: "avro" },
  );
  assert.deepEqual(avro.rejects, ["a.avro:2:positive"]);
  const members = [
    { name: "x.json", content: '{"id":1}\n' },
    { name: "y.json", content: '{"id":1}\n{bad\n{"id":-3}\n' },
  ];
  const { rejects, result } = await stage(t, { "a.tar": tarOf(members) }, { positive: "id > 0" });
  assert.deepEqual(rejects, ["a.tar/y.json:2:null", "a.tar/y.json:3:positive"]);
  assert.deepEqual(countsOf(result), [[4, 2, 0, 2]]);
});

test("a file whose name is no UTF-8 is read under rules", async (t) => {
  const folder = temporaryFolder(t);
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x41])]);
  const content = `${'{"id":1}\n'.repeat(200_000)}{"id":-1}\n`;
  writeFileSync(path, content);
  const files = [{ key: "%FFA", path: encodePathBytes(path), size: content.length }];
  const { rejects } = await stage(t, {}, { positive: "id > 0" }, { files });
  assert.deepEqual(rejects, ["%FFA:200001:positive"]);
});

test("columns with names that are hard to write, and rules with comments, are taken as they stand", async (t) => {
  const { rejects } = await stage(
    t,
    { "a.json": '{"select":1,"landfall_row":2,"a\'b":3,"user":"u"}\n{"select":-1,"landfall_row":2}\n' },
    {
      "it's": `"select" > 0 -- not below`,
      both: `landfall_row = 2 AND ("a'b" IS NULL OR batch."a'b" = 3) /* and */ AND user = 'u'`,
    },
  );
  assert.deepEqual(rejects, ["a.json:2:it's"]);
});

test("whatever the rows and however they lie, exactly those that break the rule are rejected, by their numbers", async (t) => {
  const row = fc.oneof(
    fc.record({ id: fc.integer({ min: -3, max: 3 }) }).map((value) => JSON.stringify(value)),
    fc.constantFrom('{"id":null}', '{"id":"text"}', "{broken", '{"id":1,"more":[1]}', '{"id": -2 }'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
      async (files) => {
        const expected = files.flatMap((lines, i) =>
          lines.flatMap((line, at) => {
            if (line === "{broken") return [`${i}.json:${at + 1}:null`];
            const { id } = JSON.parse(line) as { id: unknown };
            return typeof id === "number" && id < 0 ? [`${i}.json:${at + 1}:rule`] : [];
          }),
        );
        const contents = Object.fromEntries(files.map((lines, i) => [`${i}.json`, `${lines.join("\n")}\n`]));
        const { rejects, rows, result } = await stage(
          t,
          contents,
          { rule: "id >= 0" },
          { hints: [{ path: ["id"], type: "long" }] },
        );
        assert.deepEqual(rejects, expected);
        const total = files.reduce((sum, lines) => sum + lines.length, 0);
        assert.equal(rows.length, total - expected.length);
        for (const file of result.files) assert.equal(file.read, file.written + file.rejected);
      },
    ),
    { numRuns: 15 },
  );
});

test("a row of a large Avro file that breaks a rule is told by its number, however many threads read the file", async (t) => {
  const count = 240_000;
  const every = 40_000;
  const schema = {
    type: "record",
    name: "R",
    fields: [
      { name: "id", type: "long" },
      { name: "text", type: "string" },
    ],
  };
  const blocks = Array.from({ length: count / 4000 }, (_, block) =>
    Array.from({ length: 4000 }, (__, i) => {
      const id = block * 4000 + i + 1;
      return { id: BigInt(id), text: id % every === 0 ? "bad" : `some longer text of the row ${id}` };
    }),
  );
  const { result, rejects } = await stage(
    t,
    { "a.avro": avroFile(schema as Schema, { rows: blocks }) },
    { good: "text <> 'bad'" },
    { format: "avro" },
  );
  assert.deepEqual(countsOf(result), [[count, count - count / every, 0, count / every]]);
  const numbers = Array.from({ length: count / every }, (_, i) => `a.avro:${(i + 1) * every}:good`);
  assert.deepEqual(rejects, numbers);
});
