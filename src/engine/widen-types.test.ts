/** Wider types through the engine: what a batch makes of values that the table's columns do not hold. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { type FileContents, stageContents, type Staged } from "../../test/support/stage-files.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { parseDdl } from "../schema/ddl.ts";
import type { StageRequest } from "./engine.ts";

const engine = testEngine();

async function stage(
  t: TestContext,
  table: string,
  contents: FileContents,
  options: Partial<StageRequest> = {},
): Promise<Staged & { readonly widened: string[] }> {
  const staged = await stageContents(engine, t, contents, {
    format: "json",
    tableSchema: parseDdl(`${table}, _rescued_data STRING`),
    evolutionMode: "addNewColumnsWithTypeWidening",
    ...options,
  });
  const widened = (staged.result.widened ?? []).map(
    ({ path, from, to, file }) => `${path} ${from} ${to}${file === undefined ? "" : ` in ${file}`}`,
  );
  return { ...staged, widened };
}

async function parquet(t: TestContext, sql: Readonly<Record<string, string>>): Promise<FileContents> {
  const folder = temporaryFolder(t);
  const contents: Record<string, Buffer> = {};
  for (const [name, select] of Object.entries(sql)) {
    await writeParquetFile(join(folder, name), select);
    contents[name] = readFileSync(join(folder, name));
  }
  return contents;
}

/** column, values in the file, what the column becomes, rows of it */
const NUMBERS: readonly (readonly [string, string, string, string])[] = [
  ["TINYINT", "300", "SMALLINT", "300"],
  ["TINYINT", "40000", "INT", "40000"],
  ["TINYINT", "3000000000", "BIGINT", '"3000000000"'],
  ["TINYINT", "1.5", "DOUBLE", "1.5"],
  ["SMALLINT", "9007199254740993.5", "DECIMAL(17,1)", '"9007199254740993.5"'],
  ["INT", "3000000000", "BIGINT", '"3000000000"'],
  ["INT", "2.5e2", "DOUBLE", "250"],
  ["BIGINT", "1.25", "DECIMAL(22,2)", '"1.25"'],
  ["BIGINT", "92233720368547758079", "DECIMAL(20,0)", '"92233720368547758079"'],
  ["FLOAT", "0.1234567890123", "DOUBLE", "0.1234567890123"],
  ["DECIMAL(4,2)", "123.456", "DECIMAL(6,3)", '"123.456"'],
];

for (const [column, value, becomes, row] of NUMBERS) {
  for (const format of ["json", "csv"] as const) {
    test(`${format}: ${column} becomes ${becomes} for ${value}`, async (t) => {
      const contents: FileContents =
        format === "json" ? { a: `{"v":1}\n`, b: `{"v":${value}}\n` } : { a: "v\n1\n", b: `v\n${value}\n` };
      const { ddl, rows, result } = await stage(t, `v ${column}`, contents, { format });
      assert.equal(ddl, `v ${becomes}, _rescued_data STRING`);
      assert.ok(rows.includes(`{"v":${row}}`), rows.join(" "));
      assert.deepEqual(
        result.files.map(({ rescued }) => rescued),
        [0, 0],
      );
      assert.deepEqual(
        result.widened?.map(({ path, file }) => [path, file]),
        [["v", "b"]],
      );
    });
  }
}

test("a column is left as it is while all values fit it, whatever they look like", async (t) => {
  const table = "f FLOAT, d DECIMAL(5,2), i INT";
  // As long as a FLOAT is printed, and digits that are none by value.
  const { ddl, widened } = await stage(t, table, {
    a: '{"f":21.123457,"d":1.2000,"i":2147483647}\n{"f":16777216,"d":1e2,"i":null}\n',
  });
  assert.equal(ddl, `${table}, _rescued_data STRING`);
  assert.deepEqual(widened, []);
});

test("what no wider type holds is rescued, beside what one does", async (t) => {
  const { ddl, rows, widened, result } = await stage(t, "i INT, s STRING, b BOOLEAN, t DATE", {
    a: '{"i":3000000000,"s":1,"b":2,"t":"2024-01-01T00:00:00"}\n{"i":"x"}\n{"i":1e400}\n',
  });
  assert.equal(ddl, "i BIGINT, s STRING, b BOOLEAN, t DATE, _rescued_data STRING");
  assert.deepEqual(widened, ["i INT BIGINT in a"]);
  assert.deepEqual(result.files[0]!.rescued, 3);
  assert.ok(rows.some((row) => row.includes('"i":"3000000000"') && row.includes('\\"b\\":2')));
});

test("a number beside texts in a column of a CSV file makes it wider, and the texts are rescued", async (t) => {
  const { ddl, result } = await stage(t, "i INT", { a: "i\nn/a\n3000000000\n7\n" }, { format: "csv" });
  assert.equal(ddl, "i BIGINT, _rescued_data STRING");
  assert.equal(result.files[0]!.rescued, 1);
});

test("fields of structs, elements of arrays and values of maps get wider, by keys and by columns", async (t) => {
  const { ddl, rows, widened } = await stage(t, "s STRUCT<x: INT>, l ARRAY<INT>, m MAP<STRING, INT>", {
    a: '{"s":{"x":3000000000},"l":[1,null,3000000000],"m":{"k":3000000000}}\n',
  });
  assert.equal(ddl, "s STRUCT<x: BIGINT>, l ARRAY<BIGINT>, m MAP<STRING, BIGINT>, _rescued_data STRING");
  assert.deepEqual(widened, ["s.x INT BIGINT in a", "l.element INT BIGINT in a", "m.value INT BIGINT in a"]);
  assert.doesNotMatch(rows.join(""), /_rescued_data/);
});

