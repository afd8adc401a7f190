import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { layOutStages, type LaidStage } from "./lay-out-stages.ts";

test("stages lie one after the other up to the end, those of staging inside of it", () => {
  const laid = layOutStages(
    { plan: 1, engine: 2, scan: 3, write: 4, files: 5, commit: 6, settle: 7, done: 8 },
    100,
  );
  const short = (stage: LaidStage): unknown => [
    stage.name,
    stage.at,
    stage.milliseconds,
    ...stage.parts.map(short),
  ];
  assert.deepEqual(laid.map(short), [
    ["plan", 64, 1],
    ["stage", 65, 14, ["engine", 65, 2], ["scan", 67, 3], ["write", 70, 4], ["files", 74, 5]],
    ["commit", 79, 6],
    ["settle", 85, 7],
    ["done", 92, 8],
  ]);
});

test("whatever their lengths, none overlaps another, and parts fill what they are part of", () => {
  const length = fc.option(fc.nat(100_000), { nil: undefined });
  const names = ["plan", "engine", "scan", "prepare", "write", "files", "commit", "settle", "done"];
  fc.assert(
    fc.property(
      fc.record(Object.fromEntries(names.map((name) => [name, length])), { requiredKeys: [] }),
      (stages) => {
        const known = Object.fromEntries(Object.entries(stages).filter(([, value]) => value !== undefined));
        const laid = layOutStages(known, 1_000_000);
        const last = laid.at(-1)!;
        assert.equal(last.at + last.milliseconds, 1_000_000);
        for (const [i, stage] of laid.entries()) {
          if (i > 0) assert.equal(stage.at, laid[i - 1]!.at + laid[i - 1]!.milliseconds);
          const inside = stage.parts.reduce((sum, part) => sum + part.milliseconds, 0);
          if (stage.parts.length > 0) assert.equal(inside, stage.milliseconds);
        }
      },
    ),
  );
});
