import assert from "node:assert/strict";
import { test } from "node:test";
import { readProvenance } from "./provenance.ts";

test("a field gives its own name, _metadata is understood, AS another name", () => {
  const read: Readonly<Record<string, readonly string[]>> = {
    file_path: ["file_path", "file_path"],
    "_metadata.file_name": ["file_name", "file_name"],
    "record_number AS line": ["record_number", "line"],
    " _metadata . batch_id as `b``x` ": ["batch_id", "b`x"],
  };
  for (const [text, [field, column]] of Object.entries(read))
    assert.deepEqual(readProvenance(text), { ok: true, value: { field, column } }, text);
});

test("unknown fields are refused with the nearest, names that Spark refuses too, and what is no field at all", () => {
  const refused: Readonly<Record<string, RegExp>> = {
    file_pth: /"file_pth", which is none of file_path, /,
    constructor: /which is none of/,
    "file_path AS `a b`": /"a b", which Spark refuses/,
    "file_path source": /must be a field/,
    "": /must be a field/,
  };
  for (const [text, message] of Object.entries(refused)) {
    const result = readProvenance(text);
    assert.match(result.ok ? "taken" : result.message, message, text);
  }
  const near = readProvenance("file_pth AS p");
  assert.equal(near.ok ? undefined : near.suggestion, "file_path AS p");
});
