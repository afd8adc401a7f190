/** What must hold for every page: links lead somewhere, declarations are declarations, and every block of a guide is run or says why not. */
import assert from "node:assert/strict";
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { declarationOptions, declarationSections } from "../../src/declaration/options.ts";
import { readDeclaration } from "../../src/declaration/read-declaration.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { docBlocks, type DocBlock } from "./doc-page.ts";
import { anchorsOf, linksOf, proseLines } from "./page-links.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...globSync(["docs/**/*.md", "examples/*.md"], { cwd: ROOT }),
].sort();
const RUN = ["README.md", ...globSync("docs/guide/*.md", { cwd: ROOT })];

const texts = new Map<string, string>();
const textOf = (path: string): string => {
  const text = texts.get(path) ?? readFileSync(join(ROOT, path), "utf8");
  texts.set(path, text);
  return text;
};

for (const page of PAGES) {
  test(`${page}: every relative link and anchor resolves`, () => {
    const broken = linksOf(textOf(page)).filter(({ target }) => !resolves(page, target));
    assert.deepEqual(
      broken.map(({ line, target }) => `${page}:${line} ${target}`),
      [],
    );
  });
}

for (const page of PAGES) {
  test(`${page}: each row of a table has as many cells as its head`, () => {
    const cells = (row: string): number => row.replaceAll(/\\\\|\\\|/g, "").split("|").length;
    const lines = proseLines(textOf(page), { keepCode: true });
    const wrong = lines.filter(({ text }, i) => {
      const before = lines[i - 1];
      return (
        text.startsWith("|") && before?.text.startsWith("|") === true && cells(text) !== cells(before.text)
      );
    });
    assert.deepEqual(wrong, []);
  });
}

function resolves(page: string, target: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return true;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(ROOT, resolve(ROOT, dirname(page), decodeURIComponent(path)));
  if (file.startsWith("..") || !existsSync(join(ROOT, file))) return false;
  if (anchor === undefined) return true;
  return statSync(join(ROOT, file)).isFile() && anchorsOf(textOf(file)).has(anchor);
}

test("pages that the program's messages and comments name are there", () => {
  const named = globSync("src/**/*.ts", { cwd: ROOT }).flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(([page]) => ({
      file,
      page,
    })),
  );
  assert.ok(named.length > 10);
  assert.deepEqual(
    named.filter(({ page }) => !existsSync(join(ROOT, page))),
    [],
  );
});

test("docs/README.md leads to every page but the decisions", () => {
  const linked = new Set(linksOf(textOf("docs/README.md")).map(({ target }) => join("docs", target)));
  const pages = PAGES.filter((page) => page.startsWith("docs/") && !page.startsWith("docs/adr/"));
  assert.deepEqual(
    pages.filter((page) => page !== "docs/README.md" && !linked.has(page)),
    [],
  );
});

describe("every block that is YAML of a declaration reads as one", () => {
  for (const page of PAGES) {
    const blocks = docBlocks(textOf(page)).filter(isDeclaration);
    if (blocks.length === 0) continue;
    test(page, (t) => {
      const folder = temporaryFolder(t);
      for (const { title, text } of docBlocks(textOf(page)).filter(({ title }) => title !== undefined)) {
        mkdirSync(dirname(join(folder, title!)), { recursive: true });
        writeFileSync(join(folder, title!), text);
      }
      for (const block of blocks) {
        const { problems = [] } = readDeclaration({
          text: withPlaces(block.text),
          file: `${page}:${block.line}`,
          baseFolder: folder,
        });
        if (block.mark?.kind === "mistaken") assert.notEqual(problems.length, 0, `${page}:${block.line}`);
        else assert.deepEqual(problems, [], `${page}:${block.line}`);
      }
    });
  }
});

function isDeclaration({ language, mark }: DocBlock): boolean {
  return language === "yaml" && mark?.kind !== "not run";
}

/** A part of a declaration, with the two locations that every one has. JSON is YAML. */
function withPlaces(text: string): string {
  const said = parse(text) as Record<string, object>;
  const place = (section: string): object => ({ location: `./${section}`, ...said[section] });
  return JSON.stringify({ ...said, source: place("source"), table: place("table") });
}

/** What snippets.slow.test.ts runs, or compares with what something else prints. */
const RUNNABLE = ["sh", "console", "yaml", "ts", "run first"];

for (const page of RUN) {
  test(`${page}: every block is run, is a file of the page, or says why it is not`, () => {
    const left = docBlocks(textOf(page)).filter(
      ({ language, title, mark }) =>
        !RUNNABLE.includes(language) && title === undefined && mark === undefined,
    );
    assert.deepEqual(
      left.map(({ line, language }) => `${page}:${line} \`\`\`${language}`),
      [],
    );
  });

  test(`${page}: options that it names are options`, () => {
    const known = new Set(declarationOptions().map(({ key }) => key));
    const sections = declarationSections().map(({ key }) => key);
    const named = proseLines(textOf(page), { keepCode: true }).flatMap(({ line, text }) =>
      [...text.matchAll(/`([a-z]+)\.([a-zA-Z.]+)[`:]/g)]
        .filter(([, section]) => sections.includes(section!))
        .map(([, section, name]) => ({ line, key: `${section!}.${name!}` })),
    );
    assert.deepEqual(
      named.filter(({ key }) => !known.has(key)),
      [],
    );
  });
}
