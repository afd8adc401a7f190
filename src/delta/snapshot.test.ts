import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { addOf, commit, first, modelOf, readModel, summaryOf } from "../../test/support/delta-log-model.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import { localStorage } from "../storage/local-storage.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { Action } from "./actions.ts";
import { serializeCommit } from "./commit-json.ts";
import { commitKey } from "./log-files.ts";
import { latestVersion, readCommit } from "./log-storage.ts";
import { advanceSnapshot, readSnapshot, type Snapshot } from "./snapshot.ts";
import { advanceTableState, readTableState } from "./table-state.ts";

async function storageOf(commits: readonly (readonly Action[])[]): Promise<ReturnType<typeof memoryStorage>> {
  const storage = memoryStorage();
  for (const [version, actions] of commits.entries()) {
    await storage.put(commitKey(version), serializeCommit(actions));
  }
  return storage;
}

test("replay equals a naive model at every version, read at once or step by step", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(commit, { maxLength: 8 }), async (generated) => {
      const info = (version: number): Action => ({ commitInfo: { version } });
      const commits = [first, ...generated.map((actions, index) => [info(index + 1), ...actions])];
      const storage = await storageOf(commits.slice(0, 1));
      let stepped = await readSnapshot({ storage });
      let state = await readTableState({ storage });
      for (const [version, actions] of commits.entries()) {
        await storage.put(commitKey(version), serializeCommit(actions));
        stepped = await advanceSnapshot(stepped!, { storage });
        state = await advanceTableState(state!, { storage });
        const model = modelOf(commits.slice(0, version + 1));
        assert.deepEqual(await readModel(storage, version), model);
        assert.deepEqual(summaryOf(stepped), model);
        const read = (await readTableState({ storage }))!;
        const { commitInfos, segment } = read;
        assert.deepEqual({ ...state, commitInfos, segment }, read);
        assert.equal(read.commitInfos.size, version);
        if (version > 0) assert.deepEqual([...state.commitInfos.keys()], [version]);
        assert.equal(state.version, version);
      }
    }),
    { numRuns: 60 },
  );
});

test("a file is the same by its path from the root and by its absolute path", async (t) => {
  const storage = localStorage({ root: temporaryFolder(t) });
  const below = (path: string): string => `${pathToFileURL(storage.location).href}/${path}`;
  const outside = "file:///elsewhere/x/c.parquet";
  const commits: readonly (readonly Action[])[] = [
    first,
    [{ add: addOf("a%20b.parquet") }, { add: addOf("x/c.parquet") }, { add: addOf(outside) }],
    [
      { remove: { path: below("a%20b.parquet"), dataChange: true } },
      { add: addOf(below("x/c.parquet")) },
      { remove: { path: "/elsewhere/x/./c.parquet", dataChange: true } },
    ],
  ];
  let stepped: Snapshot | undefined;
  for (const [version, actions] of commits.entries()) {
    await storage.put(commitKey(version), serializeCommit(actions));
    const read = await readSnapshot({ storage });
    stepped = stepped === undefined ? read : await advanceSnapshot(stepped, { storage });
    assert.deepEqual(stepped?.adds, read?.adds);
  }
  assert.deepEqual(
    [...stepped!.adds.values()].map(({ path }) => path),
    [below("x/c.parquet")],
  );
  assert.equal(stepped!.removes.size, 2);
});

test("where there is no log, or an empty one, there is no snapshot and no version", async () => {
  const storage = memoryStorage();
  await storage.put("part-1.parquet", "x");
  await storage.put("_delta_log/.hidden.json.crc", "x");
  assert.equal(await readSnapshot({ storage }), undefined);
  assert.equal(await readTableState({ storage }), undefined);
  assert.equal(await latestVersion({ storage }), undefined);
});

