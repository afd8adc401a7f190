/** Folding over memory adapters: whatever stops it, whoever else folds or takes in, nothing of a batch is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commitBatch, contextOver } from "../../test/support/committed-batches.ts";
import { onFaultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { commitKey } from "../delta/log-files.ts";
import { memoryLedger, type MemoryLedger } from "../ledger/memory-ledger.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { Storage } from "../storage/storage.ts";
import { listBatchNames } from "./batch-names.ts";
import { doneBatches } from "./done-batches.ts";
import { foldBatches } from "./fold-batches.ts";
import { removeLostAttempts } from "./lost-attempts.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { openTable } from "./open-table.ts";
import { takeIn } from "./take-in.ts";

const LIMITS = { batches: 2, bytes: 1e6 };

type Memory = ReturnType<typeof memoryStorage>;

/** Each batch reads a file of its own, with a name that no JSON leaves as it is. */
async function withBatches(
  count: number,
): Promise<{ readonly storage: Memory; readonly ledger: MemoryLedger }> {
  const storage = memoryStorage();
  const ledger = memoryLedger();
  for (let number = 1; number <= count; number++)
    await commitBatch(storage, number, number - 1, [{ key: `"\\%C3%BC${number}`, outcome: "committed" }]);
  await takeIn(contextOver(storage, ledger));
  return { storage, ledger };
}

/** The context over another store. */
function over(storage: Storage, ledger: MemoryLedger): PipelineContext {
  const context = contextOver(memoryStorage(), ledger);
  return { ...context, table: { ...openTable({ storage, parquet: NO_PARQUET }) } };
}

const NO_PARQUET = {
  port: {
    toJsonLines: () => Promise.reject(new Error("no checkpoint is read here")),
    fromJsonLines: () => Promise.reject(new Error("no checkpoint is written here")),
  },
  scratchFolder: "/nowhere",
};

async function rebuiltFrom(storage: Memory): Promise<string> {
  const rebuilt = memoryLedger();
  await takeIn(contextOver(storage, rebuilt));
  return rebuilt.dump();
}

/** Every manifest as the done batches have it, wherever it lies. */
async function told(storage: Storage): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const batch of doneBatches(storage, "p")) found.push(batch);
  return found;
}

async function foldAll(context: PipelineContext, limits = LIMITS): Promise<void> {
  while (await foldBatches(context, limits));
}

test("every batch reads the same before and after, originals are gone, and the last batch stays as it is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(14), fc.integer({ min: 1, max: 5 }), async (count, batches) => {
      const { storage, ledger } = await withBatches(count);
      const before = { dump: ledger.dump(), told: await told(storage) };
      await foldAll(contextOver(storage, ledger), { batches, bytes: 1e6 });
      assert.deepEqual(await told(storage), before.told);
      assert.equal(await rebuiltFrom(storage), before.dump);
      const { manifests, done, folded } = await listBatchNames(storage, "p");
      const files = Math.floor(Math.max(0, count - 1) / batches);
      assert.equal(folded.length, files);
      assert.equal(manifests.length, count - files * batches);
      assert.deepEqual(
        [...done.keys()],
        manifests.map(({ number }) => number),
      );
    }),
    { numRuns: 60 },
  );
});

test("the log may be trimmed behind folded batches", async () => {
  const { storage, ledger } = await withBatches(3);
  await foldAll(contextOver(storage, ledger));
  const first = (await storage.get(commitKey(0))).toString().split("\n");
  await storage.put(commitKey(0), `${first.filter((line) => /metaData|protocol/.test(line)).join("\n")}\n`);
  assert.equal(await rebuiltFrom(storage), ledger.dump());
});

test("it may stop before any of its writes, and in the middle of a removal: the next call ends it", async () => {
  for (let stopAt = 1; ; stopAt++) {
    const { storage, ledger } = await withBatches(5);
    const before = { dump: ledger.dump(), told: await told(storage) };
    let writes = 0;
    const stopping: Storage = {
      ...storage,
      put: async (key, content, options) => {
        if (++writes >= stopAt) throw stopped();
        return storage.put(key, content, options);
      },
      delete: async (keys) => {
        for (const key of [keys].flat()) {
          if (++writes >= stopAt) throw stopped();
          await storage.delete(key);
        }
      },
    };
    const notes: string[] = [];
    const context = over(stopping, ledger);
    await foldAll({ ...context, emit: (event) => void (event.type === "note" && notes.push(event.text)) });
    assert.deepEqual(await told(storage), before.told, `stopped at write ${stopAt}`);
    assert.equal(await rebuiltFrom(storage), before.dump);
    await foldAll(contextOver(storage, ledger));
    assert.deepEqual(await told(storage), before.told);
    const { manifests, done, folded } = await listBatchNames(storage, "p");
    assert.deepEqual([manifests.length, done.size, folded.length], [1, 1, 2]);
    if (writes < stopAt) {
      assert.equal(notes.length, 0);
      // Two files, and a manifest and a mark of each of four batches.
      assert.equal(writes, 10);
      return;
    }
    assert.equal(notes.length, 1);
  }
});

