import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textShape } from "../../formats/text-options.ts";
import { textOfLine, TextLines } from "./text-lines.ts";

type Options = { readonly wholeText?: boolean; readonly lineSep?: string };

function made(content: Buffer, options: Options, chunk: number): Buffer {
  const pieces: Buffer[] = [];
  const write = (lines: Buffer): void => void pieces.push(Buffer.from(lines));
  const maker = new TextLines({ ...textShape.parse(options), write });
  for (let at = 0; at < content.length; at += chunk) {
    const fed = Buffer.from(content.subarray(at, at + chunk));
    maker.feed(fed);
    fed.fill(0x78);
  }
  maker.finish();
  return Buffer.concat(pieces);
}

/** The values, which must not depend on how the bytes were cut. */
function values(content: string, options: Options = {}): unknown[] {
  const all = [1, 2, 3, 7, 1_000_000].map((chunk) => made(Buffer.from(content), options, chunk).toString());
  assert.deepEqual(new Set(all).size, 1);
  return all[0]!
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { value: unknown }).value);
}

test("LF, CRLF and CR end lines; empty lines are rows and the end of the last is none", () => {
  assert.deepEqual(values("a\nb\r\nc\rd"), ["a", "b", "c", "d"]);
  assert.deepEqual(values("a\n\n\r\n\r\rb\n"), ["a", "", "", "", "", "b"]);
  assert.deepEqual(values("\r\n\n"), ["", ""]);
  assert.deepEqual(values(""), []);
  assert.deepEqual(values("\n"), [""]);
});

test("a separator of one's own is the only one", () => {
  assert.deepEqual(values("a||b|\n|c||", { lineSep: "||" }), ["a", "b|\n|c"]);
  assert.deepEqual(values("|||", { lineSep: "||" }), ["", "|"]);
  assert.deepEqual(values("x", { lineSep: "||" }), ["x"]);
  assert.deepEqual(values("|", { lineSep: "|" }), [""]);
  assert.deepEqual(values("aéb", { lineSep: "é" }), ["a", "b"]);
  assert.deepEqual(values("a\r\nb\n", { lineSep: "\\r\\n" }), ["a", "b\n"]);
});

test("a whole file is one row, even an empty one", () => {
  assert.deepEqual(values("a\r\nb\n", { wholeText: true }), ["a\r\nb\n"]);
  assert.deepEqual(values("", { wholeText: true }), [""]);
});

test("a byte order mark at the start is no text", () => {
  assert.deepEqual(values("\ufeffa\n\ufeffb"), ["a", "\ufeffb"]);
  assert.deepEqual(values("\ufeff"), []);
});

test("bytes that are no UTF-8 go on as they are", () => {
  assert.deepEqual(made(Buffer.from([0x61, 0xff]), {}, 1).toString("latin1"), '{"value":"a\xff"}\n');
});

test("a line's own bytes are found again in what was made of it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      const text = Buffer.from(bytes);
      const line = made(text, { wholeText: true }, 5);
      const isMarked = text.subarray(0, 3).equals(Buffer.from("\ufeff"));
      assert.deepEqual(textOfLine(line.subarray(0, -1)), isMarked ? text.subarray(3) : text);
    }),
  );
});

test("any text comes back", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (lines) => {
      const clean = lines.map((line) => line.replaceAll(/[\r\n\ufeff]/g, ""));
      assert.deepEqual(values(`${clean.join("\n")}\n`), clean);
    }),
  );
});
