import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { declarationOptions } from "../src/declaration/options.ts";
import { FORMATS } from "../src/formats/format-options.ts";
import { generatedPages, stalePages, writePages } from "./docs.ts";

test("the generated reference pages are up to date", () => {
  const stale = stalePages(join(import.meta.dirname, "..")).map((page) => page.path);
  assert.deepEqual(stale, [], "run `node tools/docs.ts`");
});

test("a missing or changed page is stale, and writing it makes it fresh", (t) => {
  const root = mkdtempSync(join(tmpdir(), "landfall-docs-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const pages = generatedPages();
  assert.equal(stalePages(root, pages).length, pages.length);
  writePages(root, pages);
  assert.deepEqual(stalePages(root, pages), []);
  const changed = pages.map((page) => ({ ...page, text: `${page.text}more\n` }));
  assert.equal(stalePages(root, changed).length, pages.length);
});

test("the formats' page has a chapter for every format", () => {
  const page = generatedPages().find((page) => page.path === "docs/reference/formats.md")!.text;
  for (const format of FORMATS) assert.ok(page.includes(`\n## \`${format}\`\n`), format);
});

test("the page names every option", () => {
  const page = generatedPages().find((page) => page.path === "docs/reference/declaration.md")!.text;
  for (const option of declarationOptions()) assert.ok(page.includes(`| \`${option.key}\``), option.key);
});
