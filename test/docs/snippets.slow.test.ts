/** Every command, program and query of README.md and of the guides, run as it is typed, prints what the page shows. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { docBlocks } from "./doc-page.ts";
import { runDocPage } from "./run-doc-page.ts";

const ROOT = join(import.meta.dirname, "../..");

for (const page of ["README.md", ...globSync("docs/guide/*.md", { cwd: ROOT }).sort()]) {
  test(page, async (t) => {
    const blocks = docBlocks(readFileSync(join(ROOT, page), "utf8"));
    const { ran } = await runDocPage({ blocks, folder: temporaryFolder(t), page });
    assert.ok(ran > 0, "the page has something to run");
  });
}

test("a page that shows other text than its command prints, or another exit code, fails at its line", async (t) => {
  const page = (text: string): Promise<unknown> =>
    runDocPage({ blocks: docBlocks(text), folder: temporaryFolder(t), page: "page.md" });
  await page("```console\n$ echo one; echo two >&2\none\ntwo\n```\n");
  await assert.rejects(page("\n```console\n$ echo one\ntwo\n```\n"), /page\.md:2: the page shows other text/);
  await assert.rejects(page("```console\n$ exit 3 # exit code 1\n```\n"), /page\.md:1: exit code 3/);
  await assert.rejects(page("```ts\nconst one: string = 1;\n```\n"), /TS2322/);
});
