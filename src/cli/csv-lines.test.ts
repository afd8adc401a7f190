import assert from "node:assert/strict";
import { test } from "node:test";
import { csvLines } from "./csv-lines.ts";

test("null is an empty field and an empty text is quoted; what would part fields or lines is quoted, too", () => {
  const columns = ["a", "b c", 'd"'];
  const rows = [
    [null, "", 1],
    ["x,y", 'say "no"', "two\nlines"],
    [true, [1, null], { k: 2n }],
  ];
  assert.deepEqual(csvLines({ columns, rows }), [
    'a,b c,"d"""',
    ',"",1',
    '"x,y","say ""no""","two\nlines"',
    'true,"[1,null]","{""k"":2}"',
  ]);
});
