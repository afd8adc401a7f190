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

test("of each step as many kills as are asked for", async () => {
  const result = await runLandfall(["prove", "--only", "commit.", "--per-point", "1", "--json"]);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  const { steps } = JSON.parse(result.stdout) as { steps: readonly { step: string; kills: number }[] };
  assert.ok(steps.length > 2 && steps.every(({ kills }) => kills === 1), JSON.stringify(steps));
  const none = await runLandfall(["prove", "--per-point", "0"]);
  assert.deepEqual([none.code, /error USAGE/.test(none.stderr)], [2, true]);
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

const DECLARED = {
  "JSON, appended, with hints and partitions": `
source: { location: not-there/*.json, onOverwrite: append }
schema: { hints: "at TIMESTAMP, n INT, s.b DECIMAL(10,2), tags ARRAY<STRING>" }
table: { location: not-there-either, partitionBy: [region] }
`,
  "CSV with explicit columns and small batches, without folders": `
source: { location: not-there, format: csv, recursiveFileLookup: false }
schema: { columns: "name STRING, d DATE, amount DECIMAL(10,2), n INT, more STRUCT<a: INT>" }
table: { location: not-there-either, partitionBy: [d] }
limits: { maxFilesPerTrigger: 2 }
`,
};

for (const [what, text] of Object.entries(DECLARED)) {
  test(`a declared pipeline (${what}) is killed and heals on scratch data; its own places stay untouched`, async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, "pipeline.yaml");
    writeFileSync(file, text);
    const result = await runLandfall(["prove", file, "--only", "discover.", "--seed", "7", "--json"]);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    const { steps, faults } = JSON.parse(result.stdout) as { steps: unknown; faults: unknown };
    assert.deepEqual(faults, []);
    assert.deepEqual(steps, [
      { step: "(nobody kills it)", kills: 0 },
      { step: "discover.observed", kills: 3 },
    ]);
    assert.deepEqual(readdirSync(folder), ["pipeline.yaml"]);
  });
}

test("columns that get wider types: killed at each step of staging and committing, every row is there once", async (t) => {
  const file = join(temporaryFolder(t), "pipeline.yaml");
  writeFileSync(
    file,
    `
source: { location: not-there/*.json }
schema: { hints: "a INT, n TINYINT, i INT, f FLOAT", evolutionMode: addNewColumnsWithTypeWidening }
table: { location: not-there-either }
`,
  );
  for (const step of ["stage.", "commit."]) {
    const result = await runLandfall([
      "prove",
      file,
      "--only",
      step,
      "--per-point",
      "1",
      "--seed",
      "3",
      "--json",
    ]);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    const { steps, faults } = JSON.parse(result.stdout) as {
      steps: readonly { kills: number }[];
      faults: unknown;
    };
    assert.deepEqual(faults, []);
    assert.ok(steps.filter(({ kills }) => kills > 0).length > 2, JSON.stringify(steps));
  }
});

test("a declaration that no scratch data can be made for is refused by name, before anything runs", async (t) => {
  const file = join(temporaryFolder(t), "pipeline.yaml");
  writeFileSync(file, "{ source: { location: in, format: parquet }, table: { location: t } }");
  const result = await runLandfall(["prove", file]);
  assert.equal(result.code, 2, result.stdout);
  assert.match(result.stderr, /error PROVE_UNSUITED .*source\.format: parquet/);
});
