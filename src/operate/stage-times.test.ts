import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchCounts, IngestEvent, StageMilliseconds } from "../ingest/events.ts";
import { stageTimes } from "./stage-times.ts";

const COUNTS: BatchCounts = {
  files: 1,
  committed: 1,
  quarantined: 0,
  skipped: 0,
  rowsRead: 1,
  rowsWritten: 1,
  rowsRescued: 0,
  rowsIgnored: 0,
  rowsCorrupt: 0,
  rowsRejected: 0,
  rowsIntoTransform: 0,
  rowsOutOfTransform: 0,
  bytes: 1,
};

function committed(number: number, stages: StageMilliseconds): IngestEvent {
  return {
    type: "batch.committed",
    number,
    batchId: `b${number}`,
    version: number,
    counts: COUNTS,
    milliseconds: 9,
    stages,
  };
}

test("the stages of all batches add up, with listing and checkpoints beside them", () => {
  const times = stageTimes([
    { type: "listing.done", seen: 2, discovered: 2, waiting: 0, milliseconds: 4.06 },
    committed(1, { scan: 1.11, files: 2, commit: 3 }),
    committed(2, { scan: 1.12, done: 5 }),
    { type: "checkpoint.written", version: 2, milliseconds: 7 },
  ]);
  assert.deepEqual(times, {
    list: 4.1,
    plan: 0,
    engine: 0,
    scan: 2.2,
    prepare: 0,
    write: 0,
    files: 2,
    commit: 3,
    settle: 0,
    done: 5,
    checkpoint: 7,
  });
});

test("a run without batches has every stage at zero", () => {
  assert.ok(Object.values(stageTimes([])).every((milliseconds) => milliseconds === 0));
});
