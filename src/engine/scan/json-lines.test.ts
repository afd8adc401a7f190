import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../../base/landfall-error.ts";
import type { JsonLayout } from "./json-layout.ts";
import { JsonLines, type JsonLayoutOptions } from "./json-lines.ts";

const AUTO: JsonLayoutOptions = { multiLine: "auto" };

interface Made {
  readonly layout: JsonLayout;
  readonly bytes: string;
}

function made(content: string, layout = AUTO, chunk = 1_000_000, maxRecordBytes = 1000): Made {
  const all = Buffer.from(content);
  const pieces: Buffer[] = [];
  const layouts = new Set<JsonLayout>();
  const write = (bytes: Buffer, told: JsonLayout): void => {
    pieces.push(Buffer.from(bytes));
    layouts.add(told);
  };
  const lines = new JsonLines({ layout, maxRecordBytes, file: "f", write });
  for (let at = 0; at < all.length; at += chunk) {
    const fed = Buffer.from(all.subarray(at, at + chunk));
    lines.feed(fed);
    fed.fill(0x78);
  }
  lines.finish();
  assert.ok([...layouts].every((told) => told === lines.layout));
  return { layout: lines.layout!, bytes: Buffer.concat(pieces).toString() };
}

function layoutOf(content: string): JsonLayout {
  const found = new Set([1, 2, 3, 5, 1000].map((chunk) => madeOrDamaged(content, chunk)));
  assert.equal(found.size, 1, JSON.stringify(content));
  return [...found][0]!;
}

function madeOrDamaged(content: string, chunk: number): JsonLayout {
  try {
    const { layout, bytes } = made(content, AUTO, chunk);
    if (layout === "lines") assert.equal(bytes, content);
    return layout;
  } catch (error) {
    assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
    return "values";
  }
}

test("auto: files whose first line is an object, or no JSON at all, are lines and pass as they are", () => {
  const contents = [
    "",
    " \n\n",
    "\uFEFF",
    '{"a":1}',
    '{"a":1}\n',
    '{"a":1}\n{"a":2}\n',
    '\uFEFF{"a":1}\n{\n',
    '\n\r\n{"a":1}\r\n{"a":2}\r\n',
    '{"a":{"b":[1,{"c":"}"}]}} \t\n[',
    '{"a":"\\"}{"}\n',
    "{}\n",
    '{"a":1} x\n',
    '{"a":1},\n{"a":2}\n',
    // A first line that was cut.
    '{"a":1\n{"a":2}\n{"a":3}\n',
    '{"a":1,\n{"a":2}\n',
    '{"a":"x\n{"a":2}\n',
    '{"a":[\n{"a":2}\n{"a":3}\n',
    '{"a":1',
    '{"a":1\n',
    '{"a":"\n',
    '"a":1}\n{"a":2}\n',
    "5\n",
    "x",
    "null\n{}\n",
  ];
  for (const content of contents) assert.equal(layoutOf(content), "lines", JSON.stringify(content));
});

test("auto: arrays, objects over lines and objects behind one another are values", () => {
  const contents = [
    "[]",
    '[{"a":1},{"a":2}]',
    '\uFEFF[{"a":1}]\n',
    "\n\n [\n]",
    '[{"a":1},\n {"a":2}]',
    '{"a":1}{"a":2}',
    '{"a":1} {"a":2}\n',
    '{"a":1} [{"a":2}]\n',
    '{\n  "a": 1\n}\n',
    '\uFEFF{\r\n"a": 1\r\n}\r\n',
    "{ \n\n}",
    '{"a":1,\n"b":2}\n{"a":3}\n',
    '{"a":\n1}',
    '{"a"\n:1}',
    '{"a":1\n}',
    '{"a":{\n}}\n{"a":2}',
    // Wrong inside, or cut after the second line: no line of it may pass for a record.
    '{\n"a": 1\n{"x":1}\n}\n',
    '{"a": {\n"b": 1,\n',
  ];
  for (const content of contents) assert.equal(layoutOf(content), "values", JSON.stringify(content));
});

test("what stands for the lines is one record each, the byte order mark left out", () => {
  assert.equal(made('\uFEFF[{"a":1},{"a":\n2}]').bytes.trim(), '{"a":1}\n{"a": 2}');
  assert.equal(made('{"a":1}{"a":2}').bytes, '{"a":1}\n{"a":2}\n');
});

test("stated layouts are taken, whatever the first value is", () => {
  const lines: JsonLayoutOptions = { multiLine: false };
  const values: JsonLayoutOptions = { multiLine: true };
  assert.deepEqual(made("[\n1]", lines), { layout: "lines", bytes: "[\n1]" });
  assert.deepEqual(made('{"a":1}\n{"a":\n2}', values).bytes.split("\n"), ['{"a":1}', '{"a": 2}', ""]);
  assert.equal(made("", values).bytes, "");
  assert.throws(() => made('{"a":1}\n{"a":', values), /ends before its brackets close, at byte 13/);
  const path: JsonLayoutOptions = { multiLine: "auto", jsonPath: ["items"] };
  assert.equal(made('{"n":2,"items":[{"a":1},{"a":2}]}\n', path).bytes.trim(), '{"a":1}\n{"a":2}');
});

test("a first object longer than what may be held is judged by what was seen of it", () => {
  const long = "x".repeat(5000);
  const cases = [
    [`{"a":"${long}"}\n`, "lines"],
    [`{"a":1,\n"b":"${long}"}\n`, "values"],
  ] as const;
  for (const [content, layout] of cases) {
    for (const chunk of [100, 10_000]) assert.equal(made(content, AUTO, chunk).layout, layout);
  }
});
