/** Checkpoints made by hand as Spark's CompactibleFileStreamLog writes them. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { isLandfallError } from "../../base/landfall-error.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { readSparkCheckpoint } from "./spark-checkpoint.ts";

function checkpoint(t: TestContext, files: Readonly<Record<string, readonly string[]>>): string {
  const folder = temporaryFolder(t);
  for (const [name, lines] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  }
  return folder;
}

const entry = (name: string, batchId: number, timestamp = 1_772_359_200_123): string =>
  JSON.stringify({ path: `file:///in/${name}`, timestamp, batchId });
const offsets = (...sources: readonly string[]): readonly string[] => [
  "v1",
  '{"batchWatermarkMs":0}',
  ...sources,
];

test("a compact file and what came after it; what the query has not committed is marked", (t) => {
  const folder = checkpoint(t, {
    metadata: ['{"id":"5a0c"}'],
    "sources/0/8": ["v1", entry("h", 8)],
    "sources/0/9.compact": ["v1", entry("a%20b", 0, 1_772_359_200_000), entry("h", 8), entry("i", 9)],
    "sources/0/10": ["v1", entry("j", 10)],
    "sources/0/11": ["v1", entry("k", 11)],
    "sources/0/.10.crc": ["crc"],
    "offsets/6": offsets('{"logOffset":9}'),
    "offsets/7": offsets('{"logOffset":10}'),
    "offsets/8": offsets('{"logOffset":11}'),
    "commits/6": ["v1", "{}"],
    "commits/7": ["v1", "{}"],
  });
  const read = readSparkCheckpoint(folder).map(({ path, modified, uncommitted }) => [
    path,
    modified?.within,
    uncommitted === true,
  ]);
  assert.deepEqual(read, [
    ["file:///in/a%20b", 1000, false],
    ["file:///in/h", 1, false],
    ["file:///in/i", 1, false],
    ["file:///in/j", 1, false],
    ["file:///in/k", 1, true],
  ]);
  assert.deepEqual(readSparkCheckpoint(join(folder, "sources/0")), readSparkCheckpoint(folder));
});

test("each of several sources has its own offset; one from which nothing was read has none", (t) => {
  const folder = checkpoint(t, {
    "sources/0/0": ["v1", entry("a", 0)],
    "sources/1/0": ["v1", entry("b", 0)],
    "sources/1/1": ["v1", entry("c", 1)],
    "offsets/0": offsets("-", '{"logOffset":0}'),
    "commits/0": ["v1", "{}"],
  });
  const committed = readSparkCheckpoint(folder).filter(({ uncommitted }) => uncommitted === undefined);
  assert.deepEqual(
    committed.map(({ path }) => path),
    ["file:///in/b"],
  );
  rmSync(join(folder, "commits/0"));
  assert.ok(readSparkCheckpoint(folder).every(({ uncommitted }) => uncommitted === true));
});

test("a checkpoint with a gap, of another version, another source or of Auto Loader is refused, not half read", (t) => {
  const good = {
    "sources/0/0": ["v1", entry("a", 0)],
    "offsets/0": offsets('{"logOffset":0}'),
    "commits/0": ["v1", "{}"],
  };
  const refused = (files: Readonly<Record<string, readonly string[]>>, why: RegExp): void => {
    const folder = checkpoint(t, files);
    assert.throws(
      () => readSparkCheckpoint(folder),
      (error) => isLandfallError(error, "USAGE") && why.test(`${error.message} ${error.hint}`),
    );
  };
  refused({ ...good, "sources/0/2": ["v1", entry("c", 2)] }, /batch 1 are missing/);
  refused({ ...good, "sources/0/0": ["v2", entry("a", 0)] }, /"v2", not v1/);
  refused(
    { ...good, "sources/0/0": ["v1", entry("a", 0), "", '{"path":'] },
    /line 4 of \S+sources\/0\/0 is no JSON/,
  );
  refused(
    { ...good, "sources/0/0": ["v1", '{"path":"file:///in/a"}'] },
    /line 2 of \S+sources\/0\/0 is no file/,
  );
  refused(
    { ...good, "offsets/0": offsets('{"topic":{"0":5}}') },
    /line 3 of \S+offsets\/0, its offset .* is not that of a file source/,
  );
  refused({ "sources/0/0": ["v1", entry("a", 0)] }, /no folder commits/);
  refused({ "commits/0": ["v1", "{}"] }, /no folder sources/);
  refused({ ...good, "sources/0/rocksdb/SNAPSHOT": [""] }, /Auto Loader[^]*cloud_files_state/);
});
