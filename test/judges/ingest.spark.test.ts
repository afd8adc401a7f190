/** Spark reads what the command line made and appends to it between our commits; nothing is lost and nothing doubled. */
import assert from "node:assert/strict";
import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertSameRows } from "../support/inputs-as-table.ts";
import { judgeMissing, startJudge, type JudgeName } from "../support/judge.ts";
import { ingest } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { nastyTable, vehiclesTable } from "./ingested-tables.ts";

const skip = judgeMissing("spark", "delta-rs", "inputs");

for (const make of [vehiclesTable, nastyTable]) {
  test(`${make.name}: Spark reads the rows of the inputs`, { skip }, async (t) => {
    const made = await make(temporaryFolder(t));
    const spark = startJudge("spark", t);
    const inputs = startJudge("inputs", t);
    const { rows } = await spark.request({ op: "read", table: made.table });
    const read = await inputs.request({ op: "read", files: made.inputs, format: made.format, tagged: true });
    const { renamed } = made;
    assertSameRows({ inputs: read.rows, table: rows, ...(renamed ? { renamed } : {}) });
  });
}

test(
  "Spark and delta-rs append to our table between our commits, and everybody's rows are there once",
  { skip },
  async (t) => {
    const folder = temporaryFolder(t);
    const source = join(folder, "in");
    const table = join(folder, "table");
    mkdirSync(source);
    const writers: readonly JudgeName[] = ["spark", "delta-rs"];
    for (let round = 0; round < 6; round++) {
      writeFileSync(join(source, `${round}.json`), `{"id":${round},"by":"landfall"}\n`);
      assert.equal((await ingest([source, table])).rows.written, 1);
      const writer = writers[round % 2]!;
      await startJudge(writer, t).request({
        op: "append",
        table,
        rows: [{ id: String(100 + round), by: writer, _rescued_data: null }],
      });
    }
    const { rows } = await startJudge("spark", t).request({ op: "read", table });
    const ids = rows.map((row) => Number(row["id"])).sort((a, b) => a - b);
    assert.deepEqual(ids, [0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105]);
  },
);
