/**
 * The flow against everything that may befall it, on the smallest instances; `exactly-once.slow.test.ts` and `explore.ts` go on
 * with larger ones, `mutations.slow.test.ts` breaks the flow to see that it is noticed. Not modelled: archive (and the folding of what it
 * vacated), decisions other than the baseline, halving, checkpoints, events, the first run's race for pipeline.json, and a
 * name that gets its former generation back while a batch is read.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAside } from "./check-aside.ts";
import type { CheckResult } from "./check-scenario.ts";
import { MUTATIONS } from "./mutations.ts";
import { SCENARIOS } from "./scenarios.ts";

const told = ({ violation }: CheckResult): string =>
  violation === undefined ? "holds" : [violation.what, ...violation.schedule].join("\n  ");

for (const scenario of SCENARIOS.filter(({ size }) => size === "small")) {
  test(`every schedule of "${scenario.name}" ends exactly once`, async () => {
    const result = await checkAside({ scenario: scenario.name });
    assert.equal(told(result), "holds");
    assert.equal(result.cut, false);
    // A run alone is more than that: fewer would mean that nothing was tried.
    assert.ok(result.states > 30, `${result.states} states`);
  });
}

test("a violation comes with a shortest schedule, in words", async () => {
  const mutation = MUTATIONS.find(({ name }) => name === "what is gone stays gone")!;
  const { violation } = await checkAside({ scenario: mutation.caughtBy, mutation: mutation.name });
  const faults = violation!.schedule.filter((step) => step.startsWith("! "));
  assert.deepEqual(faults, ["! the file a vanishes", "! the file a appears as a.0"]);
});

test("two explorations of one scenario find the same states", async () => {
  const asked = { scenario: "vanish and return" };
  assert.deepEqual(await checkAside(asked), await checkAside(asked));
});

test("an exploration that is cut off says so", async () => {
  const { cut, violation } = await checkAside({ scenario: "quarantine", maxStates: 50 });
  assert.equal(cut, true);
  assert.equal(violation, undefined);
});
