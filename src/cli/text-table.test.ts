import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textTable } from "./text-table.ts";

test("columns are aligned, numbers to the right, nothing is shown as a dot", () => {
  const table = textTable({
    columns: ["file", "rows"],
    rows: [
      ["a.json", "1,234"],
      ["b", null],
    ],
  });
  assert.equal(table, "file     rows\n──────  ─────\na.json  1,234\nb           ·");
});

test("a table fits the width asked for as long as its columns can be cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ maxLength: 90 }), fc.string({ maxLength: 90 })), { maxLength: 5 }),
      fc.integer({ min: 26, max: 140 }),
      (rows, width) => {
        const table = textTable({ columns: ["one", "two"], rows, width });
        for (const line of table.split("\n")) assert.ok(line.length <= width, line);
      },
    ),
  );
});

test("of a path that is cut the end is kept", () => {
  const table = textTable({
    columns: ["file", "state"],
    rows: [["2026/03/01/vehicle-0001-telemetry.json", "committed"]],
    width: 40,
    keepEnd: ["file"],
  });
  assert.match(table.split("\n")[2]!, /^….*telemetry\.json {2}committed$/);
});

test("control characters of a hostile name do not reach the terminal", () => {
  const table = textTable({ columns: ["file"], rows: [["\u001b[31mred\u202e.json"]] });
  // eslint-disable-next-line no-control-regex -- they are what must not be there
  assert.doesNotMatch(table, /[\u001b\u202e]/);
});
