import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** Runs a script of a module in a process whose heap has so many megabytes, and answers the JSON that it prints. @throws AssertionError where the process fails */
export function inSmallHeap(options: {
  readonly megabytes: number;
  /** Gets its arguments as `process.argv.slice(1)`. */
  readonly script: string;
  readonly args: readonly string[];
}): unknown {
  const { megabytes, script, args } = options;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      `--max-old-space-size=${megabytes}`,
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "--eval",
      script,
      ...args,
    ],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}
