import assert from "node:assert/strict";
import { test } from "node:test";
import { stopwatch } from "./stopwatch.ts";

test("each lap counts from the one before, and laps of one name add up", () => {
  const times = [100, 103, 110, 111];
  const watch = stopwatch<"read" | "write">(() => times.shift()!);
  assert.equal(watch.lap("read"), 3);
  assert.equal(watch.lap("write"), 7);
  assert.equal(watch.lap("read"), 1);
  assert.deepEqual(watch.laps, { read: 4, write: 7 });
});

test("a name without a lap is not there", () => {
  assert.deepEqual(stopwatch<"read">(() => 0).laps, {});
});
