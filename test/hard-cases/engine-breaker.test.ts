import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { arrive } from "../support/arrivals.ts";
import { ENGINE_BREAKER } from "../support/engine-breaker.ts";
import { ingest, runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";
import { readFileSync } from "node:fs";

test("a file that DuckDB breaks over is found and quarantined, and its neighbours go in", async (t) => {
  const folder = temporaryFolder(t);
  const [source, table] = [join(folder, "in"), join(folder, "table")];
  const sound = join(folder, "sound.parquet");
  await writeParquetFile(sound, "SELECT i AS a, 'x' AS s FROM range(3) r(i)");
  for (const name of ["a", "b", "d"]) arrive(join(source, `${name}.parquet`), readFileSync(sound));
  arrive(join(source, "c.parquet"), ENGINE_BREAKER);
  const run = await ingest([source, table], { codes: [1] });
  assert.deepEqual([run.files.committed, run.files.quarantined, run.rows.written], [3, 1, 9]);
  const shown = await runLandfall(["files", "show", table, "c.parquet"]);
  assert.match(shown.stdout, /quarantined/);
  assert.equal((await ingest([source, table])).batches, 0);
});
