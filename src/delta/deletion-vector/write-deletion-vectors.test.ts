import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { corporaFolder, corporaMissing } from "../../../test/support/corpora.ts";
import { encodeVector } from "../../../test/support/encode-deletion-vector.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { memoryStorage } from "../../storage/memory-storage.ts";
import { listAll } from "../../storage/storage.ts";
import type { DeletionVectorDescriptor } from "../actions.ts";
import { encodeDeletedRows } from "./encode-deleted-rows.ts";
import { readDeletionVector } from "./read-deletion-vector.ts";
import { writeDeletionVectors } from "./write-deletion-vectors.ts";

function bitsOf(rows: readonly number[]): Uint8Array {
  const bits = new Uint8Array(Math.floor(Math.max(-1, ...rows) / 8) + 1);
  for (const row of rows) bits[row >> 3]! |= 128 >> (row & 7);
  return bits;
}

/** Rows in a few containers: some apart, some side by side, some so many that they are bits. */
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

/** What the format's words make of a container: runs where they are the smallest. */
function isRun(rows: readonly number[], key: number): boolean {
  const own = rows.filter((row) => row >> 16 === key);
  const runs = own.filter((row, i) => own[i - 1] !== row - 1).length;
  return 2 + 4 * runs < Math.min(2 * own.length, 8192);
}

test("vectors are written as another encoder writes them, and come back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(rowSets, { minLength: 1, maxLength: 3 }), async (sets) => {
      const storage = memoryStorage();
      const vectors = sets.map(bitsOf);
      const { descriptors, written } = await writeDeletionVectors({ storage, vectors, now: 1 });
      assert.deepEqual(
        (await listAll(storage)).map(({ key }) => key),
        written,
      );
      for (const [i, rows] of sets.entries()) {
        const kindOf = (key: number): "runs" | "plain" => (isRun(rows, key) ? "runs" : "plain");
        assert.deepEqual(encodeDeletedRows(vectors[i]!).data, encodeVector({ rows, kindOf }));
        const descriptor = descriptors[i]!;
        assert.equal(descriptor.cardinality, rows.length);
        assert.deepEqual(await readDeletionVector({ storage, descriptor }), vectors[i]);
      }
    }),
    { numRuns: 40 },
  );
});

test("zeros at the end change nothing, and no row is an empty bitmap", () => {
  const bits = bitsOf([3, 70_000]);
  const longer = new Uint8Array(60_000);
  longer.set(bits);
  assert.deepEqual(encodeDeletedRows(longer), encodeDeletedRows(bits));
  assert.deepEqual(encodeDeletedRows(new Uint8Array(9)), {
    data: encodeVector({ rows: [], kindOf: () => "plain" }),
    cardinality: 0,
  });
});

test("no vector is no file", async () => {
  const storage = memoryStorage();
  assert.deepEqual(await writeDeletionVectors({ storage, vectors: [], now: 1 }), {
    descriptors: [],
    written: [],
  });
  assert.deepEqual(await listAll(storage), []);
});

test("what Spark wrote is what is written of its rows", { skip: corporaMissing() }, async () => {
  const more = join(corporaFolder(), "delta/more");
  let same = 0;
  for (const table of [
    "delta-rs/table-with-dv-small",
    "kernel-java/basic-dv-no-checkpoint",
    "kernel-java/basic-dv-with-checkpoint",
  ]) {
    const storage = localStorage({ root: join(more, table) });
    for await (const { key } of storage.list({ prefix: "_delta_log/" })) {
      if (!/\/\d{20}\.json$/.test(key)) continue;
      for (const line of readFileSync(storage.localPath(key), "utf8").trim().split("\n")) {
        const { add } = JSON.parse(line) as { add?: { deletionVector?: DeletionVectorDescriptor } };
        const descriptor = add?.deletionVector;
        if (descriptor === undefined) continue;
        const files = new Map<string, Promise<Uint8Array>>();
        const bits = await readDeletionVector({ storage, descriptor, files });
        const { data, cardinality } = encodeDeletedRows(bits);
        assert.equal(cardinality, Number(descriptor.cardinality));
        for (const file of files.values()) {
          const from = descriptor.offset! + 4;
          const theirs = (await file).subarray(from, from + descriptor.sizeInBytes);
          assert.deepEqual(data, Buffer.from(theirs));
          same++;
        }
      }
    }
  }
  assert.ok(same >= 20, `${same} vectors`);
});
