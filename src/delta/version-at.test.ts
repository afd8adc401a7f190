import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { localStorage } from "../storage/local-storage.ts";
import type { Storage } from "../storage/storage.ts";
import { serializeCommit } from "./commit-json.ts";
import { commitHistory } from "./commit-history.ts";
import { commitTimes, monotonicTimes } from "./commit-times.ts";
import { describeCommit } from "./describe-commit.ts";
import { commitKey } from "./log-files.ts";
import { readTableState } from "./table-state.ts";
import { versionAt } from "./version-at.ts";
import { writeCheckpoint } from "./checkpoint.ts";

const START = Date.UTC(2026, 5, 15);

interface LogOptions {
  /** Of the commits' files, milliseconds after the start. */
  readonly modified: readonly number[];
  /** In-commit timestamps from the version on, the same way. */
  readonly stated?: { readonly since: number; readonly times: readonly number[] };
  readonly configuration?: Readonly<Record<string, string>>;
}

async function logOf(t: TestContext, { modified, stated, configuration = {} }: LogOptions): Promise<Storage> {
  const storage = localStorage({ root: temporaryFolder(t) });
  const properties =
    stated === undefined
      ? {}
      : {
          "delta.enableInCommitTimestamps": "true",
          ...(stated.since === 0
            ? {}
            : {
                "delta.inCommitTimestampEnablementVersion": String(stated.since),
                "delta.inCommitTimestampEnablementTimestamp": String(START + stated.times[0]!),
              }),
        };
  const protocol =
    stated === undefined
      ? { minReaderVersion: 1, minWriterVersion: 2 }
      : { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["inCommitTimestamp"] };
  const metaData = {
    id: "t",
    format: { provider: "parquet", options: {} },
    schemaString: '{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}',
    partitionColumns: [],
    configuration: { ...properties, ...configuration },
  };
  for (const [version, time] of modified.entries()) {
    const own = stated?.times[version - stated.since];
    const info = own === undefined ? {} : { inCommitTimestamp: START + own };
    const first = version === 0 ? [{ protocol }, { metaData }] : [];
    const key = commitKey(version);
    await storage.put(key, serializeCommit([{ commitInfo: { operation: "WRITE", ...info } }, ...first]));
    const then = new Date(START + time);
    utimesSync(storage.localPath(key), then, then);
  }
  return storage;
}

async function refused(storage: Storage, after: number, message: RegExp): Promise<void> {
  await assert.rejects(versionAt({ storage, timestamp: START + after }), (error) => {
    assert.ok(isLandfallError(error, "TABLE_VERSION_MISSING"), String(error));
    assert.match(error.message, message);
    return true;
  });
}

test("a time between two versions is that of the earlier one, and a version's own time is its own", async (t) => {
  const storage = await logOf(t, { modified: [0, 1000, 2000] });
  const found = [0, 1, 999, 1000, 1999, 2000].map((after) =>
    versionAt({ storage, timestamp: START + after }),
  );
  assert.deepEqual(await Promise.all(found), [0, 0, 0, 1, 1, 2]);
});

test("times before the oldest and after the newest version are refused with that version and its time", async (t) => {
  const storage = await logOf(t, { modified: [0, 1000] });
  await refused(
    storage,
    -1,
    /oldest readable version of \S+ is 0, of 2026-06-15T00:00:00\.000Z; .* is before it/,
  );
  await refused(storage, 1001, /newest version of \S+ is 1, of 2026-06-15T00:00:01\.000Z; .* is after it/);
  assert.equal(
    await versionAt({ storage: localStorage({ root: temporaryFolder(t) }), timestamp: 1 }),
    undefined,
  );
});

