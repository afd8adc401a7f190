import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { writeParquetFile } from "../../test/support/write-parquet-file.ts";
import { LandfallError } from "../base/landfall-error.ts";

const engine = testEngine();

test("a damaged page is told by the name of its file, and a mistake in the query by itself", async (t) => {
  const folder = temporaryFolder(t);
  const paths = ["a", "b", "c"].map((name) => join(folder, `${name}.parquet`));
  for (const path of paths) await writeParquetFile(path, "SELECT i AS n FROM range(100) r(i)");
  const damaged = readFileSync(paths[1]!);
  damaged.fill(0xff, 4, 30);
  writeFileSync(paths[1]!, damaged);
  const query = (sql: string, files: readonly string[]): Promise<unknown> =>
    engine.query({
      sql,
      tables: [
        {
          name: "t",
          schema: {
            type: "struct",
            fields: [{ name: "n", type: "long", nullable: true, metadata: {} }],
          },
          partitionColumns: [],
          files: files.map((path) => ({ path, partitionValues: {} })),
        },
      ],
    });
  const code = async (run: Promise<unknown>): Promise<[string, string | undefined]> => {
    const error = await run.then(
      () => assert.fail("it was answered"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof LandfallError, String(error));
    return [error.code, error.subject.file];
  };
  assert.deepEqual(await code(query("SELECT sum(n) FROM t", paths)), ["TABLE_DATA_CORRUPT", paths[1]]);
  const mistake = query("SELECT CAST('x' || n AS INTEGER) FROM t", [paths[0]!]);
  assert.deepEqual(await code(mistake), ["QUERY_INVALID", undefined]);
});
