import assert from "node:assert/strict";
import { test } from "node:test";
import { sitePages, siteSidebar } from "./site-pages.ts";

const PAGES = [
  {
    path: "docs/README.md",
    text: "# Docs\n\n## Guides\n\n| [a.md](guide/a.md) | one |\n| [none](guide/none.md) | |\n\n## More\n\n[b](b.md)\n",
  },
  {
    path: "docs/guide/a.md",
    text: "# `a`: how\n\n<!-- run first: x -->\n\n[b](../b.md#there), [up](../../src/x.ts), [self](#here), [web](https://example.com)\n\n```sh\n[b](../b.md) <!-- kept -->\n```\n",
  },
  { path: "docs/b.md", text: "# B\n\n[docs](README.md) [a](guide/a.md)\n" },
  { path: "docs/adr/0001-x.md", text: "# X\n" },
];

test("pages get their title, lose comments, and keep their code", () => {
  const a = sitePages(PAGES).find(({ path }) => path === "guide/a.md")!.text;
  assert.match(a, /^---\ntitle: "a: how"\n---\n/);
  assert.ok(!a.includes("run first"));
  assert.ok(a.includes("```sh\n[b](../b.md) <!-- kept -->\n```"));
});

test("links lead from page to page, wherever the site lies; others are text", () => {
  const text = new Map(sitePages(PAGES).map((page) => [page.path, page.text]));
  assert.ok(
    text.get("guide/a.md")!.includes("[b](../../b/#there), up, [self](#here), [web](https://example.com)"),
  );
  assert.ok(text.get("b.md")!.includes("[docs](../) [a](../guide/a/)"));
  assert.ok(text.get("index.md")!.includes("[a: how](guide/a/)"));
});

test("the sidebar is what the index lists, in its order, with the decisions behind it", () => {
  assert.deepEqual(siteSidebar(PAGES), [
    { label: "Guides", items: [{ label: "a: how", slug: "guide/a" }] },
    { label: "More", items: [{ label: "B", slug: "b" }] },
    { label: "Decisions", collapsed: true, items: [{ label: "X", slug: "adr/0001-x" }] },
  ]);
});
