import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../base/landfall-error.ts";
import {
  manifestOutcomes,
  parseDoneMark,
  parseManifest,
  serializeDoneMark,
  serializeManifest,
  type Manifest,
} from "./manifest.ts";

const ID = "01a1fe94-2094-7090-a25a-80926f9b2518";

function manifest(arrivals: Manifest["arrivals"]): Manifest {
  return {
    schemaVersion: 1,
    pipelineId: ID,
    pipeline: "p",
    number: 3,
    batchId: ID,
    stagedAt: "2026-01-01T00:00:00.000Z",
    arrivals,
    dataFiles: [{ path: "part-0.parquet", rows: 2, bytes: 100 }],
  };
}

const arrivals = fc.array(
  fc.record(
    {
      key: fc.string(),
      generation: fc.string(),
      size: fc.nat(),
      modifiedNs: fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
      outcome: fc.constantFrom("committed" as const, "quarantined" as const, "skipped" as const),
      reason: fc.string(),
      bytes: fc.nat(),
      crc32: fc.nat(),
      read: fc.nat(),
      written: fc.nat(),
      rescued: fc.nat(),
      rejected: fc.nat(),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 5 },
);

test("what is written is read, whatever the names", () => {
  fc.assert(
    fc.property(arrivals, (some) => {
      const { text, sha256 } = serializeManifest(manifest(some));
      const read = parseManifest(Buffer.from(text), { file: "f", number: 3, batchId: ID, sha256 });
      assert.deepEqual(read, manifest(some));
      assert.equal(manifestOutcomes(read).length, some.length);
    }),
  );
});

test("an edited manifest, another batch's, a damaged and a newer one are refused by name", () => {
  const { text, sha256 } = serializeManifest(manifest([]));
  const expected = { file: "the/file.json", number: 3, batchId: ID };
  const refused = (content: string, more: object, code: "STATE_CORRUPT" | "STATE_NEWER"): void =>
    assert.throws(
      () => parseManifest(Buffer.from(content), { ...expected, ...more }),
      (error) => isLandfallError(error, code) && error.message.includes("the/file.json"),
    );
  refused(text.replace('"rows":2', '"rows":3'), { sha256 }, "STATE_CORRUPT");
  refused(text, { number: 4 }, "STATE_CORRUPT");
  refused(text.slice(0, 40), {}, "STATE_CORRUPT");
  refused("[]", {}, "STATE_CORRUPT");
  refused(text.replace('"schemaVersion":1', '"schemaVersion":2'), {}, "STATE_NEWER");
});

test("a done mark is read back, and refused when it is damaged", () => {
  const mark = { number: 1, batchId: ID, version: 0, sha256: "x" };
  assert.deepEqual(parseDoneMark(Buffer.from(serializeDoneMark(mark)), "f"), { schemaVersion: 1, ...mark });
  assert.throws(
    () => parseDoneMark(Buffer.from("{}"), "f"),
    (error) => isLandfallError(error, "STATE_CORRUPT"),
  );
});
