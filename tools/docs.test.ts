import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ERROR_CODES } from "../src/base/error-codes.ts";
import { COMMAND_EXIT_CODES } from "../src/cli/command-exit-codes.ts";
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

test("the errors' page says of every code what it means and what to do", () => {
  const page = generatedPages().find((page) => page.path === "docs/reference/errors.md")!.text;
  const entries = [
    ...page.matchAll(/^### (\w+)\n\n(.+)\n\n- To do: (.+)\n- Again: (?:may help|does not help)\.$/gm),
  ];
  assert.deepEqual(new Set(entries.map(([, code]) => code)), new Set(Object.keys(ERROR_CODES)));
});

test("the command line's page has every command and no other, with its exit codes", () => {
  const page = generatedPages().find((page) => page.path === "docs/reference/cli.md")!.text;
  const chapters = [...page.matchAll(/^## landfall (.+)$/gm)].map(([, path]) => path!);
  assert.deepEqual(chapters.toSorted(), Object.keys(COMMAND_EXIT_CODES).toSorted());
  assert.ok(chapters.includes("files show") && chapters.includes("completion"));
  for (const { flag } of declarationOptions())
    if (flag !== undefined) assert.ok(page.includes(`| \`${flag}\``), flag);
});

test("the page names every option", () => {
  const page = generatedPages().find((page) => page.path === "docs/reference/declaration.md")!.text;
  for (const option of declarationOptions()) assert.ok(page.includes(`| \`${option.key}\``), option.key);
});
