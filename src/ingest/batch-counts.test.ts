import assert from "node:assert/strict";
import { test } from "node:test";
import { SAMPLE_ARRIVAL } from "../../test/support/sample-arrival.ts";
import { batchCounts, sumCounts } from "./batch-counts.ts";
import type { Manifest } from "./manifest.ts";

const PLAIN: Manifest = {
  schemaVersion: 1,
  pipelineId: "p",
  pipeline: "p",
  number: 1,
  batchId: "b",
  stagedAt: "2026-01-01T00:00:00.000Z",
  arrivals: [SAMPLE_ARRIVAL, { ...SAMPLE_ARRIVAL, key: "b.json" }],
  dataFiles: [],
};

const TRANSFORMED: Manifest = {
  ...PLAIN,
  transform: { rowsIn: 8, rowsOut: 20, rejected: 3, batchSchema: "" },
};

test("rows written are those that stand in the table, and rejected all that were set aside on the way", () => {
  const plain = batchCounts(PLAIN);
  assert.deepEqual([plain.rowsRead, plain.rowsWritten, plain.rowsRejected], [10, 8, 2]);
  assert.deepEqual([plain.rowsIntoTransform, plain.rowsOutOfTransform], [0, 0]);
  const transformed = batchCounts(TRANSFORMED);
  assert.deepEqual([transformed.rowsRead, transformed.rowsWritten, transformed.rowsRejected], [10, 17, 5]);
  assert.deepEqual([transformed.rowsIntoTransform, transformed.rowsOutOfTransform], [8, 20]);
});

test("several batches are summed, and none are nothing", () => {
  const { rowsWritten, files } = sumCounts([batchCounts(PLAIN), batchCounts(TRANSFORMED)]);
  assert.deepEqual([rowsWritten, files], [25, 4]);
  assert.equal(sumCounts([]).rowsWritten, 0);
});
