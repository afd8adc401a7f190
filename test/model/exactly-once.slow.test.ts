/**
 * The flow against everything that may befall it, on instances that take a while; the largest are for `explore.ts`. Some of them each time,
 * others the next: LANDFALL_SEED repeats a choice, LANDFALL_SCENARIOS=all takes them all.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../examples/generate/random.ts";
import { checkAside } from "./check-aside.ts";
import { SCENARIOS } from "./scenarios.ts";

const CHOSEN = 4;

const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
const random = seededRandom(seed);
const medium = SCENARIOS.filter(({ size }) => size === "medium")
  .map((scenario) => ({ scenario, rank: random.between(0, 1, 9) }))
  .sort((a, b) => a.rank - b.rank)
  .map(({ scenario }) => scenario);
const chosen = process.env["LANDFALL_SCENARIOS"] === "all" ? medium : medium.slice(0, CHOSEN);

test(`${chosen.length} of ${medium.length} scenarios, seed ${seed}`, async (t) => {
  for (const scenario of chosen)
    await t.test(`every schedule of "${scenario.name}" ends exactly once`, async () => {
      const { cut, violation } = await checkAside({ scenario: scenario.name });
      const told = violation === undefined ? "holds" : [violation.what, ...violation.schedule].join("\n  ");
      assert.equal(told, "holds");
      assert.equal(cut, false);
    });
});
