/** A query over a table whose log names files elsewhere, as a shallow clone's does. */
import assert from "node:assert/strict";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { queryTable } from "../../src/operate/query-table.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { vectorFile } from "../../src/delta/deletion-vector/write-deletion-vectors.ts";
import { encodeVector } from "../support/encode-deletion-vector.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";

const engine = testEngine();

test("files and vectors outside of the table's folder are read only where that is asked for", async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder, "clone");
  mkdirSync(join(root, "_delta_log"), { recursive: true });
  const schemaString = JSON.stringify({
    type: "struct",
    fields: [{ name: "i", type: "long", nullable: true, metadata: {} }],
  });
  const data = encodeVector({ rows: [0, 2], kindOf: () => "plain" });
  writeFileSync(join(folder, "v.bin"), vectorFile([data]).bytes);
  const adds = [];
  for (const place of [join(root, "own.parquet"), join(folder, "theirs.parquet")]) {
    await writeParquetFile(place, "SELECT i FROM range(5) r(i)");
    adds.push({
      path: pathToFileURL(place).href,
      partitionValues: {},
      size: statSync(place).size,
      modificationTime: 0,
      dataChange: true,
      stats: '{"numRecords":5}',
      deletionVector: {
        storageType: "p",
        pathOrInlineDv: pathToFileURL(join(folder, "v.bin")).href,
        offset: 1,
        sizeInBytes: data.length,
        cardinality: 2,
      },
    });
  }
  const features = ["deletionVectors"];
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: features,
    writerFeatures: features,
  };
  const metaData = {
    id: "x",
    format: { provider: "parquet", options: {} },
    schemaString,
    partitionColumns: [],
    configuration: {},
  };
  const actions = [{ protocol }, { metaData }, ...adds.map((add) => ({ add }))];
  writeFileSync(
    join(root, "_delta_log/00000000000000000000.json"),
    actions.map((action) => `${JSON.stringify(action)}\n`).join(""),
  );
  const query = (allowOutside?: boolean): Promise<unknown> =>
    queryTable({
      storage: localStorage({ root }),
      engine,
      scratchFolder: folder,
      sql: "SELECT i, count(*)::INTEGER FROM t GROUP BY i ORDER BY i",
      limit: 10,
      ...(allowOutside === undefined ? {} : { allowOutside }),
    }).then(({ rows }) => rows);
  await assert.rejects(query(), (error) => isLandfallError(error, "TABLE_FILE_OUTSIDE"));
  assert.deepEqual(await query(true), [
    ["1", 2],
    ["3", 2],
    ["4", 2],
  ]);
});
