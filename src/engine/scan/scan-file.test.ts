import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { crc32, gzipSync, zstdCompressSync } from "node:zlib";
import { isLandfallError } from "../../base/landfall-error.ts";
import { encodePathBytes } from "../../base/path-bytes.ts";
import { BZIP2_FILES } from "./bzip2-files.ts";
import { scanFile } from "./scan-file.ts";

const folder = mkdtempSync(join(tmpdir(), "landfall-scan-"));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string | Buffer, content: Buffer): string {
  const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
  writeFileSync(path, content);
  return encodePathBytes(path);
}

const lines = Buffer.from(
  Array.from({ length: 200_000 }, (_, i) => `{"id":${i},"name":"row ${i}"}\n`).join(""),
);

test("a file larger than a chunk: bytes, checksum and every record", async () => {
  const scanned = await scanFile({ path: fileOf("big.json", lines) });
  assert.deepEqual(
    [scanned.bytes, scanned.crc32, scanned.records, scanned.malformed.count, scanned.compression],
    [lines.length, crc32(lines), 200_000, 0, "none"],
  );
});

test("gzip is found by content, its checksum is that of the bytes on disk, its trie that of the plain file", async () => {
  const zipped = gzipSync(lines, { level: 1 });
  const plain = await scanFile({ path: fileOf("plain.json", lines) });
  const scanned = await scanFile({ path: fileOf("zipped.json", zipped) });
  assert.deepEqual(
    [scanned.bytes, scanned.crc32, scanned.inflatedBytes, scanned.compression],
    [zipped.length, crc32(zipped), lines.length, "gzip"],
  );
  assert.deepEqual(scanned.trie, plain.trie);
  assert.equal(scanned.records, plain.records);
});

test("a name says nothing about compression: zstd and bzip2 named .json are undone, plain bytes named .gz are read", async () => {
  const plain = await scanFile({ path: fileOf("plain.json.gz", lines) });
  assert.deepEqual([plain.records, plain.compression], [200_000, "none"]);
  const zstd = await scanFile({ path: fileOf("zstd.json", zstdCompressSync(lines)) });
  assert.deepEqual([zstd.records, zstd.inflatedBytes, zstd.compression], [200_000, lines.length, "zstd"]);
  assert.deepEqual(zstd.trie, plain.trie);
  const bzip2 = await scanFile({ path: fileOf("bzip2.json", BZIP2_FILES.rows.packed) });
  assert.deepEqual([bzip2.records, bzip2.compression], [200, "bzip2"]);
});

test("an empty file has no record", async () => {
  const scanned = await scanFile({ path: fileOf("empty.json", Buffer.alloc(0)) });
  assert.deepEqual([scanned.bytes, scanned.crc32, scanned.records], [0, 0, 0]);
});

test("a name that is no UTF-8 and one full of wildcards name their own file", async () => {
  const name = Buffer.from([0x77, 0xff, 0x25, 0x5b, 0x78, 0x5d, 0x2a, 0x3f]);
  assert.equal((await scanFile({ path: fileOf(name, Buffer.from("{}\n{}")) })).records, 2);
});

test("a missing file, a folder and a damaged gzip fail with their own codes and the file's name", async () => {
  const damaged = fileOf("damaged.gz", gzipSync(lines).subarray(0, 5000));
  const expected = [
    [encodePathBytes(`${folder}/none.json`), "OBJECT_MISSING"],
    [encodePathBytes(folder), "SOURCE_UNREADABLE"],
    [damaged, "FILE_DAMAGED"],
  ] as const;
  for (const [path, code] of expected) {
    await assert.rejects(
      scanFile({ path }),
      (error) => isLandfallError(error, code) && error.subject.file?.startsWith(folder) === true,
    );
  }
});

test("an aborted signal stops the scan with its reason", async () => {
  const reason = new Error("stop");
  const path = fileOf("stopped.json", lines);
  await assert.rejects(scanFile({ path, signal: AbortSignal.abort(reason) }), reason);
});
