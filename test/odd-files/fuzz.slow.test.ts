/**
 * A thousand mutated files of each format, many to a batch: never a crash, never a batch that cannot be staged, and the counts always
 * close. LANDFALL_SEED repeats a run, LANDFALL_FUZZ_FILES says how many files.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Schema } from "avsc";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { childEngine } from "../../src/engine/child-engine.ts";
import { DEFAULT_FORMAT_OPTIONS, type FormatOptions } from "../../src/formats/format-options.ts";
import { seededRandom, type SeededRandom } from "../../src/operate/prove/seeded-random.ts";
import { avroFile } from "../support/avro-file.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";
import { stageRequest, writeFiles, type FileContents } from "../support/stage-files.ts";
import { ODD_FILES } from "./page.ts";
import type { OddFile } from "./odd-file.ts";

const FILES = Number(process.env["LANDFALL_FUZZ_FILES"] ?? 1000);
const BATCH = 50;
/** Larger ones say nothing more and take their time. */
const MOST_BYTES = 20_000;
const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);

const folder = mkdtempSync(join(tmpdir(), "landfall-fuzz-"));
const engine = childEngine({
  memoryBytes: 512 * 1024 ** 2,
  threads: 2,
  spillFolder: join(folder, "spill"),
  spillBytes: 1024 ** 3,
});
after(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const all = ODD_FILES.flatMap(([, files]) => files);
const formats = { ...DEFAULT_FORMAT_OPTIONS, xml: { ...DEFAULT_FORMAT_OPTIONS.xml, rowTag: "r" } };
const withCorruptColumn: FormatOptions = {
  ...formats,
  json: { ...formats.json, columnNameOfCorruptRecord: "broken" },
  csv: { ...formats.csv, columnNameOfCorruptRecord: "broken" },
};

for (const format of ["json", "csv", "xml", "text", "avro", "parquet", "binaryFile"] as const) {
  test(`${format}: ${FILES} mutated files, seed ${seed}: every batch is staged and its counts close`, async () => {
    const random = seededRandom(seed);
    const models = await modelsOf(format);
    for (let done = 0; done < FILES; done += BATCH) {
      const contents: Record<string, Buffer> = {};
      for (let i = 0; i < Math.min(BATCH, FILES - done); i++)
        contents[`f${done + i}`] = mutated(random.pick(models), random.pick(models), random);
      // Every other batch keeps what it cannot read as rows.
      const options = done % (2 * BATCH) === 0 ? formats : withCorruptColumn;
      await stageAll({ format, formats: options, contents, what: `batch from file ${done}` });
    }
  });
}

interface Batch {
  readonly format: OddFile["format"];
  readonly formats: FormatOptions;
  readonly contents: FileContents;
  readonly what: string;
}

/** By halves where the engine dies, as the flow does it: it may die over single files only. */
async function stageAll(batch: Batch): Promise<void> {
  try {
    await stageTogether(batch);
  } catch (error) {
    if (!isLandfallError(error, "ENGINE_DIED")) throw error;
    const files = Object.entries(batch.contents);
    if (files.length === 1) return;
    const half = Math.ceil(files.length / 2);
    await stageAll({ ...batch, contents: Object.fromEntries(files.slice(0, half)) });
    await stageAll({ ...batch, contents: Object.fromEntries(files.slice(half)) });
  }
}

async function stageTogether({ format, formats, contents, what }: Batch): Promise<void> {
  const own = mkdtempSync(join(folder, "batch-"));
  try {
    const files = writeFiles(own, contents);
    const result = await engine.stage(stageRequest(own, { format, files, formats }));
    assert.equal(result.files.length, files.length, what);
    for (const file of result.files) {
      assert.equal(file.read, file.written + file.rejected, `${what}: ${file.key}`);
      assert.equal(file.bytes, contents[file.key]!.length, `${what}: ${file.key}`);
    }
    const written = result.files.reduce((sum, file) => sum + file.written, 0);
    const rejected = result.files.reduce((sum, file) => sum + file.rejected, 0);
    assert.equal(
      result.dataFiles.reduce((sum, file) => sum + file.rows, 0),
      written,
      what,
    );
    assert.equal(result.rejects?.rows ?? 0, rejected, what);
    if (formats === withCorruptColumn && (format === "json" || format === "csv"))
      assert.equal(rejected, 0, what);
  } finally {
    rmSync(own, { recursive: true });
  }
}

/** Odd files of the format, and sound ones where those are of bytes that nobody writes by hand. */
async function modelsOf(format: OddFile["format"]): Promise<Buffer[]> {
  const own = all.filter((odd) => odd.format === format || format === "binaryFile");
  const models = own.map(({ content }) => Buffer.from(content)).filter(({ length }) => length <= MOST_BYTES);
  return [...models, ...(await soundFiles(format))];
}

async function soundFiles(format: OddFile["format"]): Promise<Buffer[]> {
  if (format === "avro") {
    const fields = [
      { name: "a", type: "long" },
      { name: "s", type: ["null", "string"] },
      { name: "l", type: { type: "array", items: "double" } },
    ];
    const row = { a: 7n, s: { string: "é" }, l: [1, 2.5] };
    return ["null", "deflate", "zstandard"].map((codec) =>
      avroFile({ type: "record", name: "r", fields } as Schema, { codec, rows: [[row, row], [row]] }),
    );
  }
  if (format !== "parquet") return [];
  return Promise.all(
    ["snappy", "zstd", "uncompressed"].map(async (codec) => {
      const path = join(folder, `${codec}.parquet`);
      const select = "SELECT i AS a, 'x' || i AS s, [i, NULL] AS l, {'m': i * 1.5} AS t FROM range(50) r(i)";
      await writeParquetFile(path, select, `COMPRESSION ${codec}`);
      return readFileSync(path);
    }),
  );
}

/** Up to eight changes: bytes flipped, cut, doubled, put in from another file. */
function mutated(model: Buffer, other: Buffer, random: SeededRandom): Buffer {
  let bytes = Buffer.from(model);
  for (let changes = random.below(8); changes >= 0; changes--) {
    const at = random.below(bytes.length + 1);
    const to = Math.min(bytes.length, at + random.below(40));
    const from = random.below(other.length + 1);
    const piece = other.subarray(from, from + random.below(40));
    switch (random.below(5)) {
      case 0:
        if (at < bytes.length) bytes[at] = bytes[at]! ^ (1 << random.below(8));
        break;
      case 1:
        bytes = bytes.subarray(0, at);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
  }
  return bytes;
}
