/** By hand: `node test/model/explore.ts all`, or the words of some scenarios' names. Prints states, and the schedule of a violation. */
import process from "node:process";
import { checkScenario } from "./check-scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

const asked = process.argv.slice(2);
const chosen = SCENARIOS.filter(
  ({ name }) => asked[0] === "all" || asked.some((word) => name.includes(word)),
);
let total = 0;
for (const scenario of chosen) {
  const begun = performance.now();
  const { states, local, cut, violation } = await checkScenario(scenario);
  total += states;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const verdict = violation === undefined ? (cut ? "CUT OFF" : "holds") : `VIOLATED  ${violation.what}`;
  console.log(
    `${scenario.name.padEnd(36)} ${String(states).padStart(8)} states ${String(local).padStart(8)} local ${seconds.padStart(6)} s  ${verdict}`,
  );
  for (const step of violation?.schedule ?? []) console.log(`      ${step}`);
  if (violation !== undefined) process.exitCode = 1;
}
console.log(`${total} states in ${chosen.length} scenarios`);
