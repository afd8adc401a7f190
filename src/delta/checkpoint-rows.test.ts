import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { putForeignCheckpoint, type CheckpointKind } from "../../test/support/foreign-checkpoint.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { localStorage } from "../storage/local-storage.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { Storage } from "../storage/storage.ts";
import type { Action } from "./actions.ts";
import type { ParquetAccess } from "./checkpoint-rows.ts";
import { serializeCommit } from "./commit-json.ts";
import { commitKey, LAST_CHECKPOINT } from "./log-files.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";
import { readTableState } from "./table-state.ts";

const FEATURES = ["v2Checkpoint", "deletionVectors"];
const VECTOR = {
  storageType: "u",
  pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^",
  offset: 4,
  sizeInBytes: 40,
  cardinality: 6,
};

const addOf = (path: string, more: object = {}): Action => ({
  add: { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true, ...more },
});

const COMMITS: Action[][] = [
  [
    {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: FEATURES,
        writerFeatures: FEATURES,
      },
    },
    {
      metaData: {
        id: "t",
        format: { provider: "parquet", options: {} },
        schemaString: '{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}',
        partitionColumns: [],
        configuration: { "delta.checkpointPolicy": "v2" },
      },
    },
    addOf("a"),
    addOf("b"),
    addOf("c", { deletionVector: VECTOR }),
  ],
  [
    { txn: { appId: "one", version: 9_007_199_254_740_993n } },
    { domainMetadata: { domain: "delta.future", configuration: "{}", removed: false } },
    addOf("d"),
    { remove: { path: "a", dataChange: true, deletionTimestamp: 5 } },
  ],
  [addOf("e%20f"), { remove: { path: "b", dataChange: true, deletionTimestamp: 6 } }],
];

const KINDS: Record<string, CheckpointKind> = {
  "multi-part": { kind: "multiPart", parts: 3 },
  "V2 in JSON": { kind: "uuid", format: "json" },
  "V2 in Parquet": { kind: "uuid", format: "parquet" },
  "V2 in JSON with sidecars": { kind: "uuid", format: "json", sidecars: 2 },
  "V2 in Parquet with sidecars": { kind: "uuid", format: "parquet", sidecars: 3 },
  "V2 under the classic name": { kind: "classic", sidecars: 2 },
};

interface Given {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  /** The files of version 1's checkpoint, sidecars last. */
  readonly keys: readonly string[];
  /** At version 2, by the commits. */
  readonly expected: Snapshot;
}

async function given(t: TestContext, as: CheckpointKind, storage: Storage = memoryStorage()): Promise<Given> {
  const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
  for (const [version, actions] of COMMITS.entries())
    await storage.put(commitKey(version), serializeCommit(actions));
  const expected = (await readSnapshot({ storage, parquet }))!;
  const snapshot = (await readSnapshot({ storage, parquet, version: 1 }))!;
  const keys = await putForeignCheckpoint({ storage, parquet, snapshot, as });
  return { storage, parquet, keys, expected };
}

/** A checkpoint says of no file that its data changed. */
function comparable({ commitInfos: _infos, ...snapshot }: Snapshot): unknown {
  const quiet = <T extends object>(files: ReadonlyMap<string, T>): unknown =>
    Object.fromEntries(Array.from(files, ([key, file]) => [key, { ...file, dataChange: false }]));
  return { ...snapshot, adds: quiet(snapshot.adds), removes: quiet(snapshot.removes) };
}

for (const [name, kind] of Object.entries(KINDS)) {
  for (const place of ["memory", "local"]) {
    test(`a checkpoint, ${name}, in ${place} storage gives the state of the commits`, async (t) => {
      const { storage, parquet, expected } = await given(
        t,
        kind,
        place === "memory" ? memoryStorage() : localStorage({ root: temporaryFolder(t) }),
      );
      for (const version of [0, 1]) await storage.delete(commitKey(version));
      for (const hint of [undefined, '{"version":1,"size":9}', '{"version":1,"size":9,"parts":3}']) {
        if (hint !== undefined) await storage.put(LAST_CHECKPOINT, hint);
        assert.deepEqual(comparable((await readSnapshot({ storage, parquet }))!), comparable(expected));
      }
      const { adds: _adds, removes: _removes, ...state } = expected;
      const { segment, ...read } = (await readTableState({ storage, parquet }))!;
      assert.ok(segment?.checkpoint !== undefined);
      assert.deepEqual({ ...read, commitInfos: undefined }, { ...state, commitInfos: undefined });
    });
  }

  test(`a checkpoint, ${name}, with any of its files missing or damaged serves nobody`, async (t) => {
    const { storage, parquet, keys, expected } = await given(t, kind);
    for (const key of keys) {
      const content = await storage.get(key);
      for (const damaged of [undefined, Buffer.from(""), content.subarray(0, content.length - 9)]) {
        if (damaged === undefined) await storage.delete(key);
        else await storage.put(key, damaged);
        await storage.put(commitKey(0), serializeCommit(COMMITS[0]!));
        assert.deepEqual(comparable((await readSnapshot({ storage, parquet }))!), comparable(expected));
        await storage.delete(commitKey(0));
        await assert.rejects(readSnapshot({ storage, parquet }), (error) => {
          assert.ok(isLandfallError(error, "TABLE_LOG_CORRUPT"), String(error));
          return true;
        });
      }
      await storage.put(key, content);
    }
  });
}

