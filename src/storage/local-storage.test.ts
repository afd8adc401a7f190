import assert from "node:assert/strict";
import { readdirSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { storageContract } from "../../test/contracts/storage-contract.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { onFaultPoint } from "../base/fault-point.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { isTemporaryName, temporaryBeside } from "./durable-file.ts";
import { localStorage } from "./local-storage.ts";
import { listAll } from "./storage.ts";

storageContract("local storage", (t) => localStorage({ root: temporaryFolder(t) }));

test("local storage: no key leads out of the root", async (t) => {
  const storage = localStorage({ root: temporaryFolder(t) });
  for (const key of ["../x", "a/../../x", "/etc/passwd", "", "a/./b"]) {
    await assert.rejects(
      async () => storage.put(key, "x"),
      (error) => isLandfallError(error, "INTERNAL"),
      key,
    );
  }
});

test("local storage: a folder that vanished between two writes is made again", async (t) => {
  const root = temporaryFolder(t);
  const storage = localStorage({ root });
  await storage.put("a/b/one", "1");
  rmSync(join(root, "a"), { recursive: true });
  await storage.put("a/b/two", "2");
  assert.deepEqual(
    (await listAll(storage)).map((object) => object.key),
    ["a/b/two"],
  );
});

test("local storage: nothing but the objects is left behind after puts that lost", async (t) => {
  const root = temporaryFolder(t);
  const storage = localStorage({ root });
  await storage.put("one", "1");
  await storage.put("one", "2", { ifAbsent: true });
  assert.deepEqual(readdirSync(root), ["one"]);
});

test("local storage: a file in the place of a folder is an error that names the path", async (t) => {
  const root = temporaryFolder(t);
  writeFileSync(join(root, "a"), "a file");
  const storage = localStorage({ root });
  await assert.rejects(
    storage.put("a/b", "x"),
    (error) => isLandfallError(error, "STORAGE_FAILED") && error.message.includes(join(root, "a")),
  );
});

test("local storage: listing shows regular files only", async (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, "real"));
  writeFileSync(join(root, "real", "file"), "x");
  symlinkSync(join(root, "real", "file"), join(root, "link"));
  symlinkSync(root, join(root, "loop"));
  assert.deepEqual(
    (await listAll(localStorage({ root }))).map((object) => object.key),
    ["real/file"],
  );
});

test("local storage: what a write that was cut off left is removed by what it was to become, and nothing else is", async (t) => {
  const root = temporaryFolder(t);
  const storage = localStorage({ root });
  await storage.put("log/0.json", "0");
  const left = ["0.json", "1.json", "10.json", "x".repeat(230)].map((name) => {
    const path = temporaryBeside(join(root, "log", name));
    writeFileSync(path, "cut off");
    return basename(path);
  });
  writeFileSync(join(root, "log", ".hidden"), "");
  await storage.removeLeftovers("log/1");
  assert.deepEqual(
    readdirSync(join(root, "log")).sort(),
    [left[0]!, left[3]!, ".hidden", "0.json"].toSorted((a, b) => (a < b ? -1 : 1)),
  );
  await storage.removeLeftovers("log/");
  assert.deepEqual(readdirSync(join(root, "log")).sort(), [".hidden", "0.json"]);
});

test("local storage: a put whose temporary file somebody removes at its last step writes again", async (t) => {
  const root = temporaryFolder(t);
  const storage = localStorage({ root });
  await storage.put("log/0.json", "0");
  let removed = 0;
  onFaultPoint((point) => {
    if (point !== "file.complete" || removed > 0) return;
    for (const name of readdirSync(join(root, "log")).filter(isTemporaryName)) {
      rmSync(join(root, "log", name));
      removed += 1;
    }
  });
  t.after(() => onFaultPoint(undefined));
  assert.equal(await storage.put("log/1.json", "1", { ifAbsent: true }), "created");
  assert.equal(removed, 1);
  assert.equal((await storage.get("log/1.json")).toString(), "1");
});
