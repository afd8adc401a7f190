/**
 * By hand: `node --max-old-space-size=12000 test/model/explore.ts all`, `… mutations`, or the words of some scenarios' names. Prints the states of each
 * scenario, and the schedule of a violation.
 */
import process from "node:process";
import { checkScenario, type CheckResult } from "./check-scenario.ts";
import { MUTATIONS } from "./mutations.ts";
import type { Mutation, Scenario } from "./scenario.ts";
import { scenarioCalled, SCENARIOS } from "./scenarios.ts";

async function show(name: string, scenario: Scenario, mutation?: Mutation): Promise<CheckResult> {
  const begun = performance.now();
  const result = await checkScenario(scenario, mutation === undefined ? {} : { mutation });
  const { states, local, cut, violation } = result;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const verdict = violation === undefined ? (cut ? "CUT OFF" : "holds") : `VIOLATED  ${violation.what}`;
  const counts = `${String(states).padStart(8)} states ${String(local).padStart(8)} local ${seconds.padStart(6)} s`;
  console.log(`${name.padEnd(60)}${counts}  ${verdict}`);
  for (const step of violation?.schedule ?? []) console.log(`      ${step}`);
  return result;
}

const asked = process.argv.slice(2);
let total = 0;
if (asked[0] === "mutations") {
  for (const mutation of MUTATIONS) {
    const { violation, states } = await show(mutation.name, scenarioCalled(mutation.caughtBy), mutation);
    total += states;
    if (violation === undefined) process.exitCode = 1;
  }
} else {
  const isAsked = ({ name }: Scenario): boolean =>
    asked[0] === "all" || asked.some((word) => name.includes(word));
  for (const scenario of SCENARIOS.filter(isAsked)) {
    const { violation, states } = await show(scenario.name, scenario);
    total += states;
    if (violation !== undefined) process.exitCode = 1;
  }
}
console.log(`${total} states`);
