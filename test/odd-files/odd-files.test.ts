import assert from "node:assert/strict";
import { test } from "node:test";
import { cell, ODD_FILES, oddRows, promisedRows } from "./page.ts";

for (const [title, files] of ODD_FILES) {
  test(`${title}: of ${files.length} odd files becomes what the page says`, async () => {
    assert.deepEqual(await oddRows(files), promisedRows(title));
  });
}

test("no two odd files of a section have one name", () => {
  for (const [title, files] of ODD_FILES) {
    const names = files.map(({ format, name }) => `${format} ${cell(name)}`);
    assert.equal(new Set(names).size, names.length, title);
  }
});
