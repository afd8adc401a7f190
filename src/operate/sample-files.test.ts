import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { StageFile } from "../engine/engine.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { sampleFiles } from "./sample-files.ts";

const LINES = Array.from({ length: 100 }, (_, i) => `{"id":${i}}\n`).join("");
const LIMITS = { files: 3, bytes: 200, wholeFileBytes: 10_000 };

function place(folder: string, key: string, content: string | Buffer): StageFile {
  writeFileSync(join(folder, key), content);
  return { key, path: join(folder, key), size: Buffer.byteLength(content) };
}

for (const [packed, pack] of [
  ["plain", (text: string) => Buffer.from(text)],
  ["gzip", (text: string) => gzipSync(text, { level: 0 })],
  [
    "zstd",
    (text: string) =>
      zstdCompressSync(
        text + Buffer.from(Array.from({ length: 400 }, (_, i) => (i * 7919) % 251)).toString("latin1"),
      ),
  ],
] as const) {
  test(`the beginning of a large file, ${packed}: whole records`, async (t) => {
    const folder = temporaryFolder(t);
    const file = place(folder, "a.json", pack(LINES));
    const sample = await sampleFiles({
      files: [file],
      format: "json",
      scratchFolder: folder,
      limits: LIMITS,
    });
    assert.deepEqual(sample.cut, ["a.json"]);
    const text = readFileSync(sample.files[0]!.path, "utf8");
    assert.ok(text.length > 0 && text.length <= 200 && LINES.startsWith(text) && text.endsWith("\n"));
    assert.equal(sample.files[0]!.size, text.length);
  });
}

test("small files whole, and no more than fit", async (t) => {
  const folder = temporaryFolder(t);
  const files = ["a", "b", "c", "d"].map((key) => place(folder, key, '{"id":1}\n'));
  const few = await sampleFiles({ files, format: "json", scratchFolder: folder, limits: LIMITS });
  assert.deepEqual(few.files, files.slice(0, 3));
  const small = await sampleFiles({
    files,
    format: "json",
    scratchFolder: folder,
    limits: { ...LIMITS, bytes: 20 },
  });
  assert.deepEqual([small.files, small.bytes], [files.slice(0, 2), 18]);
});

test("what cannot be cut is taken whole up to a size, and told beyond it", async (t) => {
  const folder = temporaryFolder(t);
  const huge = place(folder, "huge.parquet", Buffer.alloc(10_001));
  const large = place(folder, "large.parquet", Buffer.alloc(9000));
  const files = [huge, large];
  const sample = await sampleFiles({ files, format: "parquet", scratchFolder: folder, limits: LIMITS });
  assert.deepEqual([sample.files, sample.cut, sample.tooLarge], [[large], [], ["huge.parquet"]]);
});
