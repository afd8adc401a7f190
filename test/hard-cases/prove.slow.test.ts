/** `landfall prove` as a person runs it; the whole of it is a step of its own in .ci/run. */
import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("one step is killed in every phase and heals, and the verdict says so", async () => {
  const result = await runLandfall(["prove", "--only", "settle.after", "--seed", "11", "--json"]);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  const document = JSON.parse(result.stdout) as {
    steps: unknown;
    faults: unknown;
    held: boolean;
    seed: number;
  };
  assert.deepEqual(document.steps, [{ step: "settle.after", kills: 3 }]);
  assert.deepEqual([document.faults, document.held, document.seed], [[], true, 11]);
});

test("a step that does not exist is refused with the names of those that do", async () => {
  const result = await runLandfall(["prove", "--only", "no.such.point"]);
  assert.equal(result.code, 2, result.stdout);
  assert.match(result.stderr, /error USAGE .*no\.such\.point[^]*settle\.after/);
});

test("a folder that holds something is not kept into", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "mine"), "");
  const result = await runLandfall(["prove", "--only", "settle.after", "--keep", folder]);
  assert.equal(result.code, 2, result.stdout);
  assert.match(result.stderr, /error USAGE .*is not empty/);
  assert.deepEqual(readdirSync(folder), ["mine"]);
});
