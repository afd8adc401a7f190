import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { forwardErrors, forwardLines } from "./forward-lines.ts";

async function linesOf(...parts: readonly (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  forwardLines(stream, (line) => lines.push(line));
  for (const part of parts) stream.write(part);
  stream.end();
  await once(stream, "end");
  return lines;
}

test("lines are told whole, whatever parts they come in, the last one without its end too", async () => {
  assert.deepEqual(await linesOf("o", "ne\ntw", "o\n\nthr", "ee"), ["one", "two", "three"]);
  const bytes = Buffer.from("für\n");
  assert.deepEqual(await linesOf(bytes.subarray(0, 2), bytes.subarray(2)), ["für"]);
});

test("a line without end is told in parts, so that it fills no memory", async () => {
  const lines = await linesOf(...Array.from({ length: 50 }, () => "x".repeat(1000)));
  assert.ok(lines.length > 1 && lines.every((line) => line.length <= 11_001));
});

test("control characters are made visible", async () => {
  assert.deepEqual(await linesOf("\u001b[2Jgone\r\n"), ["\uFFFD[2Jgone\uFFFD"]);
});

test("what V8 says as memory ends is kept back, and what a module says of it is not", async () => {
  for (const [text, isOver, told] of [
    ["before\n\n<--- Last few GCs --->\n[1] Mark-Compact\nFATAL ERROR: x\n", true, ["before"]],
    ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\nstack\n", true, []],
    [
      "FATAL ERROR: no rates\nout of memory, I fear\n",
      false,
      ["FATAL ERROR: no rates", "out of memory, I fear"],
    ],
  ] as const) {
    const stream = new PassThrough();
    const lines: string[] = [];
    const seen = forwardErrors(stream, (line) => lines.push(line));
    stream.end(text);
    await once(stream, "end");
    assert.deepEqual([seen.outOfMemory, lines], [isOver, told]);
  }
});
