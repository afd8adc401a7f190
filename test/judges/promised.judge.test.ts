/** What the judged tables are held against can say no, and Python's own lattice is the documented one. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { judgeMissing, type JudgeRows, startJudge } from "../support/judge.ts";
import { assertPromised, type PromisedTable } from "../support/promised-table.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const skip = judgeMissing("inputs");

/** Texts of values, and the type of a column that holds them. */
type Kinds = readonly (readonly [values: readonly string[], type: unknown])[];

const JSON_KINDS: Kinds = [
  [["1", "null", "9223372036854775807"], "long"],
  [["1", "9223372036854775808"], "string"],
  [["1", "2.50", "1e2"], "double"],
  [["0.5", "9007199254740993"], "string"],
  [["0.1234567890123456789"], "string"],
  [["true", "null", "false"], "boolean"],
  [["true", '"true"'], "string"],
  [['"2024-02-29T23:59:59.123456Z"', '"2024-02-29 23:59:59"'], "timestamp"],
  [['"2024-02-29T23:59:59.1234567Z"'], "string"],
  [['"2023-02-29T00:00:00Z"'], "string"],
  [['"2024-02-29"'], "date"],
  [['"2024-02-29"', '"2024-02-29T00:00:00Z"'], "string"],
  [['{"a": 1}', '{"b": [1.5]}'], { struct: { a: "long", b: { array: "double" } } }],
  [["[1]", '["x"]'], { array: "string" }],
  [["[]", '[{"a": true}]'], { array: { struct: { a: "boolean" } } }],
  [["1", "[1]"], "string"],
  [["{}", "null"], undefined],
  [["[]", "[]"], undefined],
];

const CSV_KINDS: Kinds = [
  [["1", "-2", ""], "long"],
  [["1", "0.50"], "double"],
  [["1e3", "2"], "double"],
  [["007", "8"], "string"],
  [["-0", "1"], "string"],
  [["true", "FALSE"], "boolean"],
  [["2024-02-29"], "date"],
  [["2024-02-29 10:00:00"], "timestamp"],
  [["", ""], undefined],
];

test("Python finds the types that the lattice promises, in JSON and in CSV", { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const inputs = startJudge("inputs", t);
  const typeOf = async (format: string, text: string): Promise<unknown> => {
    const file = join(folder, `input.${format}`);
    writeFileSync(file, text);
    const request = { op: "types", format, steps: [[file]] };
    const { steps } = await inputs.request<{ readonly steps: readonly Record<string, unknown>[] }>(request);
    return steps[0]!["x"];
  };
  for (const [values, type] of JSON_KINDS) {
    const lines = values.map((value) => `{"x": ${value}}\n`).join("");
    assert.deepEqual(await typeOf("json", lines), type, lines);
    // The elements of an array are joined as the values of a column are.
    const element = await typeOf("json", `{"x": [${values.join(",")}]}\n`);
    assert.deepEqual(element, type === undefined ? undefined : { array: type }, lines);
  }
  for (const [values, type] of CSV_KINDS) {
    const lines = values.map((value) => `${value},y\n`).join("");
    assert.deepEqual(await typeOf("csv", `x,y\n${lines}`), type, lines);
  }
});

test(
  "a column that stands keeps its type, and a key in another case is no new column",
  { skip },
  async (t) => {
    const folder = temporaryFolder(t);
    const files = ['{"id": 1}\n', '{"id": "x", "ID": true, "late": 0.5}\n'].map((text, index) => {
      const file = join(folder, `${index}.json`);
      writeFileSync(file, text);
      return [file];
    });
    const answer = await startJudge("inputs", t).request({ op: "types", format: "json", steps: files });
    assert.deepEqual(answer, { steps: [{ id: "long" }, { id: "long", late: "double" }] });
  },
);

test("a lost, doubled or changed row, and another type or column, are each refused", { skip }, async (t) => {
  const file = join(temporaryFolder(t), "input.json");
  writeFileSync(file, '{"id": 1, "at": "2024-02-29T00:00:00Z", "x": 0.5}\n{"id": 2}\n');
  const made: PromisedTable = { table: "", format: "json", steps: [{ version: 0, added: [file] }] };
  const inputs = startJudge("inputs", t);
  const first = { id: "1", at: "2024-02-29T00:00:00.000000Z", x: 0.5, _rescued_data: null };
  const second = { id: "2", at: null, x: null, _rescued_data: null };
  const schema = [
    { name: "id", type: "long" },
    { name: "at", type: "timestamp" },
    { name: "x", type: "double" },
    { name: "_rescued_data", type: "string" },
  ];
  const held = (read: Partial<JudgeRows>): Promise<void> =>
    assertPromised({ made, at: 0, read: { schema, rows: [first, second], version: 0, ...read }, inputs });
  await held({});
  for (const rows of [
    [first],
    [first, second, second],
    [first, { ...second, x: 0 }],
    [{ ...first, x: 0.5000000001 }, second],
    [{ ...first, at: "2024-02-29T00:00:00.000001Z" }, second],
    [first, { ...second, _rescued_data: '{"x": 0.5}' }],
  ])
    await assert.rejects(held({ rows }), { code: "ERR_ASSERTION" }, JSON.stringify(rows));
  for (const other of [
    schema.map((column) => (column.name === "x" ? { ...column, type: "float" } : column)),
    schema.slice(1),
    [...schema, { name: "odd", type: "string" }],
  ])
    await assert.rejects(held({ schema: other }), { code: "ERR_ASSERTION" }, JSON.stringify(other));
});
