import assert from "node:assert/strict";
import { test } from "node:test";
import type { FileFormat } from "../../formats/format-options.ts";
import { formatOfHead } from "./format-of-head.ts";

const CASES: readonly (readonly [format: FileFormat, head: string | Buffer])[] = [
  ["parquet", "PAR1\u0015\u0004"],
  ["avro", Buffer.from("Obj\u0001\u0002", "latin1")],
  ["xml", "\uFEFF<?xml version='1.0'?><r/>"],
  ["xml", "<rows><row/></rows>"],
  ["json", '{"id":1}\n'],
  ["json", "{}\n"],
  ["json", '[\n  {"id":1}\n]'],
  ["csv", "id,name\n1,a\n2,b\n"],
  ["csv", "id;name;x\n1;a;\n2;b;\n3;"],
  ["csv", 'id,name\n1,"a, b"\n2,b\n'],
  ["csv", Buffer.from("\uFEFFid\tname\n1\ta\n2\tb\n", "utf16le")],
  ["text", "one line, with a comma\nand another\n"],
  ["text", "[2026-03-01 10:00] INFO started\n"],
  ["text", "one word\n"],
  ["text", ""],
  ["binaryFile", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1])],
];

for (const [format, head] of CASES) {
  test(`${JSON.stringify(String(head))} is ${format}`, () =>
    assert.equal(formatOfHead(Buffer.from(head as string)), format));
}
