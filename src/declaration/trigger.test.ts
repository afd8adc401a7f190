import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTime, triggerShape } from "./trigger.ts";

test("a trigger is a word, a pace or the times of an expression", () => {
  assert.deepEqual(triggerShape.parse("continuous"), { kind: "continuous" });
  assert.deepEqual(triggerShape.parse({ every: "1 min 30 s" }), { kind: "every", milliseconds: 90_000 });
  assert.deepEqual(triggerShape.parse({ cron: "0 6 * * MON" }), {
    kind: "cron",
    expression: "0 6 * * MON",
    timeZone: "UTC",
  });
});

test("a cron expression's times are those of its zone, summer time and all", () => {
  const daily = { expression: "30 2 * * *", timeZone: "Europe/Berlin" };
  const times: string[] = [];
  // In the night to 29 March 2026 the clocks go from 2:00 to 3:00, and a time that is skipped comes at 3:00.
  let at = Date.parse("2026-03-27T12:00:00Z");
  for (let i = 0; i < 3; i++) {
    at = nextTime(daily, at)!;
    times.push(new Date(at).toISOString());
  }
  assert.deepEqual(times, [
    "2026-03-28T01:30:00.000Z",
    "2026-03-29T01:00:00.000Z",
    "2026-03-30T00:30:00.000Z",
  ]);
});
