import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { BATCHES_AHEAD } from "../engine-messages.ts";
import type { ColumnBatch } from "./column-batch.ts";
import { readFrames } from "./read-frames.ts";
import { scanSender } from "./scan-sender.ts";

/** Longer than anything here needs; nothing waits for a clock. */
async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await turn();
}

function batchesWithout(end: { made: number; left: boolean }): AsyncGenerator<ColumnBatch, void, void> {
  return (async function* () {
    try {
      for (;;) yield { rows: ++end.made, columns: [] };
    } finally {
      end.left = true;
    }
  })();
}

test("no more batches are sent, or made, than their reader takes, of each scan by itself", async () => {
  const pipe = new PassThrough();
  const seen = new Map<number, number[]>([
    [1, []],
    [2, []],
  ]);
  pipe.on(
    "data",
    readFrames((id, batch) => seen.get(id)!.push(batch.rows)),
  );
  const sender = scanSender(() => pipe);
  const abort = new AbortController();
  const sources = [1, 2].map((id) => ({ id, made: 0, left: false }));
  const scans = sources.map((source) =>
    sender.send(batchesWithout(source), { id: source.id, signal: abort.signal }),
  );
  const ends = Promise.allSettled(scans);
  await turns();
  assert.deepEqual(
    [...seen.values()],
    [
      [1, 2],
      [1, 2],
    ],
  );
  for (let i = 0; i < 3; i++) sender.more(1);
  await turns();
  assert.deepEqual(
    [...seen.values()],
    [
      [1, 2, 3, 4, 5],
      [1, 2],
    ],
  );
  // One is ready to be sent.
  assert.deepEqual(
    sources.map(({ made }) => made),
    [BATCHES_AHEAD + 4, BATCHES_AHEAD + 1],
  );
  abort.abort();
  for (const end of await ends) assert.equal(end.status, "rejected");
  assert.deepEqual(
    sources.map(({ left }) => left),
    [true, true],
  );
});

test("the answer to a scan tells how many batches were sent", async () => {
  const pipe = new PassThrough().resume();
  const sender = scanSender(() => pipe);
  const two: readonly ColumnBatch[] = [
    { rows: 1, columns: [] },
    { rows: 2, columns: [] },
  ];
  const batches = (async function* () {
    yield* two;
  })();
  assert.deepEqual(await sender.send(batches, { id: 1, signal: new AbortController().signal }), {
    batches: 2,
  });
});
