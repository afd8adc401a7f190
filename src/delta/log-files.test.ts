import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatLogFileName, parseLogFileName, type LogFile } from "./log-files.ts";

test("each kind of log file is known by its name", () => {
  const names: Record<string, LogFile> = {
    "00000000000000000012.json": { kind: "commit", version: 12 },
    "00000000000000000010.checkpoint.parquet": { kind: "checkpoint", version: 10 },
    "00000000000000000010.checkpoint.0000000001.0000000003.parquet": {
      kind: "multiPartCheckpoint",
      version: 10,
      part: 1,
      parts: 3,
    },
    "00000000000000000010.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json": {
      kind: "uuidCheckpoint",
      version: 10,
      uuid: "80a083e8-7026-4e79-81be-64bd76c43a11",
      format: "json",
    },
    "00000000000000000004.00000000000000000006.compacted.json": { kind: "compaction", from: 4, to: 6 },
    "00000000000000000012.crc": { kind: "checksum", version: 12 },
    _last_checkpoint: { kind: "lastCheckpoint" },
  };
  for (const [name, file] of Object.entries(names)) {
    assert.deepEqual(parseLogFileName(name), file);
    assert.equal(formatLogFileName(file), name);
  }
});

test("temporary files, Hadoop's siblings, other folders and short numbers are not taken for log files", () => {
  for (const name of [
    ".00000000000000000001.json.crc",
    "00000000000000000001.json.tmp",
    "1.json",
    "000000000000000000001.json",
    "_sidecars/x.parquet",
    "_staged_commits/00000000000000000001.80a083e8.json",
    "99999999999999999999.json",
    "",
  ]) {
    assert.equal(parseLogFileName(name), undefined, name);
  }
});

test("commits sort by version as text", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (left, right) => {
      const name = (version: number): string => formatLogFileName({ kind: "commit", version });
      assert.equal(name(left) < name(right), left < right);
      assert.deepEqual(parseLogFileName(name(left)), { kind: "commit", version: left });
    }),
  );
});
