import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { nearestFolder, probeFolder } from "./probe-folder.ts";

test("a probe comes and goes", (t) => {
  const folder = temporaryFolder(t);
  probeFolder({ folder });
  probeFolder({ folder, linksBy: "put-if-absent" });
  assert.deepEqual(readdirSync(folder), []);
});

test("a place that is no folder is named", (t) => {
  const folder = join(temporaryFolder(t), "file");
  writeFileSync(folder, "");
  assert.throws(() => probeFolder({ folder }), { code: "STORAGE_FAILED", message: /file/ });
});

test("what is not there is made below the nearest folder that is", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "a"));
  assert.equal(nearestFolder(join(folder, "a")), join(folder, "a"));
  assert.equal(nearestFolder(join(folder, "a/b/c")), join(folder, "a"));
  assert.equal(nearestFolder("/"), "/");
});
