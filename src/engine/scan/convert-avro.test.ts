import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Schema } from "avsc";
import fc from "fast-check";
import { avroContainer, avroFile, varint } from "../../../test/support/avro-file.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import { convertAvro } from "./convert-avro.ts";

const LIMITS = {
  maxRecordBytes: 1024 ** 2,
  maxDepth: 100,
  maxColumns: 1000,
  maxPaths: 1000,
  maxExpansion: 200,
  maxExpandedBytes: 1024 ** 3,
};

/** Converts files one after the other; the lines of each, or why it has none. */
function converter(t: Pick<TestContext, "after">): (content: Buffer) => Promise<readonly string[] | string> {
  const folder = temporaryFolder(t);
  const path = join(folder, "in.avro");
  return async (content) => {
    writeFileSync(path, content);
    try {
      const file = { rank: 0, key: "in.avro", path, size: content.length };
      const job = {
        kind: "convert",
        files: [file],
        numbered: false,
        avroSchema: undefined,
        spillFolder: folder,
        limits: LIMITS,
      } as const;
      const [rows] = (await convertAvro({ job, file, onBytes: undefined })).parts;
      return rows!.paths.flatMap((lines) => readFileSync(lines, "utf8").split("\n").slice(0, -1));
    } catch (error) {
      assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
      return error.message;
    } finally {
      rmSync(join(folder, "0-0.ndjson"), { force: true });
    }
  };
}

const SCHEMA = {
  type: "record",
  name: "R",
  fields: [
    { name: "l", type: "long" },
    { name: "s", type: ["null", "string"] },
    { name: "a", type: { type: "array", items: { type: "map", values: "double" } } },
    { name: "n", type: ["null"] },
    { name: "e", type: { type: "enum", name: "E", symbols: ["x", "y"] } },
  ],
} as Schema;

const ROW = fc.record({
  l: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  s: fc.option(fc.string({ unit: "grapheme" }).map((string) => ({ string }))),
  a: fc.array(
    fc.dictionary(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), { maxKeys: 3 }),
    {
      maxLength: 3,
    },
  ),
  n: fc.constant(null),
  e: fc.constantFrom("x", "y"),
});

test("every row comes back, however rows are cut into blocks and packed", async (t) => {
  const convert = converter(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(ROW, { maxLength: 4 }), { maxLength: 4 }),
      fc.constantFrom("null", "deflate", "snappy", "zstandard"),
      async (rows, codec) => {
        const lines = await convert(avroFile(SCHEMA, { rows, codec }));
        const wanted = rows.flat().map(({ l, s, a, e }) => [String(l), s?.string ?? null, a.map(entries), e]);
        assert.ok(typeof lines !== "string", String(lines));
        const found = lines.map((line) => {
          const text = line.replace(/^\{"l":(-?\d+)/, '{"l":"$1"');
          const row = JSON.parse(text) as Record<string, unknown>;
          return [row["l"], row["s"], (row["a"] as object[]).map(entries), row["e"]];
        });
        assert.deepEqual(found, wanted);
      },
    ),
    { numRuns: 60 },
  );
});

function entries(map: object): unknown[] {
  return Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1));
}

test("a damaged file is read or refused with a reason, and never more than that", async (t) => {
  const convert = converter(t);
  const rows = fc.sample(fc.array(ROW, { minLength: 3, maxLength: 3 }), { numRuns: 2, seed: 5 });
  const good = avroFile(SCHEMA, { rows });
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), async (at, byte, cut) => {
      const bad = Buffer.from(good.subarray(0, Math.max(1, cut)));
      if (at < bad.length) bad[at] = byte;
      const found = await convert(bad);
      if (typeof found === "string") assert.match(found, /^Avro: /);
    }),
    { numRuns: 300 },
  );
});

test("schemas that are deep, wide or share their records many times over are refused, not compiled", async (t) => {
  const convert = converter(t);
  const deep = "x".repeat(20_000).replaceAll("x", '{"type":"array","items":');
  const open = `{"type":"record","name":"R","fields":[{"name":"a","type":${deep}"int"${"}".repeat(20_000)}}]}`;
  assert.match(String(await convert(avroContainer(open, { blocks: [] }))), /^Avro: its schema/);
  // Each record holds the next twice: 2^40 columns in a few lines.
  let inner = '"int"';
  for (let i = 0; i < 40; i++)
    inner = `{"type":"record","name":"R${i}","fields":[{"name":"a","type":${inner}},{"name":"b","type":${i === 0 ? '"int"' : `"R${i - 1}"`}}]}`;
  assert.match(String(await convert(avroContainer(inner, { blocks: [] }))), /maxColumns/);
});

test("the parts of an array may say their bytes, and a header may come in any pieces", async (t) => {
  const convert = converter(t);
  const schema = '{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":"int"}}]}';
  const data = Buffer.concat([varint(-2), varint(2), varint(1), varint(2), varint(1), varint(3), varint(0)]);
  assert.deepEqual(await convert(avroContainer(schema, { blocks: [{ records: 1, data }] })), [
    '{"a":[1,2,3]}',
  ]);
});
