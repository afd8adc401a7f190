import assert from "node:assert/strict";
import { mkdirSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { localSource, type LocalSourceOptions } from "./local-source.ts";
import type { PassedBy } from "./passed-by.ts";
import type { Source } from "./source.ts";

/** Names of files; a folder is made for each that has one. */
function sourceOf(
  t: TestContext,
  names: readonly (string | Buffer)[],
  options: Omit<Partial<LocalSourceOptions>, "root"> = {},
): { readonly root: string; readonly source: Source } {
  const root = realpathSync(temporaryFolder(t));
  for (const name of names) {
    const path = Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]);
    mkdirSync(path.subarray(0, path.lastIndexOf("/")), { recursive: true });
    writeFileSync(path, "1");
  }
  return { root, source: localSource({ root, ...options }) };
}

async function keysOf(source: Source, below?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { objects, unreadable } of source.list(below === undefined ? {} : { below })) {
    assert.deepEqual(unreadable, []);
    keys.push(...objects.map(({ key }) => key));
  }
  return keys;
}

test("folders and files are listed whatever bytes their names are of, hidden ones never", async (t) => {
  const bytes = Buffer.concat([Buffer.from([0xff]), Buffer.from("/x "), Buffer.from([0xe9])]);
  const { source } = sourceOf(t, ["a.json", bytes, "é/b.json", ".hidden/c.json", "_d/e.json", "f/.g"]);
  assert.deepEqual(await keysOf(source), ["a.json", "%C3%A9/b.json", "%FF/x%20%E9"]);
});

test("a folder below is listed by itself, with what the listing of all would have of it", async (t) => {
  const names = ["a/b/c.json", "a/d.json", "a/.e/f.json", "g.json", "out/h.json"];
  const { root, source } = sourceOf(t, names);
  assert.deepEqual(await keysOf(source, "a/"), ["a/d.json", "a/b/c.json"]);
  assert.deepEqual(await keysOf(source, "a/b/"), ["a/b/c.json"]);
  for (const none of ["a/.e/", "gone/", "g.json/"]) assert.deepEqual(await keysOf(source, none), []);
  const flat = localSource({ root, recursive: false });
  assert.deepEqual([await keysOf(flat, "a/"), await keysOf(flat)], [[], ["g.json"]]);
  const without = localSource({ root, except: join(root, "out") });
  assert.deepEqual(await keysOf(without, "out/"), []);
});

test("a look sees what a listing would, and nothing else", async (t) => {
  const names = ["a.json", "b.csv", ".c.json", "d/e.json", "d/_f.json", "out/g.json"];
  const { root, source } = sourceOf(t, names, { accepts: (key) => key.endsWith(".json") });
  const look = async (one: Source): Promise<boolean[]> =>
    Promise.all(names.map(async (key) => (await one.look(key)) !== undefined));
  assert.deepEqual(await look(source), [true, false, false, true, false, true]);
  assert.deepEqual(await look(localSource({ root, recursive: false })), [
    true,
    true,
    ...names.slice(2).map(() => false),
  ]);
  assert.equal(await localSource({ root, except: join(root, "out") }).look("out/g.json"), undefined);
});

test("names that begin with . or _ are read where they are asked for, Landfall's own and the log's never", async (t) => {
  const own = [".landfall/held/a.json", "_landfall/p/b.json", "d/_delta_log/0.json"];
  const { source } = sourceOf(t, [".a.json", "_b/.c.json", "d.json", ...own], {
    names: { ignoreHidden: false },
  });
  assert.deepEqual((await keysOf(source)).sort(), [".a.json", "_b/.c.json", "d.json"]);
  assert.notEqual(await source.look("_b/.c.json"), undefined);
  for (const key of own) {
    assert.equal(await source.look(key), undefined);
    assert.deepEqual(source.passedBy!(key), { why: "own" });
  }
});

test("what is passed by is told with its reason, a folder once for all that lies in it", async (t) => {
  const names = ["a.json", "a.json.tmp", "b.csv", ".c.json", "_d/e.json", "up.tmp/f.json", "up.tmp/g.json"];
  const { source } = sourceOf(t, names, {
    names: { ignoredBy: (name) => (name.endsWith(".tmp") ? "*.tmp" : undefined) },
    accepts: (key) => key.endsWith(".json"),
  });
  const told = new Map<string, PassedBy>();
  const keys: string[] = [];
  for await (const { objects } of source.list({ onPassedBy: (key, why) => told.set(key, why) }))
    keys.push(...objects.map(({ key }) => key));
  const ignored = { why: "ignored", pattern: "*.tmp" };
  assert.deepEqual(keys, ["a.json"]);
  assert.deepEqual(Object.fromEntries(told), {
    "a.json.tmp": ignored,
    "b.csv": { why: "filter" },
    ".c.json": { why: "hidden" },
    "_d/": { why: "hidden" },
    "up.tmp/": ignored,
  });
  // The same of each by itself.
  for (const name of names)
    assert.deepEqual(source.passedBy!(name), told.get(name) ?? told.get(name.replace(/[^/]*$/, "")), name);
});

test("files of another time are neither listed nor looked at", async (t) => {
  const { root } = sourceOf(t, ["old.json", "now.json", "new.json"]);
  const at = (year: number): Date => new Date(Date.UTC(year, 0, 1));
  utimesSync(join(root, "old.json"), at(2020), at(2020));
  utimesSync(join(root, "now.json"), at(2021), at(2021));
  utimesSync(join(root, "new.json"), at(2022), at(2022));
  const source = localSource({ root, modifiedAfter: +at(2020), modifiedBefore: +at(2022) });
  assert.deepEqual(await keysOf(source), ["now.json"]);
  assert.deepEqual([await source.look("old.json"), await source.look("new.json")], [undefined, undefined]);
  assert.deepEqual((await keysOf(localSource({ root, modifiedAfter: +at(2020) }))).sort(), [
    "new.json",
    "now.json",
  ]);
});

test("links are followed inside the source, never out of it and never in circles", async (t) => {
  const { root, source } = sourceOf(t, ["a/b.json"]);
  const outside = temporaryFolder(t);
  writeFileSync(join(outside, "secret.json"), "1");
  symlinkSync(join(root, "a"), join(root, "again"));
  symlinkSync(join(root, "a/b.json"), join(root, "b.json"));
  symlinkSync(root, join(root, "a/up"));
  symlinkSync(outside, join(root, "out"));
  symlinkSync(join(outside, "secret.json"), join(root, "secret.json"));
  symlinkSync(join(root, "nowhere"), join(root, "dangling.json"));
  assert.deepEqual(await keysOf(source), ["b.json", "a/b.json", "again/b.json"]);
});

test("a folder that goes away while it is listed is no error", async (t) => {
  const names = Array.from({ length: 50 }, (_, i) => `folder-${String(i).padStart(2, "0")}/x.json`);
  const { root, source } = sourceOf(t, ["a.json", ...names]);
  const keys: string[] = [];
  for await (const { objects, unreadable } of source.list()) {
    assert.deepEqual(unreadable, []);
    keys.push(...objects.map(({ key }) => key));
    // All folders have been seen by name by now.
    if (keys.length === 1)
      for (const name of names.slice(10)) rmSync(join(root, name, ".."), { recursive: true });
  }
  assert.equal(keys.length, 11);
});
