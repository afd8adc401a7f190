import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { cell, ODD_FILES, oddRows } from "./page.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/reference/odd-files.md"), "utf8");

/** The rows of a section, as they stand on the page. */
function promised(title: string): string[] {
  const section = PAGE.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2);
}

for (const [title, files] of ODD_FILES) {
  test(`${title}: of ${files.length} odd files becomes what the page says`, async () => {
    assert.deepEqual(await oddRows(files), promised(title));
  });
}

test("no two odd files of a section have one name", () => {
  for (const [title, files] of ODD_FILES) {
    const names = files.map(({ format, name }) => `${format} ${cell(name)}`);
    assert.equal(new Set(names).size, names.length, title);
  }
});
