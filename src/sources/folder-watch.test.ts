import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { watchFolder } from "./folder-watch.ts";
import { judgeName } from "./name-rules.ts";
import type { Hints, SourceWatch } from "./source.ts";

const PATIENCE = { milliseconds: 20_000 };

function watched(t: TestContext, recursive = true): { readonly root: string; readonly watch: SourceWatch } {
  const root = temporaryFolder(t);
  mkdirSync(join(root, "old/deep"), { recursive: true });
  const looksAt = (name: string): boolean => judgeName(name, {}) === undefined;
  const watch = watchFolder({ root, recursive, looksAt });
  t.after(() => watch.close());
  return { root, watch };
}

/** Hints, joined, until they say what is asked for; a test that waits in vain is ended by its time limit. */
async function hintsUntil(watch: SourceWatch, isEnough: (hints: Hints) => boolean): Promise<Hints> {
  const all = { keys: new Set<string>(), folders: new Set<string>(), isPartial: false };
  for (;;) {
    await watch.wait(PATIENCE);
    const { keys, folders, isPartial } = watch.take();
    for (const key of keys) all.keys.add(key);
    for (const folder of folders) all.folders.add(folder);
    all.isPartial ||= isPartial;
    if (isEnough(all)) return all;
  }
}

test("files are told by their keys, in old folders and in new ones, names that are no text among them", async (t) => {
  const { root, watch } = watched(t);
  writeFileSync(join(root, "a.json"), "1");
  writeFileSync(join(root, "old/deep/b.json"), "1");
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x20])]), "1");
  await hintsUntil(watch, ({ keys }) =>
    ["a.json", "old/deep/b.json", "%FF%20"].every((key) => keys.has(key)),
  );
  mkdirSync(join(root, "new"));
  await hintsUntil(watch, ({ folders }) => folders.has("new/"));
  writeFileSync(join(root, "new/c.json"), "1");
  await hintsUntil(watch, ({ keys }) => keys.has("new/c.json"));
  assert.equal(watch.fault, undefined);
});

test("a folder that is moved is told, and watched under its new name", async (t) => {
  const { root, watch } = watched(t);
  renameSync(join(root, "old"), join(root, "moved"));
  await hintsUntil(watch, ({ folders, isPartial }) => folders.has("moved/") && isPartial);
  writeFileSync(join(root, "moved/deep/b.json"), "1");
  const { keys } = await hintsUntil(watch, ({ keys: told }) => told.has("moved/deep/b.json"));
  assert.ok(![...keys].some((key) => key.startsWith("old/deep")));
});

test("hidden names and, without recursion, folders below are not told", async (t) => {
  const { root, watch } = watched(t, false);
  writeFileSync(join(root, ".hidden"), "1");
  writeFileSync(join(root, "_also"), "1");
  writeFileSync(join(root, "old/deep/b.json"), "1");
  writeFileSync(join(root, "last.json"), "1");
  const { keys } = await hintsUntil(watch, ({ keys: told }) => told.has("last.json"));
  assert.deepEqual([...keys], ["last.json"]);
});

test("the wait ends when its time is up, and with the signal's reason", async (t) => {
  const { root, watch } = watched(t);
  await watch.wait({ milliseconds: 1 });
  const stop = new AbortController();
  const waiting = watch.wait({ ...PATIENCE, signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  rmSync(root, { recursive: true });
});
