import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FAULT_STEPS, plannedKills } from "./fault-steps.ts";

/** Where writes to any table have their points, at which the crash tests of those writes kill: no pipeline passes them. */
const OF_WRITES = ["src/write/", "src/delta/deletion-vector/"];

/** Points as they stand in the code. */
function pointsInCode(): ReadonlySet<string> {
  const root = join(import.meta.dirname, "../../..");
  const files = globSync("src/**/*.ts", { cwd: root }).filter(
    (file) => !file.endsWith(".test.ts") && !OF_WRITES.some((place) => file.startsWith(place)),
  );
  return new Set(
    files.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/faultPoint\("([\w.]+)"\)/g)].map(
        (match) => match[1]!,
      ),
    ),
  );
}

test("every point that stands in the code is killed at, and every point of the table stands in the code", () => {
  const inTable = FAULT_STEPS.map(({ point }) => point);
  assert.deepEqual([...inTable].sort(), [...pointsInCode()].sort());
});

test("a recovery says which point the run before is killed at", () => {
  const points = new Set(FAULT_STEPS.map(({ point }) => point));
  for (const { point, phases, after } of FAULT_STEPS)
    assert.equal(phases.recovery !== undefined, after !== undefined && points.has(after), point);
});

test("each phase and target of a step is one kill, and a prefix keeps the steps that begin with it", () => {
  const kills = plannedKills({ only: "engine.started" });
  assert.equal(kills.length, 9);
  assert.deepEqual(new Set(kills.map(({ target }) => target)), new Set(["program", "engine", "both"]));
  assert.ok(plannedKills({ only: "stage." }).every(({ step }) => step.point.startsWith("stage.")));
  assert.deepEqual(plannedKills({ only: "no such step" }), []);
});

test("a declared pipeline is killed at its own points only, at the planned pass or else at the first", () => {
  const kills = plannedKills({ kind: "append" });
  assert.ok(kills.every(({ scratch }) => scratch === "append"));
  const points = new Set(kills.map(({ step }) => step.point));
  const others = FAULT_STEPS.filter(({ scratch }) => scratch !== undefined && scratch !== "append");
  assert.ok(others.length > 0 && others.every(({ point }) => !points.has(point)));
  assert.equal(points.size, FAULT_STEPS.length - others.length);
  const passesOf = (options: Parameters<typeof plannedKills>[0]): unknown =>
    plannedKills(options).map(({ phase, passes }) => [phase, passes]);
  assert.deepEqual(passesOf({ only: "plan.after", kind: "ignore" }), [
    ["first", [1]],
    ["later", [2, 1]],
    ["recovery", [1]],
  ]);
  assert.deepEqual(passesOf({ only: "plan.after" }), [
    ["first", [1]],
    ["later", [2]],
    ["recovery", [1]],
  ]);
});
