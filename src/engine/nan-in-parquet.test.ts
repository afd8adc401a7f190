/** NaN in Parquet whose bounds leave it out: rules and transforms judge its rows as any others. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { NAN_BESIDE_BOUNDS } from "../../test/support/nan-beside-bounds.ts";
import { fileOf, rowsOf, stageRequest } from "../../test/support/stage-files.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";

import { parseHints } from "../schema/ddl.ts";

const engine = testEngine();

test("NaN fits a column of floating-point numbers alone", async (t) => {
  for (const [type, rescued] of [
    ["INT", 2],
    ["DECIMAL(10,2)", 2],
    ["FLOAT", 0],
  ] as const) {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "nan.parquet"), NAN_BESIDE_BOUNDS);
    const files = [fileOf(folder, "nan.parquet")];
    const request = stageRequest(folder, { format: "parquet", files, hints: parseHints(`d ${type}`) });
    const result = await engine.stage(request);
    assert.equal(result.files[0]!.rescued, rescued, type);
    const isThere = type === "FLOAT" ? /"d":"NaN"/ : /"d\\":\\"nan/;
    assert.match((await rowsOf(engine, result)).join(), isThere);
  }
});

for (const value of ["f", "d", "s.a", "l[1]"]) {
  test(`a rule over ${value} sees NaN above all other numbers`, async (t) => {
    for (const [sql, kept, broken] of [
      [`${value} <= 5`, 1, 1],
      [`${value} > 5`, 1, 1],
      [`${value} >= 1`, 2, 0],
      [`isnan(${value})`, 1, 1],
    ] as const) {
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, "nan.parquet"), NAN_BESIDE_BOUNDS);
      const request = stageRequest(folder, {
        format: "parquet",
        files: [fileOf(folder, "nan.parquet")],
        expect: [{ name: "rule", sql }],
      });
      const result = await engine.stage(request);
      assert.deepEqual(
        [(await rowsOf(engine, result)).length, result.rejects?.rows ?? 0],
        [kept, broken],
        sql,
      );
    }
  });

  test(`a transform over ${value} sees NaN above all other numbers`, async (t) => {
    for (const [condition, rows] of [
      ["> 5", 1],
      ["<= 5", 1],
      [">= 1", 2],
    ] as const) {
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, "nan.parquet"), NAN_BESIDE_BOUNDS);
      const request = stageRequest(folder, {
        format: "parquet",
        files: [fileOf(folder, "nan.parquet")],
        transform: { kind: "sql", name: "batch.sql", sql: `SELECT f FROM batch WHERE ${value} ${condition}` },
      });
      const result = await engine.stage(request);
      assert.equal((await rowsOf(engine, result)).length, rows, condition);
    }
  });
}
