/** Checkpoints of the V2 spec: what is written where a table asks for them. */
import assert from "node:assert/strict";
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { localStorage } from "../storage/local-storage.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { listAll, type Storage } from "../storage/storage.ts";
import type { Action, AddFile } from "./actions.ts";
import { checkpointRows, type ParquetAccess } from "./checkpoint-rows.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { cleanUpLog } from "./clean-up-log.ts";
import { serializeCommit } from "./commit-json.ts";
import { checkpointKey, commitKey, LAST_CHECKPOINT, LOG_FOLDER } from "./log-files.ts";
import { listLog } from "./log-storage.ts";
import { SIDECAR_FOLDER } from "./sidecar-key.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";
import { readTableState } from "./table-state.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 15, 13, 30);
const FEATURES = ["v2Checkpoint", "deletionVectors"];
const VECTOR = {
  storageType: "u",
  pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^",
  offset: 4,
  sizeInBytes: 40,
  cardinality: 6,
};

const addOf = (path: string, more: Partial<AddFile> = {}): Action => ({
  add: { path, partitionValues: {}, size: 7, modificationTime: 1, dataChange: true, ...more },
});

function first(policy: string, features = FEATURES): Action[] {
  const legacy = features.length === 0;
  return [
    {
      protocol: legacy
        ? { minReaderVersion: 1, minWriterVersion: 2 }
        : { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features },
    },
    {
      metaData: {
        id: "t",
        format: { provider: "parquet", options: {} },
        schemaString: '{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}',
        partitionColumns: [],
        configuration: { "delta.checkpointPolicy": policy },
      },
    },
  ];
}

const COMMITS: Action[][] = [
  [...first("v2"), addOf("a"), addOf("b"), addOf("c", { deletionVector: VECTOR })],
  [
    { txn: { appId: "one", version: 9_007_199_254_740_993n } },
    { domainMetadata: { domain: "delta.future", configuration: "{}", removed: false } },
    addOf("d", { stats: '{"numRecords":3}' }),
    { remove: { path: "a", dataChange: true, deletionTimestamp: NOW - DAY, size: 7 } },
  ],
  [addOf("e%20f"), { remove: { path: "b", dataChange: true, deletionTimestamp: NOW, size: 7 } }],
];

async function fill(storage: Storage, commits: readonly Action[][] = COMMITS): Promise<void> {
  for (const [version, actions] of commits.entries())
    await storage.put(commitKey(version), serializeCommit(actions));
}

