import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { DEFAULT_FORMAT_OPTIONS } from "../../formats/format-options.ts";
import type { JsonOptions } from "../../formats/json-options.ts";
import { runJob } from "./run-job.ts";
import type { ScanJobResult } from "./scan-jobs.ts";

const limits = {
  maxRecordBytes: 1_000_000,
  maxDepth: 20,
  maxColumns: 100,
  maxPaths: 100,
  maxExpansion: 200,
  maxExpandedBytes: 1_000_000,
};

async function scan(
  folder: string,
  contents: readonly (string | Buffer)[],
  gatherBelow: number,
  json: JsonOptions = DEFAULT_FORMAT_OPTIONS.json,
): Promise<ScanJobResult> {
  const files = contents.map((content, rank) => {
    const path = join(folder, `in-${rank}`);
    writeFileSync(path, content);
    return { rank, key: `in-${rank}`, path, size: statSync(path).size };
  });
  const job = {
    kind: "scan",
    format: "json",
    formats: { ...DEFAULT_FORMAT_OPTIONS, json },
    files,
    spillFolder: folder,
    gatherBelow,
    countsDigits: false,
    limits,
  } as const;
  return (await runJob(job)) as ScanJobResult;
}

test("small clean files are gathered while they are scanned, the others are left where they are", async (t) => {
  const folder = temporaryFolder(t);
  const damaged = gzipSync('{"a":6}\n');
  damaged.writeUInt32LE(1, damaged.length - 8);
  const contents = [
    '{"a":1}\n{"a":2}',
    '{"a":3}\n{"a":\n',
    '\uFEFF{"a":4}\n',
    "\n \n",
    gzipSync('{"a":5}\n'),
    damaged,
    '{"a":7}\n',
    `{"a":${" ".repeat(200)}8}\n`,
    "",
  ];
  const result = await scan(folder, contents, 200);
  const gathered = result.files.map((file) => file.gathered ?? false);
  assert.deepEqual(gathered, [true, false, false, false, false, false, true, false, false]);
  assert.equal(readFileSync(result.gathered!, "utf8"), '{"a":1}\n{"a":2}\n{"a":7}\n\n');
});

test("where nothing is to be gathered, no file is made", async (t) => {
  const folder = temporaryFolder(t);
  assert.equal((await scan(folder, ['{"a":1}\n', "x\n"], 0)).gathered, undefined);
  assert.equal((await scan(folder, ["x\n", ""], 100)).gathered, undefined);
});

test("files that are no lines become lines beside them, zipped or not, and a damaged one is an answer", async (t) => {
  const folder = temporaryFolder(t);
  const array = '[{"a":1},\n {"a":2.50}, 7]';
  const result = await scan(folder, [array, gzipSync(array), '[{"a":1},', '{"a":1}{"a":2}'], 200);
  const [plain, zipped, cut, joined] = result.files;
  assert.deepEqual(
    [plain, zipped].map((file) => [file!.records, file!.malformed, file!.isMade, file!.longest]),
    [
      [3, 1, true, 10],
      [3, 1, true, 10],
    ],
  );
  for (const { plainPath } of [plain!, zipped!])
    assert.deepEqual(readFileSync(plainPath!, "utf8").match(/[^\n]+/g), ['{"a":1}', '{"a":2.50}', "7"]);
  assert.match(cut!.damage!, /ends before its brackets close, at byte 9/);
  assert.deepEqual([joined!.records, joined!.gathered], [2, undefined]);
  assert.equal(result.gathered, undefined);
});

test("limits on records hold for elements: a long one is skipped, a deep one rejected", async (t) => {
  const folder = temporaryFolder(t);
  const long = `{"a":"${"x".repeat(limits.maxRecordBytes)}"}`;
  const deep = `{"a":${"[".repeat(30)}${"]".repeat(30)}}`;
  const result = await scan(folder, [`[${long},${deep},{"a":1}]`], 200);
  assert.deepEqual([result.files[0]!.records, result.files[0]!.malformed], [3, 2]);
});
