/** The flow broken on purpose: an exhaustive check that misses one of these proves nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkScenario } from "./check-scenario.ts";
import { MUTATIONS } from "./mutations.ts";
import { scenarioCalled } from "./scenarios.ts";

for (const mutation of MUTATIONS) {
  test(`broken on purpose: ${mutation.name}, and the check sees it`, async () => {
    const { violation } = await checkScenario(scenarioCalled(mutation.caughtBy), { mutation });
    assert.match(violation?.what ?? "holds", /I[1-7]: |stops with/);
  });
}
