import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeGrowth, type Measure, type Sample } from "./judge-growth.ts";

const FLAT: Measure = { name: "m", unit: "bytes", bound: "flat", slack: 5 };

function samplesOf(values: readonly number[]): Sample[] {
  return values.map((m, i) => ({ seconds: i, landed: i * 10, values: { m } }));
}

test("a saw is flat, whatever its first half did", () => {
  const saw = Array.from({ length: 40 }, (_, i) => 100 + (i % 10));
  const growth = judgeGrowth(samplesOf([0, 20, 50, 90, ...saw]), FLAT)!;
  assert.deepEqual([growth.held, growth.first, growth.highest], [true, 0, 109]);
});

test("what rises by more than a tenth in the second half is not", () => {
  const rising = Array.from({ length: 40 }, (_, i) => 100 + i);
  assert.equal(judgeGrowth(samplesOf(rising), FLAT)!.held, false);
});

test("what is small may wobble within its slack", () => {
  const held = (slack: number): boolean =>
    judgeGrowth(samplesOf([10, 10, 10, 10, 11, 12, 13, 14]), { ...FLAT, slack })!.held;
  assert.deepEqual([held(5), held(1)], [true, false]);
});

test("what is remembered of every file is judged by the file", () => {
  const growth = judgeGrowth(samplesOf([0, 30, 60, 90, 120, 150]), { ...FLAT, bound: "perFile", slack: 4 })!;
  assert.deepEqual([growth.held, Math.round(growth.rise)], [true, 3]);
  assert.equal(
    judgeGrowth(samplesOf([0, 30, 60, 90, 120, 150]), { ...FLAT, bound: "perFile", slack: 2 })!.held,
    false,
  );
});

test("too few samples say nothing", () => {
  assert.equal(judgeGrowth(samplesOf([1, 2]), FLAT), undefined);
});
