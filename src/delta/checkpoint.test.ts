import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { nullableField, type DataType, type StructType } from "../schema/data-type.ts";
import { localStorage } from "../storage/local-storage.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { listAll, type Storage } from "../storage/storage.ts";
import type { Action, AddFile } from "./actions.ts";
import type { ParquetAccess } from "./checkpoint-rows.ts";
import { checkpointColumns } from "./checkpoint-schema.ts";
import { shouldCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { serializeCommit } from "./commit-json.ts";
import { parseInterval } from "./interval.ts";
import { checkpointKey, commitKey, LAST_CHECKPOINT } from "./log-files.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";
import { serializeSchema } from "./schema-json.ts";
import { readTableState } from "./table-state.ts";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

function addOf(path: string, more: Partial<AddFile> = {}): Action {
  return {
    add: {
      path,
      partitionValues: { p: null, "q.r": "x" },
      size: 9_000_000_000_000,
      modificationTime: 1,
      dataChange: true,
      stats: '{"numRecords":3,"maxValues":{"d":12345678901234567890.123456789012345678}}',
      ...more,
    },
  };
}

const vector = {
  storageType: "u",
  pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^",
  offset: 4,
  sizeInBytes: 40,
  cardinality: 6,
};

/** A table with something of all that a checkpoint must carry on. */
const COMMITS: Action[][] = [
  [
    {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["deletionVectors"],
        writerFeatures: ["deletionVectors", "domainMetadata", "appendOnly"],
      },
    },
    {
      metaData: {
        id: "t",
        name: "näme",
        description: "a 'quoted' \"one\"\n",
        format: { provider: "parquet", options: { k: "v" } },
        schemaString:
          '{"type":"struct","fields":[{"name":"d","type":"decimal(38,18)","nullable":true,"metadata":{}},{"name":"p","type":"long","nullable":true,"metadata":{}},{"name":"q.r","type":"string","nullable":true,"metadata":{}}]}',
        partitionColumns: ["p", "q.r"],
        configuration: { "delta.deletedFileRetentionDuration": "interval 2 days", empty: "" },
        createdTime: 1,
      },
    },
    addOf("a%2520b"),
    addOf("old"),
    addOf("recent"),
  ],
  [
    { txn: { appId: "one", version: 9_007_199_254_740_993n, lastUpdated: 5 } },
    { txn: { appId: "zwei ü", version: 2 } },
    { domainMetadata: { domain: "delta.future", configuration: '{"a":1}', removed: false } },
    { domainMetadata: { domain: "gone", configuration: "", removed: false } },
    { remove: { path: "old", dataChange: true, deletionTimestamp: NOW - 3 * DAY } },
    {
      remove: {
        path: "recent",
        dataChange: true,
        deletionTimestamp: NOW - DAY,
        extendedFileMetadata: true,
        partitionValues: { p: null, "q.r": "x" },
        size: 5,
        stats: "{}",
        tags: { a: "b" },
      },
    },
    addOf("dv", {
      deletionVector: vector,
      baseRowId: 7,
      defaultRowCommitVersion: 0,
      tags: { t: null, u: "" },
    }),
  ],
  [
    { domainMetadata: { domain: "gone", configuration: "", removed: true } },
    addOf("c", { clusteringProvider: "liquid" }),
  ],
];

const TEXTS: DataType = { type: "map", keyType: "string", valueType: "string", valueContainsNull: true };

function struct(types: Record<string, DataType>): StructType {
  return {
    type: "struct",
    fields: Object.entries(types).map(([name, type]) => nullableField(name, type)),
  };
}

async function fill(storage: Storage, commits: readonly Action[][] = COMMITS): Promise<void> {
  for (const [version, actions] of commits.entries()) {
    await storage.put(commitKey(version), serializeCommit(actions));
  }
}

