import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { corporaFolder, corporaMissing } from "../../../test/support/corpora.ts";
import { encodeShortZ85, encodeVector } from "../../../test/support/encode-deletion-vector.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { memoryStorage } from "../../storage/memory-storage.ts";
import type { DeletionVectorDescriptor } from "../actions.ts";
import { readDeletionVector } from "./read-deletion-vector.ts";
import { vectorFile } from "./write-deletion-vectors.ts";
import { encodeZ85 } from "./z85.ts";

const UUID = "d2c639aa-8816-431a-aaf6-d3fe2512ff61";
/** `UUID` as the protocol's example of a relative vector has it, behind the prefix `ab`. */
const NAMED = "ab^-aqEH.-t@S}K{vb[*k^";

function rowsOf(bits: Uint8Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < bits.length * 8; row++)
    if ((bits[row >> 3]! & (128 >> (row & 7))) !== 0) rows.push(row);
  return rows;
}

function inline(data: Buffer, cardinality: number, rust = false): DeletionVectorDescriptor {
  const sizeInBytes = data.length;
  return {
    storageType: "i",
    pathOrInlineDv: rust ? encodeShortZ85(data) : encodeZ85(data),
    sizeInBytes,
    cardinality,
  };
}

/** Rows in a few containers: some apart, some side by side, some many. */
const rowSets = fc
  .array(
    fc.record({
      start: fc.nat(400_000),
      length: fc.oneof(fc.constant(1), fc.nat(9_000)),
      step: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((pieces) => {
    const rows = pieces.flatMap(({ start, length, step }) =>
      Array.from({ length: length + 1 }, (_, i) => start + i * step),
    );
    return [...new Set(rows)].sort((a, b) => a - b);
  });

test("what another encoder wrote comes back, of all kinds of containers, inline and in files", async () => {
  await fc.assert(
    fc.asyncProperty(rowSets, fc.array(fc.boolean()), fc.boolean(), async (rows, runs, native) => {
      const data = encodeVector({
        rows,
        kindOf: (key) => (runs[key % 7] === true ? "runs" : "plain"),
        native,
      });
      const storage = memoryStorage();
      for (const rust of [false, true]) {
        const bits = await readDeletionVector({ storage, descriptor: inline(data, rows.length, rust) });
        assert.deepEqual(rowsOf(bits), rows);
        assert.equal(bits.length, Math.floor(rows.at(-1)! / 8) + 1);
      }
      const other = encodeVector({ rows: [3], kindOf: () => "plain" });
      const file = vectorFile([other, data, other]);
      await storage.put(`ab/deletion_vector_${UUID}.bin`, file.bytes);
      const descriptor = { storageType: "u", pathOrInlineDv: NAMED, offset: file.offsets[1]! };
      const cardinality = rows.length;
      const bits = await readDeletionVector({
        storage,
        descriptor: { ...descriptor, sizeInBytes: data.length, cardinality },
        rows: rows.at(-1)! + 1,
      });
      assert.deepEqual(rowsOf(bits), rows);
    }),
    { numRuns: 60 },
  );
});

test("no rows are deleted by an empty vector", async () => {
  const data = encodeVector({ rows: [], kindOf: () => "plain" });
  const bits = await readDeletionVector({ storage: memoryStorage(), descriptor: inline(data, 0) });
  assert.equal(bits.length, 0);
});

test("whatever byte of a vector's file is turned or missing, it is refused by name", async () => {
  const data = encodeVector({
    rows: [0, 5, 70_000, 70_001],
    kindOf: (key) => (key === 1 ? "runs" : "plain"),
  });
  const { bytes } = vectorFile([data]);
  const descriptor = {
    storageType: "u",
    pathOrInlineDv: NAMED,
    offset: 1,
    sizeInBytes: data.length,
    cardinality: 4,
  };
  const key = `ab/deletion_vector_${UUID}.bin`;
  const refusedAs = async (content: Buffer): Promise<void> => {
    const storage = memoryStorage();
    await storage.put(key, content);
    await assert.rejects(readDeletionVector({ storage, descriptor, file: "x.parquet" }), (error) => {
      assert.ok(isLandfallError(error, "TABLE_DATA_CORRUPT"), String(error));
      assert.ok(error.message.includes(key) && error.message.includes("x.parquet"), error.message);
      return true;
    });
  };
  for (let at = 0; at < bytes.length; at++) {
    const turned = Buffer.from(bytes);
    turned[at]! ^= 1 << (at % 8);
    await refusedAs(turned);
    await refusedAs(bytes.subarray(0, at));
  }
});

test("an inline vector of any bytes is refused or read, and never runs on", async () => {
  const whole = encodeVector({
    rows: [1, 2, 3, 9, 65_540, 200_000],
    kindOf: (key) => (key === 0 ? "runs" : "plain"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) }), { maxLength: 4 }),
      fc.nat(whole.length),
      async (turns, cut) => {
        const data = Buffer.from(whole.subarray(0, turns.length === 0 ? cut : whole.length));
        for (const { at, byte } of turns) data[at] = byte;
        try {
          const descriptor = inline(data, 6);
          const bits = await readDeletionVector({ storage: memoryStorage(), descriptor, rows: 1_000_000 });
          assert.equal(rowsOf(bits).length, 6);
        } catch (error) {
          assert.ok(isLandfallError(error, "TABLE_DATA_CORRUPT"), String(error));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("what the log says of a vector is held against it", async () => {
  const storage = memoryStorage();
  const data = encodeVector({ rows: [1, 9], kindOf: () => "plain" });
  const whole = inline(data, 2);
  const cases: readonly (readonly [DeletionVectorDescriptor, RegExp, number?])[] = [
    [{ ...whole, cardinality: 3 }, /deletes 2 rows; the log says 3/],
    [{ ...whole, sizeInBytes: data.length + 8 }, /does not hold \d+ bytes/],
    [{ ...whole, pathOrInlineDv: "a'b" }, /encoding Z85/],
    [whole, /deletes the row 9, and there are 9/, 9],
    [{ ...whole, storageType: "u", pathOrInlineDv: "short" }, /names no file/],
  ];
  for (const [descriptor, message, rows] of cases) {
    const bounds = rows === undefined ? {} : { rows };
    await assert.rejects(readDeletionVector({ storage, descriptor, ...bounds }), (error) => {
      assert.ok(isLandfallError(error, "TABLE_DATA_CORRUPT"), String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(readDeletionVector({ storage, descriptor: { ...whole, storageType: "q" } }), (error) =>
    isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED"),
  );
  await assert.rejects(
    readDeletionVector({ storage, descriptor: { ...whole, storageType: "u", pathOrInlineDv: NAMED } }),
    (error) => isLandfallError(error, "OBJECT_MISSING"),
  );
});

test("an absolute vector is read inside of the table, and outside only where that is allowed", async (t) => {
  const folder = temporaryFolder(t);
  const table = join(folder, "table");
  mkdirSync(table);
  const data = encodeVector({ rows: [4], kindOf: () => "plain" });
  const { bytes } = vectorFile([data]);
  for (const place of [join(table, "v 1.bin"), join(folder, "v 1.bin")]) writeFileSync(place, bytes);
  symlinkSync(join(folder, "v 1.bin"), join(table, "link.bin"));
  const storage = localStorage({ root: table });
  const read = (path: string, allowOutside: boolean): Promise<Uint8Array> =>
    readDeletionVector({
      storage,
      descriptor: {
        storageType: "p",
        pathOrInlineDv: pathToFileURL(path).href,
        offset: 1,
        sizeInBytes: data.length,
        cardinality: 1,
      },
      allowOutside,
    });
  assert.deepEqual(rowsOf(await read(join(table, "v 1.bin"), false)), [4]);
  for (const path of [join(folder, "v 1.bin"), join(table, "link.bin")]) {
    await assert.rejects(read(path, false), (error) => isLandfallError(error, "TABLE_FILE_OUTSIDE"), path);
    assert.deepEqual(rowsOf(await read(path, true)), [4]);
  }
});

test("every vector of the corpora is whole", { skip: corporaMissing() }, async () => {
  const more = join(corporaFolder(), "delta/more");
  let read = 0;
  const tables = [
    "delta-rs/table-with-dv-small",
    "kernel-java/basic-dv-no-checkpoint",
    "kernel-java/basic-dv-with-checkpoint",
    "kernel-rs-data/with-short-dv",
  ];
  for (const table of tables) {
    const storage = localStorage({ root: join(more, table) });
    for await (const { key } of storage.list({ prefix: "_delta_log/" })) {
      if (!/\/\d{20}\.json$/.test(key)) continue;
      for (const line of readFileSync(storage.localPath(key), "utf8").trim().split("\n")) {
        const { add } = JSON.parse(line) as {
          add?: { deletionVector?: DeletionVectorDescriptor; path: string };
        };
        if (add?.deletionVector === undefined) continue;
        const bits = await readDeletionVector({ storage, descriptor: add.deletionVector, file: add.path });
        assert.equal(rowsOf(bits).length, add.deletionVector.cardinality);
        read += 1;
      }
    }
  }
  assert.ok(read >= 20, `${read} vectors`);
});
