/** A table of very many files is opened, planned and counted in a heap that could not hold its files. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { inSmallHeap } from "../../test/support/in-small-heap.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { checkpointColumns } from "../delta/checkpoint-schema.ts";
import { checkpointKey, commitKey } from "../delta/log-files.ts";

const FILES = 200_000;
const PARTS = 100;
/** Megabytes. As objects the files take four times as much. */
const HEAP = 64;
const PROTOCOL = { minReaderVersion: 1, minWriterVersion: 2 };
const METADATA = {
  id: "t",
  format: { provider: "parquet", options: {} },
  schemaString:
    '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}},{"name":"part","type":"integer","nullable":true,"metadata":{}}]}',
  partitionColumns: ["part"],
  configuration: {},
};

const engine = testEngine();

function addLine(file: number): string {
  const part = String(file % PARTS);
  return JSON.stringify({
    add: {
      path: `part=${part}/part-${String(file).padStart(8, "0")}-c000.snappy.parquet`,
      partitionValues: { part },
      size: 1000,
      modificationTime: 0,
      dataChange: false,
      stats: `{"numRecords":10,"minValues":{"id":${file * 10}},"maxValues":{"id":${file * 10 + 9}},"nullCount":{"id":0}}`,
    },
  });
}

/** All files stand in the checkpoint of version 1, and the commit of version 2 removes one of them. */
async function makeTable(folder: string): Promise<void> {
  mkdirSync(join(folder, "_delta_log"));
  const jsonPath = join(folder, "rows.json");
  const adds = Array.from({ length: FILES }, (_, file) => addLine(file));
  writeFileSync(
    jsonPath,
    [JSON.stringify({ protocol: PROTOCOL }), JSON.stringify({ metaData: METADATA }), ...adds].join("\n"),
  );
  const parquetPath = join(folder, checkpointKey(1));
  await engine.fromJsonLines({ jsonPath, parquetPath, columns: checkpointColumns(PROTOCOL) });
  const { path } = (JSON.parse(adds[0]!) as { readonly add: { readonly path: string } }).add;
  const remove = JSON.stringify({ remove: { path, dataChange: true } });
  writeFileSync(join(folder, commitKey(1)), '{"commitInfo":{}}\n');
  writeFileSync(join(folder, commitKey(2)), `{"commitInfo":{}}\n${remove}\n`);
}

const ASKING = `
  const [module, location] = process.argv.slice(1);
  const { openToRead } = await import(module);
  await using table = openToRead(location, { memory: "512m", threads: 2 }).table;
  const snapshot = await table.snapshot();
  const of = async (where) => {
    const { files, skipped } = await snapshot.files({ where });
    return [files.length, files.length + skipped.files];
  };
  console.log(JSON.stringify({
    byStatistics: await of("id >= 5000 AND id < 6000"),
    byPartition: await of("part = 7"),
    ofTheRemoved: await of("id = 5"),
    rows: await snapshot.count(),
  }));
`;

test(`a checkpoint of ${FILES} files is opened, planned and counted in a heap of ${HEAP} MB`, async (t) => {
  const folder = temporaryFolder(t);
  await makeTable(folder);
  const told = inSmallHeap({
    megabytes: HEAP,
    script: ASKING,
    args: [join(import.meta.dirname, "open-table.ts"), folder],
  });
  assert.deepEqual(told, {
    byStatistics: [100, FILES - 1],
    byPartition: [FILES / PARTS, FILES - 1],
    ofTheRemoved: [0, FILES - 1],
    rows: (FILES - 1) * 10,
  });
});
