import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { countsOf, type FileContents, stageContents, type Staged } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { DEFAULT_FORMAT_OPTIONS } from "../formats/format-options.ts";
import { textShape } from "../formats/text-options.ts";
import { xmlShape } from "../formats/xml-options.ts";
import { parseDdl } from "../schema/ddl.ts";
import type { StageRequest } from "./engine.ts";

const engine = testEngine();

async function stage(
  t: Pick<TestContext, "after">,
  contents: FileContents,
  options: Partial<StageRequest> = {},
): Promise<Staged> {
  const formats = { ...DEFAULT_FORMAT_OPTIONS, xml: xmlShape.parse({ rowTag: "r" }) };
  return stageContents(engine, t, contents, { format: "xml", formats, ...options });
}

test("XML: a child that stands once here and twice there is an array everywhere, with or without attributes", async (t) => {
  const { rows, ddl, result } = await stage(t, {
    "a.xml": '<all><r id="1"><n>1</n><t>x</t></r><r id="2"><n>2</n><n>3</n></r></all>',
    "b.xml": '<all><r id="3"><n u="m">4.5</n><t>7</t></r></all>',
  });
  assert.equal(
    ddl,
    "_id BIGINT, n ARRAY<STRUCT<_VALUE: DOUBLE, _u: STRING>>, t STRING, _rescued_data STRING",
  );
  assert.deepEqual(rows, [
    '{"_id":"1","n":[{"_VALUE":1,"_u":null}],"t":"x"}',
    '{"_id":"2","n":[{"_VALUE":2,"_u":null},{"_VALUE":3,"_u":null}]}',
    '{"_id":"3","n":[{"_VALUE":4.5,"_u":"m"}],"t":"7"}',
  ]);
  assert.deepEqual(countsOf(result), [
    [2, 2, 0, 0],
    [1, 1, 0, 0],
  ]);
});

test("XML: the shape is the table's where it has the column, and what does not fit is rescued", async (t) => {
  const { rows, result } = await stage(
    t,
    { "a.xml": "<all><r><a>1</a><b>2</b></r><r><a>1</a><a>2</a><b>x</b></r></all>" },
    { tableSchema: parseDdl("a BIGINT, b ARRAY<BIGINT>, _rescued_data STRING") },
  );
  assert.deepEqual(rows, [
    '{"a":"1","b":["2"]}',
    '{"b":[null],"_rescued_data":"{\\"a\\":[1,2],\\"b\\":[\\"x\\"],\\"_file_path\\":\\"a.xml\\"}"}',
  ]);
  assert.deepEqual(countsOf(result), [[2, 2, 1, 0]]);
});

test("XML: a file that is not well-formed brings no record and says where", async (t) => {
  const { rows, result } = await stage(t, {
    "a.xml": "<all><r><a>1</a></r>\n<r><a></r></all>",
    "b.xml": gzipSync("<all><r><a>2</a></r></all>"),
    "c.xml": "<all/>",
  });
  assert.deepEqual(rows, ['{"a":"2"}']);
  assert.deepEqual(
    result.files.map((file) => file.outcome),
    ["quarantined", "committed", "committed"],
  );
  assert.match(result.files[0]!.reason!, /^XML: unexpected close tag\. \(line 2, column 10\)$/);
});

test("XML: digits are those of the document, in numbers and in text", async (t) => {
  const { rows, ddl } = await stage(t, {
    "a.xml": "<r><a>9007199254740993</a><b>1.50</b><b>x</b><c>2024-01-02</c><d>12345678901234567.5</d></r>",
  });
  assert.equal(ddl, "a BIGINT, b ARRAY<STRING>, c DATE, d STRING, _rescued_data STRING");
  assert.deepEqual(rows, [
    '{"a":"9007199254740993","b":["1.50","x"],"c":"2024-01-02","d":"12345678901234567.5"}',
  ]);
});

test("XML and text: rows keep the number that they have in their file, and its name", async (t) => {
  const provenance = [
    { column: "n", field: "record_number" },
    { column: "of", field: "file_name" },
  ] as const;
  const xml = await stage(
    t,
    { "a.xml": "<all><r><a>1</a></r><r><a>2</a><a>3</a></r></all>" },
    { provenance },
  );
  assert.deepEqual(xml.rows, ['{"a":["1"],"n":"1","of":"a.xml"}', '{"a":["2","3"],"n":"2","of":"a.xml"}']);
  const text = await stage(t, { "a.txt": "x\n\ny" }, { format: "text", provenance });
  assert.deepEqual(text.rows, [
    '{"value":"","n":"2","of":"a.txt"}',
    '{"value":"x","n":"1","of":"a.txt"}',
    '{"value":"y","n":"3","of":"a.txt"}',
  ]);
});

test("XML: without a row tag nothing is read", async (t) => {
  await assert.rejects(stage(t, { "a.xml": "<r/>" }, { formats: DEFAULT_FORMAT_OPTIONS }), /xml\.rowTag/);
});

test("text: lines are text whatever they look like, those that are no UTF-8 are rejected", async (t) => {
  const { rows, ddl, result } = await stage(
    t,
    { "a.txt": '1\n2024-01-02\n\n{"a":1}\n', "b.txt": Buffer.from("ok\n\xff\n", "latin1"), "c.txt": "" },
    { format: "text" },
  );
  assert.equal(ddl, "value STRING, _rescued_data STRING");
  assert.deepEqual(rows, [
    '{"value":""}',
    '{"value":"1"}',
    '{"value":"2024-01-02"}',
    '{"value":"ok"}',
    '{"value":"{\\"a\\":1}"}',
  ]);
  assert.deepEqual(countsOf(result), [
    [4, 4, 0, 0],
    [2, 1, 0, 1],
    [0, 0, 0, 0],
  ]);
});

test("text: a whole file is a row up to maxRecordBytes", async (t) => {
  const formats = { ...DEFAULT_FORMAT_OPTIONS, text: textShape.parse({ wholeText: true }) };
  const { rows, result } = await stage(
    t,
    { "a.txt": "a\r\nb", "b.txt": "x".repeat(17 * 1024 ** 2) },
    { format: "text", formats },
  );
  assert.deepEqual(rows, ['{"value":"a\\r\\nb"}']);
  assert.deepEqual(countsOf(result), [
    [1, 1, 0, 0],
    [1, 0, 0, 1],
  ]);
});