test("nothing newer gives the same state, and a known version is enough to find the newest", async () => {
  const storage = await storageOf([first, [{ add: addOf("a") }]]);
  const state = (await readTableState({ storage }))!;
  assert.equal(await advanceTableState(state, { storage }), state);
  const snapshot = (await readSnapshot({ storage }))!;
  assert.equal(await advanceSnapshot(snapshot, { storage }), snapshot);
  assert.equal(await latestVersion({ storage, from: 1 }), 1);
  assert.equal(await latestVersion({ storage }), 1);
  const listed: (string | undefined)[] = [];
  await latestVersion({
    storage: {
      ...storage,
      list: (options) => {
        listed.push(options?.startAfter);
        return storage.list(options);
      },
    },
    from: 1,
  });
  assert.deepEqual(listed, ["_delta_log/00000000000000000001"]);
});

test("a commit is read with its own description, a missing one is undefined", async () => {
  const info = { operation: "WRITE", txnId: "x", operationParameters: { mode: 1, nested: { a: [true] } } };
  const storage = await storageOf([first, [{ commitInfo: info }, { add: addOf("a") }]]);
  assert.deepEqual(await readCommit({ storage, version: 1 }), {
    actions: [{ commitInfo: info }, { add: addOf("a") }],
    commitInfo: info,
  });
  assert.equal(await readCommit({ storage, version: 2 }), undefined);
});

async function fails(work: Promise<unknown>, code: LandfallError["code"], message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isLandfallError(error, code), String(error));
    assert.match(error.message, message);
    return true;
  });
}

test("damage is named: a gap, a first version missing, no protocol, no metadata", async () => {
  const gap = await storageOf([first, [{ add: addOf("a") }], [{ add: addOf("b") }]]);
  await gap.delete(commitKey(1));
  await fails(readSnapshot({ storage: gap }), "TABLE_LOG_CORRUPT", /version 1 is missing/);
  assert.equal((await readSnapshot({ storage: gap, version: 0 }))!.version, 0);
  const known = (await readTableState({ storage: gap, version: 0 }))!;
  await fails(advanceTableState(known, { storage: gap }), "TABLE_LOG_CORRUPT", /version 1 is missing/);
  const beheaded = await storageOf([first, [{ add: addOf("a") }]]);
  await beheaded.delete(commitKey(0));
  await fails(readSnapshot({ storage: beheaded }), "TABLE_LOG_CORRUPT", /version 0 is missing/);
  await fails(readSnapshot({ storage: await storageOf([[first[1]!]]) }), "TABLE_LOG_CORRUPT", /no protocol/);
  await fails(readSnapshot({ storage: await storageOf([[first[0]!]]) }), "TABLE_LOG_CORRUPT", /no metaData/);
});

test("versions that are not there are named so", async () => {
  const storage = await storageOf([first]);
  await fails(
    readTableState({ storage, version: 1 }),
    "TABLE_VERSION_MISSING",
    /no version 1; its newest is 0/,
  );
});

test("an unknown protocol is refused before the rest is interpreted", async () => {
  const storage = await storageOf([[{ protocol: { minReaderVersion: 4, minWriterVersion: 8 } }]]);
  await fails(readSnapshot({ storage }), "TABLE_FEATURE_UNSUPPORTED", /reader version 4/);
});

test("a multi-part checkpoint without all of its parts is none", async () => {
  const storage = await storageOf([first, [{ add: addOf("a") }], [{ add: addOf("b") }]]);
  await storage.put("_delta_log/00000000000000000001.checkpoint.0000000001.0000000002.parquet", "x");
  assert.equal((await readSnapshot({ storage }))!.adds.size, 2);
  await storage.delete(commitKey(0));
  await fails(readSnapshot({ storage }), "TABLE_LOG_CORRUPT", /version 0 is missing/);
});

test("an aborted read stops with the signal's reason", async () => {
  const storage = await storageOf([first, [{ add: addOf("a") }]]);
  const reason = new Error("stop");
  await assert.rejects(readSnapshot({ storage, signal: AbortSignal.abort(reason) }), reason);
});
