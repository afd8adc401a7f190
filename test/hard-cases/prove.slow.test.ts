/** `landfall prove` as a person runs it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runLandfall } from "../support/run-landfall.ts";

test("every named point and thirty random kills leave every row once and every file in its place", async () => {
  const result = await runLandfall(["prove", "--kills", "30"]);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  assert.match(
    result.stdout,
    /held: every row once, every file in its place \(\d+ kills, 30 of them at random/,
  );
});

test("a step that does not exist is refused with the names of those that do", async () => {
  const result = await runLandfall(["prove", "--only", "no.such.point"]);
  assert.equal(result.code, 2, result.stdout);
  assert.match(result.stderr, /error USAGE .*no\.such\.point/);
});
