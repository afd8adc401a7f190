/** A checkpoint of very many files is written, by either spec, in a heap that could not hold its files. */
import assert from "node:assert/strict";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commitKey } from "../../src/delta/log-files.ts";
import { openTable } from "../../src/write/open-table.ts";
import { inSmallHeap } from "../support/in-small-heap.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const FILES = 200_000;
/** Of one commit, so that none is large by itself. */
const OF_COMMIT = 10_000;
/** Megabytes. As objects the files take four times as much. */
const HEAP = 64;
const FEATURES = ["v2Checkpoint", "appendOnly"];
const LIMITS = { memory: "512m", threads: 2 };

function firstLines(policy: string): string {
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["v2Checkpoint"],
    writerFeatures: FEATURES,
  };
  const metaData = {
    id: "t",
    format: { provider: "parquet", options: {} },
    schemaString: '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]}',
    partitionColumns: [],
    configuration: { "delta.checkpointPolicy": policy },
  };
  return `${JSON.stringify({ protocol })}\n${JSON.stringify({ metaData })}\n`;
}

function addLine(file: number): string {
  const add = {
    path: `part-${String(file).padStart(8, "0")}-c000.snappy.parquet`,
    partitionValues: {},
    size: 1000,
    modificationTime: 0,
    dataChange: true,
    stats: `{"numRecords":10,"minValues":{"id":${file * 10}},"maxValues":{"id":${file * 10 + 9}},"nullCount":{"id":0}}`,
  };
  return `${JSON.stringify({ add })}\n`;
}

/** Answers its newest version. */
function makeTable(folder: string, policy: string): number {
  mkdirSync(join(folder, "_delta_log"), { recursive: true });
  const versions = FILES / OF_COMMIT;
  for (let version = 0; version < versions; version++) {
    const file = openSync(join(folder, commitKey(version)), "w");
    writeSync(file, `{"commitInfo":{}}\n${version === 0 ? firstLines(policy) : ""}`);
    const adds = Array.from({ length: OF_COMMIT }, (_, at) => addLine(version * OF_COMMIT + at));
    writeSync(file, adds.join(""));
    closeSync(file);
  }
  return versions - 1;
}

const WRITING = `
  const [module, location] = process.argv.slice(1);
  const { openTable } = await import(module);
  await using table = openTable(location, ${JSON.stringify(LIMITS)});
  console.log(JSON.stringify(await table.checkpoint()));
`;

for (const [policy, sidecars] of [
  ["classic", 0],
  ["v2", 4],
] as const) {
  test(`a ${policy} checkpoint of ${FILES} files is written in a heap of ${HEAP} MB`, async (t) => {
    const folder = join(temporaryFolder(t), "table");
    const newest = makeTable(folder, policy);
    const told = inSmallHeap({
      megabytes: HEAP,
      script: WRITING,
      args: [join(import.meta.dirname, "../../src/write/open-table.ts"), folder],
    });
    const { size, numOfAddFiles } = told as { size: number; numOfAddFiles: number };
    assert.deepEqual([size, numOfAddFiles], [FILES + 2 + (sidecars === 0 ? 0 : sidecars + 1), FILES]);
    const log = join(folder, "_delta_log");
    if (sidecars > 0) assert.equal(readdirSync(join(log, "_sidecars")).length, sidecars);
    for (let version = 0; version < newest; version++) rmSync(join(folder, commitKey(version)));
    await using table = openTable(folder, LIMITS);
    assert.equal(await (await table.snapshot()).count(), FILES * 10);
  });
}
