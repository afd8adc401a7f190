import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Schema } from "avsc";
import fc from "fast-check";
import { avroFile } from "../../test/support/avro-file.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { encodePathBytes } from "../base/path-bytes.ts";
import { convertRanges } from "./convert-ranges.ts";
import type { ConvertedFile, ConvertedRows } from "./scan/scan-jobs.ts";
import { scanPool } from "./scan/scan-pool.ts";

const LIMITS = {
  maxRecordBytes: 100_000,
  maxDepth: 10,
  maxColumns: 100,
  maxPaths: 1000,
  maxExpansion: 200,
  maxExpandedBytes: 1e9,
};
const SCHEMA = {
  type: "record",
  name: "R",
  fields: [
    { name: "id", type: "long" },
    { name: "text", type: "string" },
  ],
} as Schema;
/** Of the files that `avroFile` writes. */
const MARKER = "0123456789abcdef";

const pool = scanPool({ threads: 3 });
after(() => pool.close());

interface Conversions {
  readonly whole: ConvertedFile;
  readonly ranges: ConvertedFile | undefined;
}

/** The file by one thread and by three, with stretches of at least two bytes. */
async function convertBoth(folder: string, content: Buffer): Promise<Conversions> {
  const path = join(folder, "rows.avro");
  writeFileSync(path, content);
  const file = { rank: 0, key: "rows.avro", path: encodePathBytes(path), size: content.length };
  const job = { avroSchema: undefined, numbered: false, spillFolder: folder, limits: LIMITS };
  const [result] = await pool.run([{ kind: "convert", files: [file], ...job }]);
  if (result!.files[0]!.damage !== undefined) rmSync(join(folder, "0-0.ndjson"), { force: true });
  const context = { pool, signal: undefined, onProgress: undefined };
  return {
    whole: result!.files[0]!,
    ranges: await convertRanges(file, context, { ...job, rangeBytes: 2 }),
  };
}

/** What it says of the rows, with the lines themselves; the spill files go. */
function rowsOf({ paths, longest: _longest, ...rows }: ConvertedRows): object {
  const lines = paths.flatMap((path) => readFileSync(path, "utf8").split("\n").slice(0, -1));
  for (const path of paths) rmSync(path);
  return { ...rows, lines };
}

test("stretches of blocks say together what one reading of the whole file says", async (t) => {
  const folder = temporaryFolder(t);
  const rows = fc.array(fc.record({ id: fc.bigInt({ min: -9n, max: 9n ** 19n }), text: fc.string() }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(rows, { minLength: 1, maxLength: 30 }),
      fc.constantFrom("null", "deflate", "snappy", "zstandard"),
      async (blocks, codec) => {
        const { whole, ranges } = await convertBoth(folder, avroFile(SCHEMA, { rows: blocks, codec }));
        assert.ok(ranges !== undefined);
        const { parts, ...file } = ranges;
        const { parts: wanted, ...expected } = whole;
        assert.deepEqual(file, expected);
        assert.deepEqual(parts.map(rowsOf), wanted.map(rowsOf));
      },
    ),
    { numRuns: 50 },
  );
});

test("a file that holds its own marker among its values is read by one thread", async (t) => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ id: BigInt(i), text: `a ${MARKER} b`.repeat(9) }));
  const { whole, ranges } = await convertBoth(temporaryFolder(t), avroFile(SCHEMA, { rows: [rows] }));
  assert.equal(ranges, undefined);
  assert.equal(whole.parts[0]!.records, 40);
});

test("a damaged file is left to the reader of the whole, which says why, and no lines stay behind", async (t) => {
  const folder = temporaryFolder(t);
  const rows = Array.from({ length: 30 }, (_, i) => [{ id: BigInt(i), text: "x".repeat(50) }]);
  const good = avroFile(SCHEMA, { rows });
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flipped) => {
      const bad = Buffer.from(good);
      bad[at]! ^= flipped;
      const { whole, ranges } = await convertBoth(folder, bad);
      // A value may have become another: then both read that.
      assert.equal(ranges === undefined, whole.damage !== undefined, `${at}: ${whole.damage}`);
      if (ranges !== undefined) assert.deepEqual(ranges.parts.map(rowsOf), whole.parts.map(rowsOf));
      assert.deepEqual(readdirSync(folder), ["rows.avro"]);
    }),
    { numRuns: 100 },
  );
});