test("the kinds of one version stand in for each other", async (t) => {
  const { storage, parquet, keys, expected } = await given(t, KINDS["V2 in JSON with sidecars"]!);
  const snapshot = (await readSnapshot({ storage, parquet, version: 1 }))!;
  for (const as of Object.values(KINDS)) await putForeignCheckpoint({ storage, parquet, snapshot, as });
  await storage.delete(commitKey(0));
  for (const key of [keys.at(-1)!, "_delta_log/00000000000000000001.checkpoint.parquet"]) {
    await storage.put(key, "damaged");
    assert.deepEqual(comparable((await readSnapshot({ storage, parquet }))!), comparable(expected));
  }
});

test("a V2 checkpoint in JSON without sidecars needs no Parquet port", async (t) => {
  const { storage, expected } = await given(t, KINDS["V2 in JSON"]!);
  await storage.delete(commitKey(0));
  assert.deepEqual(comparable((await readSnapshot({ storage }))!), comparable(expected));
});

test("a V2 checkpoint that says nothing of itself, or of another version, is unusable", async (t) => {
  const { storage, parquet, keys } = await given(t, KINDS["V2 in JSON"]!);
  await storage.delete(commitKey(0));
  const content = (await storage.get(keys[0]!)).toString();
  const metadata = '{"checkpointMetadata":{"version":1}}\n';
  assert.ok(content.startsWith(metadata));
  for (const start of ["", '{"checkpointMetadata":{"version":2}}\n', '{"checkpointMetadata":{}}\n']) {
    await storage.put(keys[0]!, start + content.slice(metadata.length));
    await assert.rejects(readSnapshot({ storage, parquet }), /no checkpointMetadata|of version/);
  }
  const notUtf8 = Buffer.from(content.replace("e%20f", "a").replace('"path":"d"', '"path":"X"'), "latin1");
  notUtf8[notUtf8.indexOf('"X"') + 1] = 0xff;
  await storage.put(keys[0]!, notUtf8);
  await assert.rejects(readSnapshot({ storage, parquet }), /line \d+ of .* is no JSON object/);
});

test("sidecars are read from _delta_log/_sidecars and nowhere else", async (t) => {
  const { storage, parquet, keys, expected } = await given(t, {
    kind: "uuid",
    format: "json",
    sidecars: 1,
  });
  await storage.delete(commitKey(0));
  const content = (await storage.get(keys[0]!)).toString();
  const path = /"sidecar":\{"path":"([^"]*)"/.exec(content)![1]!;
  const named = async (other: string): Promise<Snapshot | undefined> => {
    await storage.put(keys[0]!, content.replace(path, other));
    return readSnapshot({ storage, parquet });
  };
  // A writer may name the folder in full; the table may have been moved since.
  for (const prefix of [
    "file:///once/here/_delta_log/_sidecars/",
    "/t/_delta_log/_sidecars/",
    "s3://b/_delta_log/_sidecars/",
  ])
    assert.deepEqual(comparable((await named(prefix + path))!), comparable(expected));
  await storage.put("outside.parquet", await storage.get(keys[1]!));
  for (const other of [
    "../../outside.parquet",
    "..%2F..%2Foutside.parquet",
    "/outside.parquet",
    "file:///t/_delta_log/_sidecars/..%2F..%2Foutside.parquet",
    "..",
    "",
    "%",
    "x%00y",
  ])
    await assert.rejects(named(other), /which does not lie in _delta_log\/_sidecars\//, other);
});