const stopped = (): LandfallError => new LandfallError("STORAGE_FAILED", { message: "the disk is gone" });

/** A store whose every call waits for its turn. */
function inTurn(storage: Storage, scheduler: fc.Scheduler): Storage {
  return {
    ...storage,
    list: async function* (options) {
      await scheduler.schedule(Promise.resolve(), "list");
      yield* storage.list(options);
    },
    get: (key) => scheduler.schedule(Promise.resolve(), `get ${key}`).then(() => storage.get(key)),
    put: (key, content, options) =>
      scheduler.schedule(Promise.resolve(), `put ${key}`).then(() => storage.put(key, content, options)),
    delete: async (keys) => {
      for (const key of [keys].flat()) {
        await scheduler.schedule(Promise.resolve(), `delete ${key}`);
        await storage.delete(key);
      }
    },
  };
}

test("two hosts fold at once, by the same limits or by others, while a third takes in from zero", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 3 }), async (scheduler, others) => {
      const { storage, ledger } = await withBatches(7);
      const second = memoryLedger();
      await takeIn(contextOver(storage, second));
      const before = { dump: ledger.dump(), told: await told(storage) };
      const notes: string[] = [];
      const host = (of: MemoryLedger): PipelineContext => ({
        ...over(inTurn(storage, scheduler), of),
        emit: (event) => void (event.type === "note" && notes.push(event.text)),
      });
      const rebuilt = memoryLedger();
      const all = Promise.all([
        foldAll(host(ledger)),
        foldAll(host(second), { batches: others, bytes: 1e6 }),
        takeIn(host(rebuilt)),
      ]);
      await scheduler.waitFor(all);
      assert.deepEqual(notes, []);
      assert.equal(rebuilt.dump(), before.dump);
      assert.deepEqual(await told(storage), before.told);
      assert.equal(await rebuiltFrom(storage), before.dump);
      const { manifests } = await listBatchNames(storage, "p");
      assert.ok(manifests.some(({ number }) => number === 7));
    }),
    { numRuns: 50 },
  );
});

test("a lost attempt is removed by the file as by a done mark, and what won is not", async () => {
  const { storage, ledger } = await withBatches(3);
  const context = contextOver(storage, ledger);
  const [first] = (await listBatchNames(storage, "p")).manifests;
  await foldAll(context);
  // A process that was paused writes its manifest for a number that has long been folded.
  const lost = await commitBatch(storage, 1, 0, [{ key: "late", outcome: "committed" }]);
  const kept = await told(storage);
  await foldAll(context);
  assert.ok((await listBatchNames(storage, "p")).manifests.some(({ batchId }) => batchId === lost));
  await removeLostAttempts(context, 1);
  const names = await listBatchNames(storage, "p");
  assert.deepEqual(
    names.manifests.map(({ number }) => number),
    [3],
  );
  assert.deepEqual(await told(storage), kept);
  // One that came back, as after a power cut, is no lost attempt.
  await storage.put(first!.key, "{}");
  await removeLostAttempts(context, 1);
  assert.ok(storage.objects.has(first!.key));
});

test("nothing is folded that this ledger has not settled, or whose manifest was edited; a damaged file keeps its originals", async () => {
  const { storage, ledger } = await withBatches(3);
  const [first] = (await listBatchNames(storage, "p")).manifests;
  const files = async (): Promise<number> => (await listBatchNames(storage, "p")).folded.length;
  const notes: string[] = [];
  const noting = {
    ...contextOver(storage, ledger),
    emit: (event: { readonly type: string }) => void notes.push(event.type),
  };
  await foldAll(contextOver(storage, memoryLedger()));
  assert.equal(await files(), 0);
  const content = await storage.get(first!.key);
  await storage.put(first!.key, content.toString().replace('"read":2', '"read":3'));
  await foldAll(noting);
  assert.deepEqual([await files(), notes], [0, ["note"]]);
  await storage.put(first!.key, content);
  // The file is written, and damaged before its originals go.
  onFaultPoint((point) => {
    if (point !== "fold.written") return;
    for (const [key, object] of storage.objects)
      if (key.endsWith(".folded.json"))
        storage.objects.set(key, { ...object, content: object.content.subarray(0, 300) });
  });
  try {
    await foldAll(noting);
  } finally {
    onFaultPoint(undefined);
  }
  assert.deepEqual([await files(), notes], [1, ["note", "batches.folded", "note"]]);
  assert.equal((await listBatchNames(storage, "p")).manifests.length, 3);
});