test("partition columns, and what they are computed from, keep their types", async (t) => {
  const { ddl, result } = await stage(
    t,
    "p INT, v INT",
    { a: '{"p":3000000000,"v":3000000000}\n' },
    { partitionBy: ["p"] },
  );
  assert.equal(ddl, "p INT, v BIGINT, _rescued_data STRING");
  assert.equal(result.files[0]!.rescued, 1);
});

test("a column that is new keeps the type that is stated or inferred for it", async (t) => {
  const { ddl, widened } = await stage(
    t,
    "id INT",
    { a: '{"n":3000000000,"o":1}\n' },
    { hints: [{ path: ["n"], type: "integer" }] },
  );
  assert.equal(ddl, "id INT, _rescued_data STRING, n INT, o BIGINT");
  assert.deepEqual(widened, []);
});

test("other modes widen nothing", async (t) => {
  for (const evolutionMode of ["addNewColumns", "rescue", "none", "failOnNewColumns"] as const) {
    const { ddl, result } = await stage(t, "i INT", { a: '{"i":3000000000}\n' }, { evolutionMode });
    assert.equal(ddl, "i INT, _rescued_data STRING");
    assert.equal(result.files[0]!.rescued, 1);
  }
});

/** column, SQL of the value, what the column becomes, rows of it */
const TYPES: readonly (readonly [string, string, string, string])[] = [
  ["TINYINT", "300::SMALLINT", "SMALLINT", "300"],
  ["SMALLINT", "40000::INTEGER", "INT", "40000"],
  ["INT", "3000000000::BIGINT", "BIGINT", '"3000000000"'],
  ["INT", "1.5::DOUBLE", "DOUBLE", "1.5"],
  ["INT", "1.5::FLOAT", "DOUBLE", "1.5"],
  ["INT", "123.45::DECIMAL(5,2)", "DECIMAL(12,2)", '"123.45"'],
  ["BIGINT", "123.45::DECIMAL(5,2)", "DECIMAL(22,2)", '"123.45"'],
  ["BIGINT", "18446744073709551615::UBIGINT", "DECIMAL(20,0)", '"18446744073709551615"'],
  ["FLOAT", "0.1::DOUBLE", "DOUBLE", "0.1"],
  ["DECIMAL(4,2)", "123.456::DECIMAL(6,3)", "DECIMAL(6,3)", '"123.456"'],
  ["DATE", "TIMESTAMP '2024-05-06 07:08:09'", "TIMESTAMP_NTZ", '"2024-05-06 07:08:09"'],
];

for (const [column, value, becomes, row] of TYPES) {
  test(`parquet: ${column} becomes ${becomes} for ${value}`, async (t) => {
    const contents = await parquet(t, { a: `SELECT ${value} AS v`, b: `SELECT NULL::${column} AS v` });
    const { ddl, rows, widened, result } = await stage(t, `v ${column}`, contents, { format: "parquet" });
    assert.equal(ddl, `v ${becomes}, _rescued_data STRING`);
    assert.ok(rows.includes(`{"v":${row}}`), rows.join(" "));
    assert.equal(result.files[0]!.rescued, 0);
    assert.equal(widened.length, 1);
    assert.match(widened[0]!, / in a$/);
  });
}

test("parquet: a wider type whose values all fit changes nothing; the next that does not does, by the files' types", async (t) => {
  const fits = await parquet(t, { a: "SELECT 1::BIGINT i, 2.0::DECIMAL(10,4) d" });
  const table = "i INT, d DECIMAL(5,2)";
  const same = await stage(t, table, fits, { format: "parquet" });
  assert.equal(same.ddl, `${table}, _rescued_data STRING`);
  const more = await parquet(t, {
    a: "SELECT 3000000000::BIGINT i, 2.0::DECIMAL(10,4) d",
    b: "SELECT 1.5::DECIMAL(3,1) i, 1.2345::DECIMAL(10,4) d",
  });
  const wide = await stage(t, table, more, { format: "parquet" });
  assert.equal(wide.ddl, "i DECIMAL(21,1), d DECIMAL(10,4), _rescued_data STRING");
  assert.deepEqual(
    wide.result.files.map(({ rescued }) => rescued),
    [0, 0],
  );
});

test("parquet: parts of structs, arrays and maps get wider, a LONG never becomes DOUBLE, and an instant no day", async (t) => {
  const contents = await parquet(t, {
    a: "SELECT {x: 3000000000::BIGINT} s, [3000000000::BIGINT] l, MAP {'k': 3000000000::BIGINT} m, 1.5::DOUBLE n, now() d",
  });
  const { ddl, widened, result } = await stage(
    t,
    "s STRUCT<x: INT>, l ARRAY<INT>, m MAP<STRING, INT>, n BIGINT, d DATE",
    contents,
    { format: "parquet" },
  );
  assert.equal(
    ddl,
    "s STRUCT<x: BIGINT>, l ARRAY<BIGINT>, m MAP<STRING, BIGINT>, n BIGINT, d DATE, _rescued_data STRING",
  );
  assert.equal(widened.length, 3);
  assert.equal(result.files[0]!.rescued, 1);
});
