import assert from "node:assert/strict";
import { mkdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { Marker } from "../declaration/marker.ts";
import { localSource } from "./local-source.ts";
import { markerKeyOf } from "./marker-names.ts";
import type { PassedBy } from "./passed-by.ts";
import type { Source } from "./source.ts";

/** Files by name, each with the second at which it was modified. */
function sourceOf(
  t: TestContext,
  marker: Marker,
  files: Readonly<Record<string, number>>,
): { readonly source: Source; readonly put: (name: string, second: number) => void; readonly root: string } {
  const root = realpathSync(temporaryFolder(t));
  const put = (name: string, second: number): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), "1");
    utimesSync(join(root, name), second, second);
  };
  for (const [name, second] of Object.entries(files)) put(name, second);
  return { root, put, source: localSource({ root, marker }) };
}

async function listed(
  source: Source,
  below?: string,
): Promise<{ readonly keys: string[]; readonly why: Record<string, PassedBy["why"]> }> {
  const keys: string[] = [];
  const why: Record<string, PassedBy["why"]> = {};
  const onPassedBy = (key: string, passedBy: PassedBy): void => void (why[key] = passedBy.why);
  for await (const { objects } of source.list({ onPassedBy, ...(below === undefined ? {} : { below }) }))
    keys.push(...objects.map(({ key }) => key));
  for (const key of keys) assert.notEqual(await source.look(key), undefined, key);
  for (const [key, reason] of Object.entries(why)) {
    assert.equal(source.passedBy!(key)?.why, reason, key);
    assert.equal(await source.look(key), undefined, key);
  }
  return { keys: keys.sort(), why };
}

const SUFFIX: Marker = { kind: "suffix", suffix: ".done" };
const FOLDER: Marker = { kind: "file", name: "_SUCCESS" };

test("a file is listed once its marker is there, and not while it is newer than that; markers never are", async (t) => {
  const { source } = sourceOf(t, SUFFIX, {
    "a.json": 10,
    "a.json.done": 10,
    "b.json": 10,
    "c.json": 12,
    "c.json.done": 11,
    "d.json.done": 11,
    "e/f": 1,
    "e/f.done": 2,
  });
  assert.deepEqual(await listed(source), {
    keys: ["a.json", "e/f"],
    why: {
      "a.json.done": "marker",
      "b.json": "unmarked",
      "c.json": "newerThanMarker",
      "c.json.done": "marker",
      "d.json.done": "marker",
      "e/f.done": "marker",
    },
  });
  // For tidying it lies there, finished or not.
  assert.notEqual(await source.lies("b.json"), undefined);
  assert.equal(await source.lies("a.json.done"), undefined);
});

test("a marker in the place of the extension speaks for every file of that name", async (t) => {
  const marker: Marker = { kind: "extension", extension: ".done" };
  const { source } = sourceOf(t, marker, {
    "x.json": 1,
    "x.csv.gz": 1,
    "x.y.json": 1,
    "x.done": 2,
    "z.json": 1,
  });
  const { keys, why } = await listed(source);
  assert.deepEqual(keys, ["x.csv.gz", "x.json"]);
  assert.equal(why["x.y.json"], "unmarked");
  assert.equal(markerKeyOf("d.1/x.tar.gz", marker), "d.1/x.done");
  assert.equal(markerKeyOf("d.1/x", marker), "d.1/x.done");
});

test("a folder's files are listed once its marker is there, with those of folders below; a nearer marker stands over one above", async (t) => {
  const { source, put } = sourceOf(t, FOLDER, {
    "one/p=1/a": 5,
    "one/p=2/b": 5,
    "one/_SUCCESS": 6,
    "two/a": 5,
    "two/late": 9,
    "two/_SUCCESS": 7,
    "three/a": 5,
    "three/in/b": 5,
    "three/in/_SUCCESS": 5,
  });
  const { keys, why } = await listed(source);
  assert.deepEqual(keys, ["one/p=1/a", "one/p=2/b", "three/in/b", "two/a"]);
  assert.deepEqual([why["two/late"], why["three/a"]], ["newerThanMarker", "unmarked"]);
  assert.deepEqual(
    ["one/p=1/a", "two/a", "three/a", "three/in/b", "a"].map((key) => source.together!(key)),
    ["one/", "two/", undefined, "three/in/", undefined],
  );
  // A folder of files that arrive together is listed as a whole, whichever part of it is asked for.
  assert.deepEqual((await listed(source, "one/p=2/")).keys, ["one/p=1/a", "one/p=2/b"]);
  put("_SUCCESS", 20);
  assert.deepEqual((await listed(source)).keys.includes("three/a"), true);
  assert.equal(source.together!("three/a"), "");
});

/** Takes hints until they say what is asked for; a test that waits in vain is ended by its time limit. */
async function hintedUntil(
  watch: ReturnType<NonNullable<Source["watch"]>>,
  what: "keys" | "folders",
  name: string,
): Promise<void> {
  for (;;) {
    await watch.wait({ milliseconds: 20_000 });
    if (watch.take()[what].has(name)) return;
  }
}

test("a marker that comes is a hint of its file, of all files of its name, or of its folder", async (t) => {
  const cases: readonly (readonly [Marker, string, "keys" | "folders", string])[] = [
    [SUFFIX, "d/x.json.done", "keys", "d/x.json"],
    [{ kind: "extension", extension: ".done" }, "d/x.done", "keys", "d/x.json"],
    [FOLDER, "d/_SUCCESS", "folders", "d/"],
  ];
  for (const [marker, name, what, hinted] of cases) {
    const { root, source, put } = sourceOf(t, marker, { "d/old": 1 });
    const watch = source.watch!();
    try {
      put("d/x.json", 1);
      put(name, 2);
      await hintedUntil(watch, what, hinted);
      rmSync(join(root, name));
      put(name, 3);
      if (marker.kind !== "extension") await hintedUntil(watch, what, hinted);
    } finally {
      watch.close();
    }
  }
});
