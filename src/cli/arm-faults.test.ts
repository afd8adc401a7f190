import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../base/landfall-error.ts";
import { parseFaults, parseFoldAfter } from "./arm-faults.ts";

test("several points are armed, each with its count and action", () => {
  assert.deepEqual(
    parseFaults("stage.read:2,commit.after:1:both,plan.after:3:pause=/tmp/a b,engine.reads:1:poison=x=y"),
    [
      { point: "stage.read", nth: 2, action: { kind: "program" } },
      { point: "commit.after", nth: 1, action: { kind: "both" } },
      { point: "plan.after", nth: 3, action: { kind: "pause", file: "/tmp/a b" } },
      { point: "engine.reads", nth: 1, action: { kind: "poison", text: "x=y" } },
    ],
  );
});

for (const text of [
  "stage.read",
  "stage.read:x",
  ":1",
  "a:1:twice",
  "a:1:pause=",
  "a:1:poison=",
  "a:1,,b:1",
]) {
  test(`"${text}" arms nothing and is refused`, () => {
    assert.throws(
      () => parseFaults(text),
      (error) => isLandfallError(error, "USAGE"),
    );
  });
}

test("the number of batches that are folded is whole and above 0; unset or empty is as many as ever", () => {
  assert.deepEqual(["2", "1000", "", undefined].map(parseFoldAfter), [2, 1000, undefined, undefined]);
  for (const text of ["0", "-1", "1.5", "two", "1000000"]) {
    assert.throws(
      () => parseFoldAfter(text),
      (error) => isLandfallError(error, "USAGE"),
    );
  }
});