function access(t: TestContext): ParquetAccess {
  return { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
}

const keysOf = async (storage: Storage): Promise<string[]> => (await listAll(storage)).map(({ key }) => key);

/** As a checkpoint holds it. */
function checkpointed({ adds, removes, ...state }: Snapshot): unknown {
  const unchanged = <T extends object>(files: ReadonlyMap<string, T>): unknown =>
    new Map([...files].map(([key, file]) => [key, { ...file, dataChange: false }]));
  const { protocol, metadata, txns, domainMetadata, version } = state;
  return {
    protocol,
    metadata,
    txns,
    domainMetadata,
    version,
    adds: unchanged(adds),
    removes: unchanged(removes),
  };
}

for (const [kind, makeStorage] of [
  ["memory", () => memoryStorage()],
  ["local", (t: TestContext) => localStorage({ root: temporaryFolder(t) })],
] as const) {
  test(`on ${kind} storage, the state behind a V2 checkpoint is the state of the commits`, async (t) => {
    const storage = makeStorage(t);
    const parquet = access(t);
    await fill(storage);
    const replayed = (await readSnapshot({ storage }))!;
    const { totals, ...written } = await writeCheckpoint({ storage, parquet, version: 2, now: NOW });
    assert.deepEqual(totals, { files: 3, bytes: 21, vectors: 1, deletedRows: 6n });
    const { checkpoints } = await listLog({ storage });
    assert.deepEqual(
      checkpoints.map((found) => found.kind),
      ["uuid"],
    );
    const top = checkpoints[0]!.keys[0]!;
    assert.match(top, /\.checkpoint\.[0-9a-f-]{36}\.parquet$/);
    const sidecars = (await keysOf(storage)).filter((key) => key.startsWith(SIDECAR_FOLDER));
    assert.equal(sidecars.length, 1);
    for (const version of [0, 1, 2]) await storage.delete(commitKey(version));
    assert.deepEqual(checkpointed((await readSnapshot({ storage, parquet }))!), checkpointed(replayed));
    assert.deepEqual(readdirSync(parquet.scratchFolder), [], "no scratch file stays");

    const sizes = await Promise.all([top, sidecars[0]!].map(async (key) => (await storage.head(key))!.size));
    // Three adds, two tombstones; protocol, metadata, a transaction, a domain, the sidecar and what the checkpoint says of itself.
    assert.deepEqual(written, {
      version: 2,
      size: 5 + 6,
      sizeInBytes: sizes[0]! + sizes[1]!,
      numOfAddFiles: 3,
    });
    const { v2Checkpoint, ...hint } = JSON.parse((await storage.get(LAST_CHECKPOINT)).toString()) as {
      v2Checkpoint: {
        readonly path: string;
        readonly sizeInBytes: number;
        readonly nonFileActions: readonly object[];
        readonly sidecarFiles: readonly { readonly path: string; readonly sizeInBytes: number }[];
      };
    };
    assert.deepEqual(hint, written);
    assert.equal(LOG_FOLDER + v2Checkpoint.path, top);
    assert.equal(v2Checkpoint.sizeInBytes, sizes[0]);
    assert.deepEqual(
      v2Checkpoint.sidecarFiles.map(({ path, sizeInBytes }) => [SIDECAR_FOLDER + path, sizeInBytes]),
      [[sidecars[0], sizes[1]]],
    );
    assert.deepEqual(
      v2Checkpoint.nonFileActions.map((action) => Object.keys(action)[0]),
      ["protocol", "metaData", "txn", "domainMetadata", "checkpointMetadata"],
    );
  });
}

test("no action of a file stands in the file on top", async (t) => {
  const storage = memoryStorage();
  const parquet = access(t);
  await fill(storage);
  await writeCheckpoint({ storage, parquet, version: 2, now: NOW });
  const { checkpoints } = await listLog({ storage });
  for (const key of (await keysOf(storage)).filter((name) => name.startsWith(SIDECAR_FOLDER)))
    await storage.delete(key);
  const columns = ["protocol", "metaData", "txn", "domainMetadata"];
  const rows = await Array.fromAsync(
    checkpointRows({ storage, checkpoint: checkpoints[0]!, parquet, columns }),
  );
  assert.equal(rows.length, 4);
});

test("a table without files has a V2 checkpoint without sidecars", async (t) => {
  const storage = memoryStorage();
  const parquet = access(t);
  await fill(storage, [first("v2")]);
  const { size, numOfAddFiles } = await writeCheckpoint({ storage, parquet, version: 0, now: NOW });
  assert.deepEqual([size, numOfAddFiles], [3, 0]);
  assert.deepEqual(
    (await keysOf(storage)).filter((key) => key.startsWith(SIDECAR_FOLDER)),
    [],
  );
  await storage.delete(commitKey(0));
  assert.equal((await readSnapshot({ storage, parquet }))!.adds.size, 0);
});

for (const [what, actions] of [
  ["the table has the feature and the classic policy", first("classic")],
  ["the table asks for V2 without the feature", first("v2", [])],
] as const) {
  test(`a checkpoint is a classic one where ${what}`, async (t) => {
    const storage = memoryStorage();
    await fill(storage, [[...actions, addOf("a")]]);
    await writeCheckpoint({ storage, parquet: access(t), version: 0, now: NOW });
    assert.deepEqual(await keysOf(storage), [checkpointKey(0), commitKey(0), LAST_CHECKPOINT]);
  });
}

test("a V2 checkpoint of a V2 checkpoint and later commits carries all of it on, also from kept rows", async (t) => {
  const parquet = access(t);
  const read = await Promise.all(
    [false, true].map(async (keeps) => {
      const storage = memoryStorage();
      await fill(storage);
      const keepAt = `${parquet.scratchFolder}/kept-${keeps}`;
      const { kept } = await writeCheckpoint({ storage, parquet, version: 1, now: NOW, keepAt });
      assert.equal(kept?.version, 1);
      const state = (await readTableState({ storage, parquet }))!;
      const from = keeps ? { state, kept } : {};
      await writeCheckpoint({ storage, parquet, version: 2, now: NOW, ...from });
      for (const version of [0, 1, 2]) await storage.delete(commitKey(version));
      return checkpointed((await readSnapshot({ storage, parquet }))!);
    }),
  );
  const storage = memoryStorage();
  await fill(storage);
  assert.deepEqual(read[0], checkpointed((await readSnapshot({ storage }))!));
  assert.deepEqual(read[1], read[0]);
});

test("two writers of one version are not in each other's way", async (t) => {
  const storage = memoryStorage();
  const parquet = access(t);
  await fill(storage);
  const expected = checkpointed((await readSnapshot({ storage }))!);
  await Promise.all([1, 2].map(() => writeCheckpoint({ storage, parquet, version: 2, now: NOW })));
  const { checkpoints } = await listLog({ storage });
  assert.equal(checkpoints.length, 2);
  for (const version of [0, 1, 2]) await storage.delete(commitKey(version));
  for (const { keys } of checkpoints) {
    assert.deepEqual(checkpointed((await readSnapshot({ storage, parquet }))!), expected);
    await storage.delete(keys);
  }
});

test("a checkpoint that ends before its file on top leaves sidecars that nobody names, and those go after a day", async (t) => {
  const storage = localStorage({ root: join(temporaryFolder(t), "table") });
  const parquet = access(t);
  await fill(storage);
  const full: Storage = {
    ...storage,
    putFile: (key, path) =>
      key.startsWith(SIDECAR_FOLDER)
        ? storage.putFile(key, path)
        : Promise.reject(new Error("no space left")),
  };
  await assert.rejects(writeCheckpoint({ storage: full, parquet, version: 1, now: NOW }), /no space left/);
  const sidecars = async (): Promise<string[]> =>
    (await keysOf(storage)).filter((key) => key.startsWith(SIDECAR_FOLDER));
  const left = await sidecars();
  assert.equal(left.length, 1);
  assert.equal((await readSnapshot({ storage, parquet }))!.adds.size, 3);

  const setAge = (key: string, days: number): void => {
    const then = new Date(NOW - days * DAY);
    utimesSync(storage.localPath(key), then, then);
  };
  await writeCheckpoint({ storage, parquet, version: 1, now: NOW });
  const [named] = (await sidecars()).filter((key) => !left.includes(key));
  for (const version of [0, 1, 2]) setAge(commitKey(version), version === 2 ? 1 : 40);
  for (const { keys } of (await listLog({ storage })).checkpoints) setAge(keys[0]!, 40);
  for (const key of await sidecars()) setAge(key, 40);
  const state = (await readTableState({ storage, parquet }))!;
  await cleanUpLog({ storage, parquet, state, now: NOW, mayRemove: () => Promise.resolve(true) });
  assert.deepEqual(await sidecars(), [named]);
  assert.equal((await readSnapshot({ storage, parquet }))!.adds.size, 3);
});