test("a clock that was set back: a version is never older than the one before it", async (t) => {
  const storage = await logOf(t, { modified: [5000, 1000, 1000, 9000, 8000] });
  await refused(storage, 4999, /oldest/);
  const times = await commitTimes({ storage, state: (await readTableState({ storage }))! });
  assert.deepEqual(
    (await Promise.all(times.versions.map((version) => times.of(version)))).map((time) => time - START),
    [5000, 5001, 5002, 9000, 9001],
  );
  assert.equal(await versionAt({ storage, timestamp: START + 8500 }), 2);
});

test("in-commit timestamps count from the version on that enabled them, files' times before it", async (t) => {
  const storage = await logOf(t, {
    // Copied later: the files' times say nothing any more.
    modified: [1000, 2000, 90_000, 90_000, 90_000],
    stated: { since: 2, times: [10_000, 20_000, 30_000] },
  });
  const found = [1000, 2000, 9999, 10_000, 25_000, 30_000].map((after) =>
    versionAt({ storage, timestamp: START + after }),
  );
  assert.deepEqual(await Promise.all(found), [0, 1, 1, 2, 3, 4]);
  await refused(storage, 999, /oldest/);
  await refused(storage, 30_001, /newest version of \S+ is 4, of 2026-06-15T00:00:30/);
});

test("where the files' times overlap the stated ones, the first stated time decides which clock counts", async (t) => {
  const storage = await logOf(t, {
    modified: [0, 5000, 0, 0],
    stated: { since: 2, times: [1000, 2000] },
  });
  assert.equal(await versionAt({ storage, timestamp: START + 999 }), 0);
  assert.equal(await versionAt({ storage, timestamp: START + 1000 }), 2);
});

test("in-commit timestamps of a table that always had them, and one that lacks its own", async (t) => {
  const storage = await logOf(t, { modified: [0, 0, 0], stated: { since: 0, times: [10, 20] } });
  assert.equal(await versionAt({ storage, timestamp: START + 15 }), 0);
  await assert.rejects(versionAt({ storage, timestamp: START + 25 }), (error) => {
    assert.ok(isLandfallError(error, "TABLE_LOG_CORRUPT"));
    assert.ok(error.message.includes(commitKey(2)));
    return true;
  });
});

test("the history tells each version the time that time travel goes by", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(8), { nil: undefined }),
      async (modified, since) => {
        const times = modified.map((_, index) => 100 + index);
        const stated = since === undefined || since >= modified.length ? undefined : { since, times };
        const log = await logOf(t, { modified, ...(stated === undefined ? {} : { stated }) });
        const state = (await readTableState({ storage: log }))!;
        const clock = await commitTimes({ storage: log, state });
        const { commits } = await commitHistory({ storage: log, limit: 5, describe: describeCommit });
        assert.deepEqual(
          commits.map(({ version }) => version),
          [...modified.keys()].slice(-5).toReversed(),
        );
        for (const { version, timestamp } of commits) {
          assert.equal(timestamp, await clock.of(version));
          assert.equal(await versionAt({ storage: log, state, timestamp }), version);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("versions that were trimmed are not found, though a commit of theirs is left", async (t) => {
  const storage = await logOf(t, { modified: [0, 1000, 2000, 3000] });
  const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
  await writeCheckpoint({ storage, parquet, version: 2, now: START });
  await storage.delete(commitKey(0));
  const at = (after: number): Promise<number | undefined> =>
    versionAt({ storage, parquet, timestamp: START + after });
  assert.deepEqual(await Promise.all([at(2000), at(2999), at(3000)]), [2, 2, 3]);
  await assert.rejects(at(1500), /oldest readable version of \S+ is 2/);
});

test("whatever the files' times, those that count ascend and none is moved back", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const monotonic = [...monotonicTimes(times.map((time, version) => [version, time])).values()];
      for (const [version, time] of monotonic.entries()) {
        assert.ok(time >= times[version]!);
        if (version > 0) assert.ok(time > monotonic[version - 1]!);
        if (times.slice(0, version).every((earlier) => earlier + version < times[version]!))
          assert.equal(time, times[version]);
      }
    }),
  );
});
