import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { Storage } from "../storage/storage.ts";
import type { Action, AddFile, DomainMetadata, Metadata, RemoveFile } from "./actions.ts";
import { serializeCommit } from "./commit-json.ts";
import { commitKey } from "./log-files.ts";
import { latestVersion, readCommit } from "./log-storage.ts";
import { advanceSnapshot, fileKey, readSnapshot } from "./snapshot.ts";
import { advanceTableState, readTableState } from "./table-state.ts";

const SCHEMA = '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]}';

function metadataOf(name: string): Metadata {
  return {
    id: "t",
    name,
    format: { provider: "parquet", options: {} },
    schemaString: SCHEMA,
    partitionColumns: [],
    configuration: {},
  };
}

const first: Action[] = [
  { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
  { metaData: metadataOf("m") },
];

function addOf(path: string, size = 1): AddFile {
  return { path, partitionValues: {}, size, modificationTime: 1, dataChange: true };
}

async function storageOf(commits: readonly (readonly Action[])[]): Promise<ReturnType<typeof memoryStorage>> {
  const storage = memoryStorage();
  for (const [version, actions] of commits.entries()) {
    await storage.put(commitKey(version), serializeCommit(actions));
  }
  return storage;
}

/** What a log means, applied in order without any of the reader's short cuts. */
interface Model {
  adds: Record<string, AddFile>;
  removes: Record<string, RemoveFile>;
  txns: Map<string, number>;
  domains: Record<string, DomainMetadata>;
  name: string;
}

function modelOf(commits: readonly (readonly Action[])[]): Model {
  const model: Model = { adds: {}, removes: {}, txns: new Map(), domains: {}, name: "" };
  for (const actions of commits) {
    for (const action of actions) {
      if (!("remove" in action)) continue;
      const key = fileKey(action.remove);
      delete model.adds[key];
      model.removes[key] = action.remove;
    }
    for (const action of actions) {
      if ("add" in action) {
        const key = fileKey(action.add);
        model.adds[key] = action.add;
        delete model.removes[key];
      }
      if ("txn" in action) model.txns.set(action.txn.appId, Number(action.txn.version));
      if ("metaData" in action) model.name = action.metaData.name ?? "";
      if ("domainMetadata" in action) {
        if (action.domainMetadata.removed) delete model.domains[action.domainMetadata.domain];
        else model.domains[action.domainMetadata.domain] = action.domainMetadata;
      }
    }
  }
  return model;
}

async function readModel(storage: Storage, version?: number): Promise<Model> {
  const snapshot = await readSnapshot({ storage, ...(version === undefined ? {} : { version }) });
  assert.ok(snapshot);
  return summaryOf(snapshot);
}

function summaryOf(snapshot: NonNullable<Awaited<ReturnType<typeof readSnapshot>>>): Model {
  return {
    adds: Object.fromEntries(snapshot.adds),
    removes: Object.fromEntries(snapshot.removes),
    txns: new Map(Array.from(snapshot.txns, ([id, txn]) => [id, Number(txn.version)])),
    domains: Object.fromEntries(snapshot.domainMetadata),
    name: snapshot.metadata.name ?? "",
  };
}

const path = fc.constantFrom("a", "b", "c%20d", "/x/y", "file:/x/y", "file:///x/y");
const vector = fc.option(
  fc
    .constantFrom("one", "two")
    .map((id) => ({ storageType: "u", pathOrInlineDv: id, offset: 1, sizeInBytes: 2, cardinality: 1 })),
  { nil: undefined },
);
const fileAction = fc
  .record({ path, vector, size: fc.nat(99), remove: fc.boolean() })
  .map(({ path, vector, size, remove }): Action => {
    const deletionVector = vector === undefined ? {} : { deletionVector: vector };
    return remove
      ? { remove: { path, dataChange: true, deletionTimestamp: size, ...deletionVector } }
      : { add: { ...addOf(path, size), ...deletionVector } };
  });
const otherAction = fc.oneof(
  fc
    .record({ appId: fc.constantFrom("p", "q", "__proto__"), version: fc.nat() }, { noNullPrototype: true })
    .map((txn): Action => ({ txn })),
  fc.constantFrom("m1", "m2").map((name): Action => ({ metaData: metadataOf(name) })),
  fc
    .record(
      { domain: fc.constantFrom("d", "e"), configuration: fc.string(), removed: fc.boolean() },
      { noNullPrototype: true },
    )
    .map((domainMetadata): Action => ({ domainMetadata })),
);

/** At most one action of a kind for a path, appId or domain, and not an add and a remove of one logical file. */
const commit = fc
  .array(fc.oneof({ weight: 3, arbitrary: fileAction }, otherAction), { maxLength: 8 })
  .map((actions) => {
    const seen = new Set<string>();
    return actions.filter((action) => {
      const name = identityOf(action);
      const logical =
        "add" in action ? fileKey(action.add) : "remove" in action ? fileKey(action.remove) : name;
      const taken = seen.has(name) || seen.has(logical);
      seen.add(name).add(logical);
      return !taken;
    });
  });

function identityOf(action: Action): string {
  if ("add" in action) return `add ${action.add.path}`;
  if ("remove" in action) return `remove ${action.remove.path}`;
  if ("txn" in action) return `txn ${action.txn.appId}`;
  if ("domainMetadata" in action) return `domain ${action.domainMetadata.domain}`;
  return Object.keys(action)[0]!;
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
        assert.deepEqual({ ...state, commitInfos: read.commitInfos }, read);
        assert.equal(read.commitInfos.size, version);
        if (version > 0) assert.deepEqual([...state.commitInfos.keys()], [version]);
        assert.equal(state.version, version);
      }
    }),
    { numRuns: 60 },
  );
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
