import assert from "node:assert/strict";
import { test } from "node:test";
import { anchorsOf, linksOf } from "./page-links.ts";

test("links are those of the prose, code aside", () => {
  const page =
    "# A\n\n[one](a.md) and ![two](b.png), `[no](x.md)`\n\n```sh\n[no](y.md)\n```\n<!-- [no](z.md) -->\n[three](<c.md#d>)\n";
  assert.deepEqual(linksOf(page), [
    { line: 3, target: "a.md" },
    { line: 3, target: "b.png" },
    { line: 9, target: "c.md#d" },
  ]);
});

test("anchors are those that GitHub makes", () => {
  const page =
    "# `init`: a first one!\n## Not in this version\n## `source`\n## `source`\n```\n# no\n```\n### A_b – c\n";
  assert.deepEqual(
    [...anchorsOf(page)],
    ["init-a-first-one", "not-in-this-version", "source", "source-1", "a_b--c"],
  );
});
