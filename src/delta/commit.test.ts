import assert from "node:assert/strict";
import { test } from "node:test";
import { LandfallError, isLandfallError } from "../base/landfall-error.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { Storage } from "../storage/storage.ts";
import type { Action } from "./actions.ts";
import { readBack, tryCommit } from "./commit.ts";
import { commitKey } from "./log-files.ts";

function commitOf(txnId: string): Action[] {
  return [{ commitInfo: { txnId, operation: "WRITE" } }, { txn: { appId: "a", version: 1 } }];
}

const failure = new LandfallError("STORAGE_FAILED", { message: "the connection was reset" });

/** A store whose put fails before or after it took effect. */
function losingAnswers(storage: Storage, takesEffect: boolean): Storage {
  return {
    ...storage,
    put: async (key, content, options) => {
      if (takesEffect) await storage.put(key, content, options);
      throw failure;
    },
  };
}

test("the first to put a version has it, the second sees the winner's actions", async () => {
  const storage = memoryStorage();
  const ours = await tryCommit({ storage, version: 3, actions: commitOf("one") });
  assert.deepEqual(ours, { outcome: "committed" });
  const theirs = await tryCommit({ storage, version: 3, actions: commitOf("two") });
  assert.deepEqual(theirs, { outcome: "taken", winner: commitOf("one") });
  assert.equal(await readBack({ storage, version: 3, txnId: "one" }), "ours");
});

test("of many writers at once exactly one commits", async () => {
  const storage = memoryStorage();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      tryCommit({ storage, version: 0, actions: commitOf(`w${index}`) }),
    ),
  );
  assert.equal(outcomes.filter(({ outcome }) => outcome === "committed").length, 1);
});

test("committing the same again is committed, not taken", async () => {
  const storage = memoryStorage();
  await tryCommit({ storage, version: 1, actions: commitOf("one") });
  assert.deepEqual(await tryCommit({ storage, version: 1, actions: commitOf("one") }), {
    outcome: "committed",
  });
});

test("a lost answer to a put that took effect is committed", async () => {
  const storage = losingAnswers(memoryStorage(), true);
  assert.deepEqual(await tryCommit({ storage, version: 1, actions: commitOf("one") }), {
    outcome: "committed",
  });
});

test("a failed put that left nothing behind gives the store's error", async () => {
  const memory = memoryStorage();
  const storage = losingAnswers(memory, false);
  await assert.rejects(tryCommit({ storage, version: 1, actions: commitOf("one") }), failure);
  assert.equal(memory.objects.size, 0);
});

test("a failed put over another's commit is taken", async () => {
  const memory = memoryStorage();
  await tryCommit({ storage: memory, version: 1, actions: commitOf("other") });
  const storage = losingAnswers(memory, false);
  assert.deepEqual(await tryCommit({ storage, version: 1, actions: commitOf("one") }), {
    outcome: "taken",
    winner: commitOf("other"),
  });
});

test("a writer that overwrites our commit, or removes it, is noticed", async () => {
  const storage = memoryStorage();
  await tryCommit({ storage, version: 1, actions: commitOf("one") });
  await storage.put(commitKey(1), '{"commitInfo":{"txnId":"spark"}}\n');
  assert.equal(await readBack({ storage, version: 1, txnId: "one" }), "clobbered");
  await storage.delete(commitKey(1));
  assert.equal(await readBack({ storage, version: 1, txnId: "one" }), "clobbered");
});

test("a commit that could not be told from another's is not tried", async () => {
  const storage = memoryStorage();
  await assert.rejects(tryCommit({ storage, version: 1, actions: [{ commitInfo: {} }] }), (error) =>
    isLandfallError(error, "INTERNAL"),
  );
  assert.equal(storage.objects.size, 0);
});
