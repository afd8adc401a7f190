import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { nullableField, type DataType } from "../../schema/data-type.ts";
import { fitsDouble } from "../../schema/decimal-value.ts";
import { compileTarget, type TargetNode } from "../../schema/fit.ts";
import { VALUE_CLASS } from "../../schema/value-class.ts";
import { JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";
import { CELL, HEADER, NODE_CELLS } from "./memory-layout.ts";
import { PathTable } from "./path-table.ts";
import { randomRow, seededRandom } from "./random-lines.ts";
import { recordPlaces } from "./record-list.ts";
import { RecordScanner } from "./record-scanner.ts";
import { openWasmScanner, type WasmScanner } from "./wasm-scanner.ts";

function scan(file: Buffer, options: JsonScanOptions): JsonScan {
  const scanner = new JsonScanner(options);
  scanner.feed(file);
  return scanner.finish();
}

function assertSameScan(file: Buffer, options: JsonScanOptions = {}): JsonScan {
  const expected = scan(file, { ...options, wasmFromBytes: Infinity });
  assert.deepEqual(scan(file, { ...options, wasmFromBytes: 0 }), expected);
  return expected;
}

function targetOf(name: string, type: DataType): TargetNode {
  return compileTarget({ schema: { type: "struct", fields: [nullableField(name, type)] } });
}

function wasmScanner(): WasmScanner {
  const wasm = openWasmScanner();
  assert.ok(wasm, "this machine runs WebAssembly with SIMD");
  return wasm;
}

/** The lines, by number, that the module leaves to the record scanner, which learns from them. */
function unsettledLines(lines: readonly string[]): number[] {
  const file = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  const table = new PathTable({ maxPaths: 1000, target: undefined });
  const scanner = new RecordScanner({ table, maxDepth: 5 });
  const wasm = wasmScanner();
  wasm.attach({ table, maxDepth: 5, maxRecordBytes: 1000 });
  assert.equal(wasm.load(file, 0, file.length), file.length);
  const unsettled: number[] = [];
  for (let line = 0; line < file.length;) {
    if (wasm.scan(line) === "done") break;
    unsettled.push(file.subarray(0, wasm.at).filter((byte) => byte === 10).length);
    scanner.scan(file, wasm.at, 0);
    line = file.indexOf(10, wasm.at) + 1;
  }
  wasm.detach();
  return unsettled;
}

test("rows like those before them are settled without the record scanner, escapes and long numbers included", () => {
  const row = (n: number, text: string): string =>
    `{"id":${n},"at":"2024-01-0${n}T03:04:05.123Z","text":"${text}","in":{"a":[1,2],"b":{}},"f":0.13436424411240122,"x":null}`;
  const lines = [
    row(1, "é"),
    row(2, "a\\nb \\ud83d\\ude00"),
    row(3, ""),
    ` ${row(4, "x".repeat(100))}\r`,
    "",
  ];
  assert.deepEqual(unsettledLines(lines), [0]);
});

for (const [name, line] of [
  ["a new key", '{"b":1}'],
  ["a new class", '{"a":"x"}'],
  ["more digits than before", '{"a":10}'],
  ["a key twice", '{"a":1,"a":1}'],
  ["an escaped key", '{"\\u0061":1}'],
  ["a malformed record", '{"a":1'],
  ["a record beyond the limit of bytes", `{"a":${" ".repeat(1000)}1}`],
] as const) {
  test(`${name} is left to the record scanner, and its neighbours are settled`, () => {
    assert.deepEqual(unsettledLines(['{"a":1}', '{"a":2}', line, '{"a":3}']), [0, 2]);
  });
}

test("the module's source has the numbers of the memory's layout and of the classes", () => {
  const source = readFileSync(new URL("./wasm/layout.as.ts", import.meta.url), "utf8");
  const constants = new Map(
    [...source.matchAll(/^export const (\w+): (?:usize|i32) = (1 << )?(\d+);$/gm)].map(
      ([, name, shift, digits]) => [name!, shift === undefined ? Number(digits) : 1 << Number(digits)],
    ),
  );
  const expect = (name: string, value: number): void => {
    if (constants.has(name)) assert.equal(constants.get(name), value, name);
  };
  for (const [name, index] of Object.entries(HEADER)) assert.equal(constants.get(name), index * 4, name);
  for (const [name, index] of Object.entries(CELL)) expect(name, index * 4);
  for (const [name, bit] of Object.entries(VALUE_CLASS)) expect(name, bit);
  assert.equal(constants.get("NODE_BYTES"), NODE_CELLS * 4);
  assert.equal(constants.get("OVERFLOW"), NODE_CELLS);
});

test("files scanned in turns do not see each other, nor what the instance held before", () => {
  const files = ["a", "b", "c"].map((key) =>
    Buffer.from(Array.from({ length: 50 }, (_, i) => `{"${key}":${i},"${key}${i % 7}":"x"}\n`).join("")),
  );
  for (let round = 0; round < 3; round++) {
    const scanners = files.map((file) => ({ file, scanner: new JsonScanner({ wasmFromBytes: 0 }) }));
    for (let at = 0; at < 1000; at += 100) {
      for (const { file, scanner } of scanners) scanner.feed(file.subarray(at, at + 100));
    }
    for (const { file, scanner } of scanners) {
      scanner.feed(file.subarray(1000));
      assert.deepEqual(scanner.finish(), scan(file, { wasmFromBytes: Infinity }));
    }
  }
});

test("more bytes than a block, among them records longer than one, scan the same", () => {
  const random = seededRandom(5);
  const parts: Buffer[] = [];
  for (let i = 0; i < 4000; i++) {
    parts.push(randomRow(random), Buffer.from("\n"));
    if (i % 1500 === 1000) parts.push(Buffer.from(`{"a":"${"x".repeat(300_000)}"}\n`));
  }
  const file = Buffer.concat(parts);
  assert.ok(file.length > 4 * 256 * 1024);
  assertSameScan(file, { target: targetOf("id", "integer") });
});

test("thousands of paths, which make the memory grow in the middle of a block, scan the same", () => {
  const lines = Array.from(
    { length: 6000 },
    (_, i) => `{"same":[${i}],"${"long key ".repeat(10)}${i % 4000}":{"x":${i}}}\n`,
  );
  const { trie } = assertSameScan(Buffer.from(lines.join("")), { maxPaths: 5000 });
  assert.equal(trie.overflowed, true);
});

test("a decimal of any length is dirty in DOUBLE just when DOUBLE prints another", () => {
  const random = seededRandom(9);
  const digits = (count: number): string => String(Math.floor(random() * 10 ** count)).padStart(count, "0");
  const makers: readonly (() => string)[] = [
    () => String(random() * 10 ** Math.floor(random() * 9)),
    () => (random() * 10 ** Math.floor(random() * 9)).toPrecision(16 + Math.floor(random() * 2)),
    () => `${1 + Math.floor(random() * 9)}${digits(8)}.${digits(1 + Math.floor(random() * 8))}`,
    () => `0.${"0".repeat(random() * 3)}${digits(14)}${digits(Math.floor(random() * 4))}`,
    // Beside powers of two the neighbours of a DOUBLE are not equally far.
    () => (2 ** Math.floor(random() * 50 - 6) * (1 + Math.floor(random() * 4 - 2) / 2 ** 52)).toPrecision(17),
    () => `${4503599627370496 + Math.floor(random() * 9)}.${Math.floor(random() * 4) * 25}`,
  ];
  const texts = Array.from({ length: 30_000 }, (_, i) => makers[i % makers.length]!()).map((text) =>
    /^\d+\.\d+$/.test(text) ? text : "0.5",
  );
  // The first records teach the module's table what the others hold.
  const lines = ["1.5", "1000000000000000000000.5", `0.${"1".repeat(40)}`, ...texts];
  const file = Buffer.from(lines.map((text) => `{"a":${text}}\n`).join(""));
  const { dirty } = scan(file, { target: targetOf("a", "double"), wasmFromBytes: 0 });
  const found = new Set([...recordPlaces(dirty)].map((place) => place.ordinal));
  for (const [i, text] of lines.entries()) assert.equal(found.has(i), !fitsDouble(text), text);
  assert.ok(found.size > lines.length / 5 && found.size < lines.length / 2);
});
