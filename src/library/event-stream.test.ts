import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { IngestEvent } from "../ingest/events.ts";
import { eventStream } from "./event-stream.ts";

const note = (text: string): IngestEvent => ({ type: "note", text });
const progress = (seen: number): IngestEvent => ({ type: "listing.progress", seen });

test("every reader gets every event in its order, whenever it reads; of progress in a row at least the newest", async () => {
  const step = fc.oneof(
    fc.constant("read" as const),
    fc.constant("note" as const),
    fc.constant("progress" as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const stream = eventStream();
      const reader = stream.events[Symbol.asyncIterator]();
      const emitted: IngestEvent[] = [];
      const asked: Promise<IteratorResult<IngestEvent>>[] = [];
      for (const [i, what] of steps.entries()) {
        if (what === "read") asked.push(reader.next());
        else {
          const event = what === "note" ? note(String(i)) : progress(i);
          emitted.push(event);
          stream.emit(event);
        }
      }
      stream.close();
      for (;;) {
        const next = reader.next();
        asked.push(next);
        if ((await next).done === true) break;
      }
      const read = (await Promise.all(asked)).flatMap(({ done, value }) => (done === true ? [] : [value]));
      assert.deepEqual(
        read.filter((event) => event.type === "note"),
        emitted.filter((event) => event.type === "note"),
      );
      // Nothing is out of order, and the last of each row of progress is there.
      assert.deepEqual(
        read,
        emitted.filter((event) => read.includes(event)),
      );
      for (const [i, event] of emitted.entries())
        if (emitted[i + 1]?.type !== event.type) assert.ok(read.includes(event), `event ${i}`);
    }),
  );
});

test("who comes later hears what comes later, who leaves hears no more, and after the end there is nothing", async () => {
  const stream = eventStream();
  const first = stream.events[Symbol.asyncIterator]();
  stream.emit(note("a"));
  const second = stream.events[Symbol.asyncIterator]();
  stream.emit(note("b"));
  await first.return!();
  assert.deepEqual(await first.next(), { done: true, value: undefined });
  stream.close();
  assert.deepEqual(await second.next(), { done: false, value: note("b") });
  assert.equal((await second.next()).done, true);
  assert.equal((await stream.events[Symbol.asyncIterator]().next()).done, true);
});

test("room waits for a reader that is far behind, until it has read, left, or the signal says so", async () => {
  const stream = eventStream({ mostUnread: 1 });
  const never = new AbortController().signal;
  await stream.room(never);
  const reader = stream.events[Symbol.asyncIterator]();
  stream.emit(note("a"));
  await stream.room(never);
  stream.emit(note("b"));
  let made = false;
  const waits = stream.room(never).then(() => (made = true));
  await new Promise(setImmediate);
  assert.equal(made, false);
  await reader.next();
  await waits;
  stream.emit(note("c"));
  const stop = new AbortController();
  const stopped = stream.room(stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(stopped, /enough/);
  const left = stream.room(never);
  await reader.return!();
  await left;
});