function access(t: TestContext): ParquetAccess {
  return { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
}

/** The snapshot as a checkpoint gives it: no dataChange, no expired tombstones, removes without statistics and tags. */
function asCheckpointed(snapshot: Snapshot): unknown {
  const removes = [...snapshot.removes]
    .filter(([, remove]) => Number(remove.deletionTimestamp) > NOW - 2 * DAY)
    .map(
      ([key, { stats: _stats, tags: _tags, ...remove }]) => [key, { ...remove, dataChange: false }] as const,
    );
  return {
    ...snapshot,
    commitInfos: undefined,
    adds: new Map([...snapshot.adds].map(([key, add]) => [key, { ...add, dataChange: false }])),
    removes: new Map(removes),
  };
}

for (const [kind, makeStorage] of [
  ["memory", () => memoryStorage()],
  ["local", (t: TestContext) => localStorage({ root: temporaryFolder(t) })],
] as const) {
  test(`on ${kind} storage, the state behind a checkpoint is the state of the commits`, async (t) => {
    const storage = makeStorage(t);
    const parquet = access(t);
    await fill(storage);
    const replayed = (await readSnapshot({ storage }))!;
    const { totals, ...written } = await writeCheckpoint({ storage, parquet, version: 2, now: NOW });
    assert.deepEqual(totals, { files: 3, bytes: 27_000_000_000_000, vectors: 1, deletedRows: 6n });
    assert.equal(written.numOfAddFiles, 3);
    assert.equal(written.size, 3 + 1 + 2 + 2 + 1);
    for (const version of [0, 1, 2]) await storage.delete(commitKey(version));
    const restored = (await readSnapshot({ storage, parquet }))!;
    assert.deepEqual(asCheckpointed(restored), asCheckpointed(replayed));
    assert.deepEqual([...restored.removes.keys()], ["recent"]);
    assert.deepEqual(readdirSync(parquet.scratchFolder), [], "no scratch file stays");
    const hint = JSON.parse((await storage.get(LAST_CHECKPOINT)).toString()) as unknown;
    assert.deepEqual(hint, written);
    assert.equal((await storage.head(checkpointKey(2)))!.size, written.sizeInBytes);
  });
}

test("a checkpoint of a checkpoint and later commits carries all of it on", async (t) => {
  const storage = memoryStorage();
  const parquet = access(t);
  await fill(storage);
  await writeCheckpoint({ storage, parquet, version: 1, now: NOW });
  await storage.delete(commitKey(0));
  const before = (await readSnapshot({ storage, parquet }))!;
  await writeCheckpoint({ storage, parquet, version: 2, now: NOW });
  await storage.delete(commitKey(2));
  assert.deepEqual(asCheckpointed((await readSnapshot({ storage, parquet }))!), asCheckpointed(before));
});

test("statistics that a checkpoint holds as columns only come back as JSON without a digit lost", async (t) => {
  const storage = memoryStorage();
  const parquet = access(t);
  const values = struct({
    d: "decimal(38,18)",
    n: "double",
    s: struct({ at: "timestamp", ntz: "timestamp_ntz", text: "string" }),
  });
  const schema: StructType = { type: "struct", fields: [...values.fields, nullableField("list", "long")] };
  const add = struct({
    path: "string",
    partitionValues: TEXTS,
    size: "long",
    modificationTime: "long",
    dataChange: "boolean",
    stats_parsed: struct({
      numRecords: "long",
      minValues: values,
      maxValues: values,
      nullCount: struct({ d: "long", n: "long" }),
    }),
  });
  const metaData = {
    id: "t",
    format: { provider: "parquet", options: {} },
    schemaString: serializeSchema(schema),
    partitionColumns: [],
    configuration: {},
  };
  const minValues = {
    d: "12345678901234567890.123456789012345678",
    n: 1.5,
    s: { at: "2024-01-02 03:04:05.678901+00", ntz: "1969-12-31 23:59:59.9999", text: "2024-01-02 03:04:05" },
  };
  const row = {
    path: "a NaN",
    partitionValues: {},
    size: 1,
    modificationTime: 1,
    dataChange: false,
    stats_parsed: { numRecords: "9007199254740993", minValues, maxValues: { n: "NaN" }, nullCount: { d: 0 } },
  };
  await fill(storage, [[{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }]]);
  const files = {
    jsonPath: `${parquet.scratchFolder}/x.json`,
    parquetPath: `${parquet.scratchFolder}/x.parquet`,
  };
  await writeFile(
    files.jsonPath,
    `${JSON.stringify({ add: row })}\n${JSON.stringify({ metaData })}\n${JSON.stringify({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } })}\n`,
  );
  const others = checkpointColumns({ minReaderVersion: 1, minWriterVersion: 2 }).fields.filter(
    (field) => field.name !== "add",
  );
  await parquet.port.fromJsonLines({
    ...files,
    columns: { type: "struct", fields: [nullableField("add", add), ...others] },
  });
  await storage.putFile(checkpointKey(0), files.parquetPath);
  const snapshot = (await readSnapshot({ storage, parquet }))!;
  assert.deepEqual(
    [...snapshot.adds.values()],
    [
      {
        path: "a NaN",
        partitionValues: {},
        size: 1,
        modificationTime: 1,
        dataChange: false,
        stats:
          '{"numRecords":9007199254740993,"minValues":{"d":12345678901234567890.123456789012345678,"n":1.5,"s":{"at":"2024-01-02T03:04:05.678Z","ntz":"1969-12-31T23:59:59.999","text":"2024-01-02 03:04:05"}},"maxValues":{},"nullCount":{"d":0}}',
      },
    ],
  );
});

test("a plain table's checkpoint has no columns for lists of features", async (t) => {
  const storage = memoryStorage();
  const scratchFolder = temporaryFolder(t);
  const columns: string[] = [];
  const real = duckdbParquet();
  const parquet: ParquetAccess = {
    scratchFolder,
    port: {
      ...real,
      fromJsonLines: (options) => {
        const protocol = options.columns.fields.find((field) => field.name === "protocol")!.type;
        assert.ok(typeof protocol !== "string" && protocol.type === "struct");
        columns.push(...protocol.fields.map((field) => field.name));
        return real.fromJsonLines(options);
      },
    },
  };
  const plain = COMMITS[0]!.map((action) =>
    "protocol" in action ? { protocol: { minReaderVersion: 1, minWriterVersion: 2 } } : action,
  );
  await fill(storage, [plain]);
  await writeCheckpoint({ storage, parquet, version: 0, now: NOW });
  assert.deepEqual(columns, ["minReaderVersion", "minWriterVersion"]);
});

test("stale checksum siblings of Hadoop go before the files they stand beside", async (t) => {
  const storage = memoryStorage();
  await fill(storage);
  const siblings = [
    "_delta_log/._last_checkpoint.crc",
    "_delta_log/.00000000000000000002.checkpoint.parquet.crc",
  ];
  for (const key of siblings) await storage.put(key, "crc");
  await writeCheckpoint({ storage, parquet: access(t), version: 2, now: NOW });
  for (const key of siblings) assert.equal(await storage.head(key), undefined);
});

test("_last_checkpoint is never set back to an older checkpoint, but is taken from one that is gone", async (t) => {
  const storage = memoryStorage();
  const parquet = access(t);
  await fill(storage);
  await writeCheckpoint({ storage, parquet, version: 2, now: NOW });
  await writeCheckpoint({ storage, parquet, version: 1, now: NOW });
  const version = async (): Promise<unknown> =>
    (JSON.parse((await storage.get(LAST_CHECKPOINT)).toString()) as { version: unknown }).version;
  assert.equal(await version(), 2);
  await storage.put(LAST_CHECKPOINT, '{"version":77,"size":1}');
  await writeCheckpoint({ storage, parquet, version: 1, now: NOW });
  assert.equal(await version(), 1);
});

test("a wrong, stale or damaged _last_checkpoint changes nothing", async (t) => {
  const storage = memoryStorage();
  const parquet = access(t);
  await fill(storage);
  await writeCheckpoint({ storage, parquet, version: 1, now: NOW });
  const expected = (await readTableState({ storage, parquet }))!;
  for (const hint of [
    "",
    "{",
    "7",
    '{"version":-1}',
    '{"version":"2"}',
    '{"version":999}',
    '{"version":2}',
    '{"version":0}',
  ]) {
    await storage.put(LAST_CHECKPOINT, hint);
    assert.deepEqual((await readTableState({ storage, parquet }))!.txns, expected.txns, hint);
    assert.equal((await readTableState({ storage, parquet }))!.version, 2);
  }
  await storage.put(LAST_CHECKPOINT, '{"version":1}');
  assert.equal((await readTableState({ storage, parquet, version: 0 }))!.version, 0);
});

test("a folder or a device in the place of _last_checkpoint is as good as none", async (t) => {
  const root = temporaryFolder(t);
  const storage = localStorage({ root });
  const parquet = access(t);
  await fill(storage);
  await writeCheckpoint({ storage, parquet, version: 1, now: NOW });
  const path = join(root, LAST_CHECKPOINT);
  for (const put of [() => mkdirSync(path), () => symlinkSync("/dev/zero", path)]) {
    rmSync(path, { recursive: true });
    put();
    assert.equal((await readTableState({ storage, parquet }))!.version, 2);
  }
});

test("an unreadable checkpoint is passed over for an older one, then for the commits, then named", async (t) => {
  const storage = memoryStorage();
  const parquet = access(t);
  await fill(storage);
  await writeCheckpoint({ storage, parquet, version: 1, now: NOW });
  const expected = (await readSnapshot({ storage }))!;
  const key = checkpointKey(2);
  for (const content of ["", "PAR1", "not parquet at all"]) {
    await storage.put(key, content);
    assert.deepEqual(asCheckpointed((await readSnapshot({ storage, parquet }))!), asCheckpointed(expected));
  }
  await storage.put(checkpointKey(1), "broken too");
  assert.deepEqual((await readSnapshot({ storage, parquet }))!.adds, expected.adds);
  await storage.delete(commitKey(0));
  await assert.rejects(readSnapshot({ storage, parquet }), (error) => {
    assert.ok(isLandfallError(error, "TABLE_LOG_CORRUPT"));
    assert.match(error.message, /0002\.checkpoint\.parquet/);
    return true;
  });
});

test("without a Parquet port the commits serve while they reach back to 0, then the need is named", async (t) => {
  const storage = memoryStorage();
  await fill(storage);
  await writeCheckpoint({ storage, parquet: access(t), version: 1, now: NOW });
  assert.equal((await readTableState({ storage }))!.version, 2);
  await storage.delete(commitKey(0));
  await assert.rejects(readTableState({ storage }), (error) => {
    assert.ok(isLandfallError(error, "INTERNAL"));
    assert.match(error.message, /nothing was given to read Parquet with/);
    return true;
  });
});

test("a checkpoint from kept rows is the one that the log gives", async (t) => {
  const commits: Action[][] = [
    ...COMMITS,
    // Of the kept rows one is removed, one gets another deletion vector, one stands again, one tombstone expires.
    [
      { remove: { path: "c", dataChange: true, deletionTimestamp: NOW } },
      { remove: { path: "dv", dataChange: true, deletionTimestamp: NOW, deletionVector: vector } },
      addOf("dv", { deletionVector: { ...vector, offset: 90 } }),
    ],
    [addOf("c"), addOf('new "quoted"')],
  ];
  const later = NOW + 1.5 * DAY;
  const [fromLog, fromKept] = await Promise.all(
    [false, true].map(async (keeps) => {
      const storage = memoryStorage();
      await fill(storage, commits);
      const parquet = access(t);
      const keepAt = `${parquet.scratchFolder}/kept`;
      const { kept } = await writeCheckpoint({ storage, parquet, version: 2, now: NOW, keepAt });
      assert.equal(kept?.version, 2);
      const state = await readTableState({ storage, parquet });
      const unread = {
        ...parquet.port,
        toJsonLines: () => Promise.reject(new Error("a checkpoint is read")),
      };
      await writeCheckpoint({
        storage,
        parquet: keeps ? { ...parquet, port: unread } : parquet,
        version: 4,
        now: later,
        ...(keeps ? { state: state!, kept } : {}),
      });
      for (let version = 0; version < commits.length; version++) await storage.delete(commitKey(version));
      return readSnapshot({ storage, parquet });
    }),
  );
  const filesOf = (snapshot: Snapshot | undefined): unknown => [snapshot!.adds, snapshot!.removes];
  assert.deepEqual(filesOf(fromKept), filesOf(fromLog));
  assert.equal(fromKept!.removes.has("recent"), false, "its tombstone has expired since");
  assert.deepEqual([...fromKept!.txns], [...fromLog!.txns]);
});

test("rows kept of another table in the same place are not taken", async (t) => {
  const storage = memoryStorage();
  await fill(storage);
  const parquet = access(t);
  const { kept } = await writeCheckpoint({
    storage,
    parquet,
    version: 1,
    now: NOW,
    keepAt: `${parquet.scratchFolder}/kept`,
  });
  const state = await readTableState({ storage, parquet });
  const wrong = { ...kept!, tableId: "another", path: `${parquet.scratchFolder}/not-there` };
  await writeCheckpoint({ storage, parquet, version: 2, now: NOW, state: state!, kept: wrong });
  for (let version = 0; version < COMMITS.length; version++) await storage.delete(commitKey(version));
  assert.deepEqual([...(await readSnapshot({ storage, parquet }))!.adds.keys()].length, 3);
});

test("a failed checkpoint leaves the table and the scratch folder as they were", async (t) => {
  const storage = memoryStorage();
  await fill(storage);
  const scratchFolder = temporaryFolder(t);
  const failing: ParquetAccess = {
    scratchFolder,
    port: { ...duckdbParquet(), fromJsonLines: () => Promise.reject(new Error("disk full")) },
  };
  const before = (await listAll(storage)).map(({ key }) => key);
  await assert.rejects(writeCheckpoint({ storage, parquet: failing, version: 2, now: NOW }), /disk full/);
  assert.deepEqual(
    (await listAll(storage)).map(({ key }) => key),
    before,
  );
  assert.deepEqual(readdirSync(scratchFolder), []);
});

test("there is no checkpoint of a table that is not there, nor of one that we may not write to", async (t) => {
  const parquet = access(t);
  await assert.rejects(
    writeCheckpoint({ storage: memoryStorage(), parquet, version: 0, now: NOW }),
    (error) => isLandfallError(error, "TABLE_MISSING"),
  );
  const storage = memoryStorage();
  await fill(storage, [
    COMMITS[0]!.map((action) =>
      "protocol" in action
        ? { protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["icebergCompatV2"] } }
        : action,
    ),
  ]);
  await assert.rejects(writeCheckpoint({ storage, parquet, version: 0, now: NOW }), (error) =>
    isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED"),
  );
});

test("checkpoints are due as Delta Spark counts", () => {
  const due = (version: number, interval?: string): boolean =>
    shouldCheckpoint({
      version,
      configuration: interval === undefined ? {} : { "delta.checkpointInterval": interval },
    });
  assert.deepEqual(
    [0, 1, 9, 10, 11, 20].filter((version) => due(version)),
    [10, 20],
  );
  assert.deepEqual(
    [0, 1, 2, 3, 6].filter((version) => due(version, "3")),
    [3, 6],
  );
  for (const nonsense of ["0", "-1", "x", "1.5"]) assert.equal(due(10, nonsense), true);
});

test("intervals of table properties are read, those without fixed length are not", () => {
  assert.equal(parseInterval("interval 1 week"), 7 * DAY);
  assert.equal(parseInterval("INTERVAL 2 DAYS 12 hours"), 2.5 * DAY);
  assert.equal(parseInterval("30 days"), 30 * DAY);
  for (const text of ["", "interval", "1 month", "2 years", "soon", "1", "1 constructor"]) {
    assert.equal(parseInterval(text), undefined, text);
  }
});
