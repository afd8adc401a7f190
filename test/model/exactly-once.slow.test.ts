/** The flow against everything that may befall it, on instances that take a while; the largest are for `explore.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkScenario } from "./check-scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

for (const scenario of SCENARIOS.filter(({ size }) => size === "medium")) {
  test(`every schedule of "${scenario.name}" ends exactly once`, async () => {
    const { cut, violation } = await checkScenario(scenario);
    const told = violation === undefined ? "holds" : [violation.what, ...violation.schedule].join("\n  ");
    assert.equal(told, "holds");
    assert.equal(cut, false);
  });
}
