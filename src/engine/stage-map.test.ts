/** Objects of JSON in MAP columns, which a hint or an explicit schema asks for. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { rowsOf, stageRequest, writeFiles } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { parseDdl } from "../schema/ddl.ts";
import type { StageRequest } from "./engine.ts";

const engine = testEngine();

type Row = Readonly<Record<string, unknown>>;

/** The rows, with what was rescued as data. A map is a list of its entries. */
async function stage(
  t: Pick<TestContext, "after">,
  ddl: string,
  lines: readonly string[],
  options: Partial<StageRequest> = {},
): Promise<{ readonly rows: readonly Row[]; readonly rescued: number }> {
  const folder = temporaryFolder(t);
  const files = writeFiles(folder, { "a.json": `${lines.join("\n")}\n` });
  const columns = parseDdl(ddl);
  const result = await engine.stage(stageRequest(folder, { format: "json", files, columns, ...options }));
  const rows = (await rowsOf(engine, result)).map((text) => {
    const { _rescued_data: rescued, ...row } = JSON.parse(text) as Row & { _rescued_data?: string };
    if (rescued === undefined) return row;
    const { _file_path: _path, ...kept } = JSON.parse(rescued) as Row;
    return { ...row, rescued: kept };
  });
  return { rows, rescued: result.files[0]!.rescued };
}

const entries = (...list: readonly (readonly [string, unknown])[]): Row[] =>
  list.map(([key, value]) => ({ key, value }));

test("an object of any keys goes into a map of their type, an absent one is null", async (t) => {
  const { rows, rescued } = await stage(t, "id INT, m MAP<STRING, BIGINT>", [
    '{"id":1,"m":{"a":1,"":9223372036854775807,"x \\"y":null}}',
    '{"id":2,"m":{}}',
    '{"id":3,"m":null}',
    '{"id":4}',
    '{"id":5,"m":{"A":1,"a":2,"\\u0062":3}}',
  ]);
  assert.deepEqual(rows, [
    { id: 1, m: entries(["a", "1"], ["", "9223372036854775807"], ['x "y', null]) },
    { id: 2, m: [] },
    { id: 3 },
    { id: 4 },
    { id: 5, m: entries(["A", "1"], ["a", "2"], ["b", "3"]) },
  ]);
  assert.equal(rescued, 0);
});

test("a map with one value that does not fit, or one key twice, is rescued whole and as written", async (t) => {
  const { rows, rescued } = await stage(t, "id INT, m MAP<STRING, BIGINT>", [
    '{"id":1,"m":{"a":1,"b":1.5}}',
    '{"id":2,"m":{"a":1,"a":2}}',
    '{"id":3,"m":[1]}',
    '{"id":4,"m":"x"}',
    '{"id":5,"m":{"a":{"b":1}}}',
    '{"id":6,"m":{"a":6}}',
  ]);
  assert.deepEqual(rows, [
    { id: 1, rescued: { m: { a: 1, b: 1.5 } } },
    { id: 2, rescued: { m: { a: 2 } } },
    { id: 3, rescued: { m: [1] } },
    { id: 4, rescued: { m: "x" } },
    { id: 5, rescued: { m: { a: { b: 1 } } } },
    { id: 6, m: entries(["a", "6"]) },
  ]);
  assert.equal(rescued, 5);
});

test("values of a map are texts of the source, structs, arrays and maps by the rules of any column", async (t) => {
  const ddl =
    "id INT, s MAP<STRING, STRING>, o MAP<STRING, STRUCT<x: INT>>, l MAP<STRING, ARRAY<DOUBLE>>, n MAP<STRING, MAP<STRING, BOOLEAN>>";
  const { rows } = await stage(t, ddl, [
    '{"id":1,"s":{"a":1.10,"b":"x","c":true},"o":{"a":{"x":1},"b":{}},"l":{"a":[1,2.5]},"n":{"a":{"b":true}}}',
    '{"id":2,"o":{"a":{"x":1,"y":2}},"n":{"a":{"b":1}}}',
  ]);
  assert.deepEqual(rows, [
    {
      id: 1,
      s: entries(["a", "1.10"], ["b", "x"], ["c", "true"]),
      o: entries(["a", { x: 1 }], ["b", { x: null }]),
      l: entries(["a", [1, 2.5]]),
      n: entries(["a", entries(["b", true])]),
    },
    { id: 2, rescued: { o: { a: { x: 1, y: 2 } }, n: { a: { b: 1 } } } },
  ]);
});

test("times in a map without a zone are the pipeline's", async (t) => {
  const { rows } = await stage(
    t,
    "m MAP<STRING, TIMESTAMP>",
    ['{"m":{"a":"2024-07-01T12:00:00","b":"2024-07-01T12:00:00Z"}}', '{"m":null}'],
    { timeZone: "America/New_York" },
  );
  assert.deepEqual(rows, [
    { m: entries(["a", "2024-07-01 16:00:00+00"], ["b", "2024-07-01 12:00:00+00"]) },
    {},
  ]);
});

test("more keys than the scanner tells apart still stand in the map, each once", async (t) => {
  const many = Array.from({ length: 12_000 }, (_, i) => [`k${i}`, i] as const);
  const { rows, rescued } = await stage(t, "m MAP<STRING, INT>", [
    JSON.stringify({ m: Object.fromEntries(many) }),
  ]);
  assert.deepEqual(rows, [{ m: entries(...many) }]);
  assert.equal(rescued, 0);
});

test("a map whose keys are no texts takes nothing, and what was meant for it is rescued", async (t) => {
  const { rows } = await stage(t, "id INT, m MAP<INT, INT>", ['{"id":1,"m":{"1":2}}']);
  assert.deepEqual(rows, [{ id: 1, rescued: { m: { "1": 2 } } }]);
});
