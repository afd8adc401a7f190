import assert from "node:assert/strict";
import { test } from "node:test";
import { storageContract } from "../../test/contracts/storage-contract.ts";
import { memoryStorage } from "./memory-storage.ts";
import { overlayStorage } from "./overlay-storage.ts";
import { listAll } from "./storage.ts";

storageContract("overlay storage", () => overlayStorage(memoryStorage()));

test("writes and deletes through an overlay are seen there and never below", async () => {
  const below = memoryStorage();
  await below.put("a/1", "old");
  await below.put("b/1", "stays");
  const overlay = overlayStorage(below);
  await overlay.put("a/1", "new");
  await overlay.put("a/0", "first");
  assert.equal(await overlay.put("b/1", "late", { ifAbsent: true }), "exists");
  await overlay.delete("b/1");
  const keys = (await listAll(overlay)).map((object) => object.key);
  assert.deepEqual(keys, ["a/0", "a/1"]);
  assert.equal((await overlay.get("a/1")).toString(), "new");
  assert.equal(await overlay.head("b/1"), undefined);
  await assert.rejects(overlay.get("b/1"), { code: "OBJECT_MISSING" });
  assert.deepEqual(await overlay.folders(""), ["a"]);
  assert.equal(await overlay.put("b/1", "again", { ifAbsent: true }), "created");
  assert.equal((await overlay.get("b/1")).toString(), "again");
  assert.deepEqual(
    (await listAll(below)).map((object) => object.key),
    ["a/1", "b/1"],
  );
  assert.equal((await below.get("a/1")).toString(), "old");
});
