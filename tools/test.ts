/**
 * Runs the tests that need nothing but Node: `npm test` all of them, `npm test -- PATH…` some. Suites that need another
 * program (`*.spark.test.ts`, `*.judge.test.ts`, `*.strace.test.ts`) are named as skipped; `.ci/run` runs them.
 */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";

const NEEDS_OTHERS = /\.(spark|judge|strace|slow)\.test\.ts$/;
const asked = process.argv.slice(2);
const found = globSync(["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts"], {
  exclude: (name) => name === "node_modules",
}).sort();
const chosen = asked.length > 0 ? asked : found.filter((file) => !NEEDS_OTHERS.test(file));
if (asked.length === 0) {
  for (const file of found.filter((name) => NEEDS_OTHERS.test(name))) {
    console.log(`skipped here, needs another program or more time (run by .ci/run): ${file}`);
  }
}
const child = spawn(
  process.execPath,
  [
    "--disable-warning=ExperimentalWarning",
    "--test",
    "--test-timeout=240000",
    "--test-reporter=spec",
    ...chosen,
  ],
  { stdio: "inherit" },
);
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
