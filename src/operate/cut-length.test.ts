import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutLength } from "./cut-length.ts";

const field = fc.string({ unit: fc.constantFrom("a", "1", '"', "\n", ",", "ü") });
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

test("CSV is cut between two records, wherever its beginning ends", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { minLength: 1 }),
      fc.nat(),
      (rows, at) => {
        const records = rows.map((fields) => `${fields.map(quoted).join(",")}\n`);
        const whole = Buffer.from(records.join(""));
        const bytes = whole.subarray(0, 1 + (at % whole.length));
        const ends = records.map((_, i) => Buffer.byteLength(records.slice(0, i + 1).join("")));
        const last = ends.findLast((end) => end <= bytes.length);
        assert.equal(cutLength({ bytes, format: "csv" }), last);
      },
    ),
  );
});

test("lines of JSON are cut behind a line, other JSON is not cut", () => {
  const cut = (text: string) => cutLength({ bytes: Buffer.from(text), format: "json" });
  assert.equal(cut('{"a":1}\n{"a":2}\n{"a"'), 16);
  assert.equal(cut('\uFEFF{"a":1}\n{"a"'), 11);
  assert.equal(cut('[{"a":1},\n{"a":2},\n'), undefined);
  assert.equal(cut('{\n"a":1\n}\n'), undefined);
  assert.equal(cut('{"a":1'), undefined);
});
