import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { tarOf, zipOf } from "../../../test/support/archives.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { DEFAULT_FORMAT_OPTIONS } from "../../formats/format-options.ts";
import type { JsonOptions } from "../../formats/json-options.ts";
import { runJob } from "./run-job.ts";
import type { ScanJobResult, ScannedFile } from "./scan-jobs.ts";

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
  const gathered = result.files.map((file) => file.parts[0]?.gathered ?? false);
  assert.deepEqual(gathered, [true, false, false, false, true, false, true, false, false]);
  assert.equal(readFileSync(result.gathered!, "utf8"), '{"a":1}\n{"a":2}\n{"a":5}\n\n{"a":7}\n\n');
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
  const [plain, zipped, cut, joined] = result.files.map((file) => file.parts[0]);
  assert.deepEqual(
    [plain, zipped].map((file) => [file!.records, file!.malformed, file!.isMade, file!.longest]),
    [
      [3, 1, true, 10],
      [3, 1, true, 10],
    ],
  );
  for (const { plainPath } of [plain!, zipped!])
    assert.deepEqual(readFileSync(plainPath!, "utf8").match(/[^\n]+/g), ['{"a":1}', '{"a":2.50}', "7"]);
  assert.equal(cut, undefined);
  assert.match(result.files[2]!.damage!, /ends before its brackets close, at byte 9/);
  assert.deepEqual([joined!.records, joined!.gathered], [2, true]);
  assert.equal(readFileSync(result.gathered!, "utf8"), '{"a":1}\n{"a":2}\n\n');
});

test("limits on records hold for elements: a long one is skipped, a deep one rejected", async (t) => {
  const folder = temporaryFolder(t);
  const long = `{"a":"${"x".repeat(limits.maxRecordBytes)}"}`;
  const deep = `{"a":${"[".repeat(30)}${"]".repeat(30)}}`;
  const result = await scan(folder, [`[${long},${deep},{"a":1}]`], 200);
  assert.deepEqual([result.files[0]!.parts[0]!.records, result.files[0]!.parts[0]!.malformed], [3, 2]);
});

test("clean small members of an archive are gathered, one that is not is left beside them under the archive's rank", async (t) => {
  const folder = temporaryFolder(t);
  const members = [
    { name: "a.json", content: '{"a":1}\n' },
    { name: "b.json", content: '[{"a":2}]' },
    { name: "c.json", content: '{"a":3}\n7\n' },
    { name: "empty.json", content: "" },
  ];
  const result = await scan(folder, [zipOf(members)], 200);
  const [{ parts }] = result.files as [ScannedFile];
  assert.deepEqual(
    parts.map((part) => [part.member, part.records, part.malformed, part.gathered ?? false]),
    [
      ["a.json", 1, 0, true],
      ["b.json", 1, 0, true],
      ["c.json", 2, 1, false],
      ["empty.json", 0, 0, false],
    ],
  );
  assert.equal(readFileSync(result.gathered!, "utf8"), '{"a":1}\n\n{"a":2}\n\n');
  assert.equal(readFileSync(parts[2]!.plainPath!, "utf8"), '{"a":3}\n7\n');
});

test("members that were gathered are taken back with an archive that turns out damaged", async (t) => {
  const folder = temporaryFolder(t);
  const members = [
    { name: "a.json", content: '{"a":1}\n' },
    { name: "b.json", content: '{"a":2}\n', crc32: 1 },
  ];
  const result = await scan(folder, ['{"a":0}\n', zipOf(members), '{"a":3}\n'], 200);
  assert.match(result.files[1]!.damage!, /b\.json: its checksum is wrong/);
  assert.equal(readFileSync(result.gathered!, "utf8"), '{"a":0}\n\n{"a":3}\n\n');
});

test("members that are compressed are read like files that are; what they hold is no archive, and their growth counts", async (t) => {
  const folder = temporaryFolder(t);
  const rows = (n: number): string => `{"a":${n}}\n`.repeat(n);
  const nested = (content: Buffer): Buffer =>
    tarOf([
      { name: "a.json", content: rows(1) },
      { name: "b.gz", content },
    ]);
  const contents = [
    nested(gzipSync(rows(2))),
    zipOf([
      { name: "b.zst", content: zstdCompressSync(rows(3)) },
      { name: "c.json", content: rows(4) },
    ]),
    nested(gzipSync(tarOf([{ name: "x", content: rows(5) }]))),
    nested(gzipSync(rows(6)).subarray(0, -1)),
    nested(gzipSync(gzipSync(rows(7)))),
    nested(gzipSync(Buffer.alloc(2 * limits.maxExpandedBytes))),
  ];
  const { files } = await scan(folder, contents, 200);
  assert.deepEqual(
    files.map(({ parts }) => parts.map((part) => [part.member, part.records])),
    [
      [
        ["a.json", 1],
        ["b.gz", 2],
      ],
      [
        ["c.json", 4],
        ["b.zst", 3],
      ],
      [],
      [],
      [],
      [],
    ],
  );
  const reasons = [
    /b\.gz: .*archive in an archive/,
    /b\.gz: gzip: the file is truncated/,
    /b\.gz: .*packed twice/,
    /b\.gz: .*grows/,
  ];
  for (const [i, reason] of reasons.entries()) assert.match(files[i + 2]!.damage!, reason);
});
