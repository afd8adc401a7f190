import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { putForeignCheckpoint } from "../../test/support/foreign-checkpoint.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { localStorage } from "../storage/local-storage.ts";
import { cleanUpLog } from "./clean-up-log.ts";
import { serializeCommit } from "./commit-json.ts";
import { commitKey } from "./log-files.ts";
import { SIDECAR_FOLDER } from "./sidecar-key.ts";
import { readSnapshot } from "./snapshot.ts";
import { readTableState } from "./table-state.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 15, 13, 30);
const PROTOCOL = {
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["v2Checkpoint"],
  writerFeatures: ["v2Checkpoint"],
};
const METADATA = {
  id: "t",
  format: { provider: "parquet", options: {} },
  schemaString: '{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}',
  partitionColumns: [],
  configuration: {},
};

/** Six versions, of 50 days ago and each a day later; V2 checkpoints with sidecars at 1 and 3. */
async function given(t: TestContext) {
  const folder = temporaryFolder(t);
  const storage = localStorage({ root: join(folder, "table") });
  const parquet = { port: duckdbParquet(), scratchFolder: folder };
  const setAge = (key: string, days: number): void => {
    const then = new Date(NOW - days * DAY);
    utimesSync(storage.localPath(key), then, then);
  };
  for (let version = 0; version < 6; version++) {
    const add = {
      path: `${version}.parquet`,
      partitionValues: {},
      size: 1,
      modificationTime: 1,
      dataChange: true,
    };
    const first = version === 0 ? [{ protocol: PROTOCOL }, { metaData: METADATA }] : [];
    await storage.put(commitKey(version), serializeCommit([...first, { add }]));
    setAge(commitKey(version), version === 5 ? 1 : 50 - version);
  }
  const checkpoints: string[][] = [];
  for (const version of [1, 3]) {
    const snapshot = (await readSnapshot({ storage, parquet, version }))!;
    const as = { kind: "uuid", format: "parquet", sidecars: 2 } as const;
    const keys = await putForeignCheckpoint({ storage, parquet, snapshot, as });
    for (const key of keys) setAge(key, 50 - version);
    checkpoints.push(keys);
  }
  return {
    storage,
    parquet,
    setAge,
    old: checkpoints[0]!,
    kept: checkpoints[1]!,
    clean: async () =>
      cleanUpLog({
        storage,
        parquet,
        state: (await readTableState({ storage, parquet }))!,
        now: NOW,
        mayRemove: async () => true,
      }),
    sidecars: async () =>
      (await Array.fromAsync(storage.list({ prefix: SIDECAR_FOLDER }))).map(({ key }) => key),
  };
}

test("a checkpoint with a UUID stands in for the commits before it, and sidecars that nobody names go", async (t) => {
  const { storage, parquet, setAge, old, kept, clean, sidecars } = await given(t);
  const young = `${SIDECAR_FOLDER}being-written.parquet`;
  await storage.put(young, "x");
  setAge(young, 0.5);
  // Three commits, the checkpoint of version 1 and its two sidecars.
  assert.deepEqual(await clean(), { before: 3, files: 6 });
  assert.equal(await storage.head(old[0]!), undefined);
  assert.deepEqual(await sidecars(), [...kept.slice(1), young].sort());
  for (const version of [3, 4, 5])
    assert.equal((await readSnapshot({ storage, parquet, version }))!.adds.size, version + 1);
});

test("a checkpoint of which a sidecar is missing stands in for nothing", async (t) => {
  const { storage, kept, clean, sidecars } = await given(t);
  await storage.delete(kept[1]!);
  await assert.rejects(clean(), /is missing/);
  assert.equal((await sidecars()).length, 3);
  assert.ok(await storage.head(commitKey(0)));
});
