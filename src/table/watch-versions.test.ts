import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../base/clock.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Action } from "../delta/actions.ts";
import { commitHistory } from "../delta/commit-history.ts";
import { serializeCommit } from "../delta/commit-json.ts";
import { describeCommit } from "../delta/describe-commit.ts";
import { commitKey } from "../delta/log-files.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { Storage } from "../storage/storage.ts";
import { watchVersions } from "./watch-versions.ts";

const firstOf = (id: string): readonly Action[] => [
  { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
  {
    metaData: {
      id,
      format: { provider: "parquet", options: {} },
      schemaString: '{"type":"struct","fields":[]}',
      partitionColumns: [],
      configuration: {},
    },
  },
];

const commit = (storage: Storage, version: number, id = "t"): Promise<unknown> =>
  storage.put(
    commitKey(version),
    serializeCommit(
      version === 0
        ? firstOf(id)
        : [{ txn: { appId: "a", version } }, { commitInfo: { operation: `v${version}` } }],
    ),
  );

/** What happens at each wait, in order; after the last the watch is stopped. */
function watched(
  storage: Storage,
  from: number | undefined,
  waits: readonly (() => Promise<void>)[],
): AsyncGenerator<string> {
  const stop = new AbortController();
  const left = [...waits];
  const clock: Clock = {
    now: () => 0,
    async sleep(_milliseconds, signal) {
      const next = left.shift();
      if (next === undefined) stop.abort(new Error("enough"));
      await next?.();
      signal?.throwIfAborted();
    },
  };
  const versions = watchVersions({ storage, from, every: 1, clock, signal: stop.signal });
  return (async function* () {
    for await (const { state, commit: said } of versions)
      yield `${state.version} ${said.operation ?? "-"} txn ${String(state.txns.get("a")?.version ?? "-")}`;
  })();
}

async function toldUntilEnd(versions: AsyncGenerator<string>): Promise<string[]> {
  const told: string[] = [];
  await assert.rejects(async () => {
    for await (const one of versions) told.push(one);
  }, /enough/);
  return told;
}

test("a version's time is the one that the history tells", async () => {
  let clockNs = 5_000_000_000n;
  const storage = memoryStorage({ nowNs: () => clockNs });
  for (const [version, nanoseconds] of [5_000_000_000n, 9_000_000_000n, 7_000_000_000n].entries()) {
    clockNs = nanoseconds;
    await commit(storage, version);
  }
  const { commits } = await commitHistory({ storage, limit: 9, describe: describeCommit });
  const ascending = commits.map(({ timestamp }) => timestamp).toReversed();
  assert.deepEqual(ascending, [5000, 9000, 9001]);
  for (const from of [0, 1, 2]) {
    const told: number[] = [];
    const stop = new AbortController();
    const clock: Clock = { now: () => 0, sleep: () => Promise.reject(new Error("enough")) };
    await assert.rejects(async () => {
      for await (const { commit: said } of watchVersions({
        storage,
        from,
        every: 1,
        clock,
        signal: stop.signal,
      }))
        told.push(said.timestamp);
    }, /enough/);
    assert.deepEqual(told, ascending.slice(from));
  }
});

test("versions that come together are told one by one, each with its own state", async () => {
  const storage = memoryStorage();
  for (const version of [0, 1]) await commit(storage, version);
  const versions = watched(storage, undefined, [
    async () => {},
    async () => {
      for (const version of [2, 3, 4]) await commit(storage, version);
    },
    async () => void (await commit(storage, 5)),
  ]);
  assert.deepEqual(
    await toldUntilEnd(versions),
    [2, 3, 4, 5].map((v) => `${v} v${v} txn ${v}`),
  );
});

test("begins with a version of the past, and waits for one of the future", async () => {
  const storage = memoryStorage();
  for (const version of [0, 1, 2]) await commit(storage, version);
  assert.deepEqual(await toldUntilEnd(watched(storage, 1, [])), ["1 v1 txn 1", "2 v2 txn 2"]);
  const later = watched(storage, 4, [
    async () => void (await commit(storage, 3)),
    async () => void (await commit(storage, 4)),
  ]);
  assert.deepEqual(await toldUntilEnd(later), ["4 v4 txn 4"]);
});

test("a version that is cleaned up before it was told is an error, not left out", async () => {
  const storage = memoryStorage();
  for (const version of [0, 1]) await commit(storage, version);
  const versions = watched(storage, undefined, [
    async () => {
      for (const version of [2, 3]) await commit(storage, version);
      await storage.delete([commitKey(0), commitKey(1), commitKey(2)]);
    },
  ]);
  await assert.rejects(
    versions.next(),
    (error) => isLandfallError(error, "TABLE_VERSION_MISSING") && error.subject.version === 2,
  );
});

/** Another table in the place of one that has gone, with so many versions. */
async function replaced(storage: Storage, versions: number): Promise<void> {
  await storage.delete([0, 1, 2].map(commitKey));
  for (let version = 0; version < versions; version++) await commit(storage, version, "u");
}

for (const [what, versions, code] of [
  ["dropped", 0, "TABLE_MISSING"],
  ["made again with fewer versions", 1, "TABLE_CHANGED_IDENTITY"],
  ["made again with as many", 3, "TABLE_CHANGED_IDENTITY"],
  ["made again with more", 5, "TABLE_CHANGED_IDENTITY"],
] as const) {
  test(`a table that is ${what} ends the watch with an error, and no version of another one is told`, async () => {
    let clockNs = 1n;
    const storage = memoryStorage({ nowNs: () => clockNs++ });
    for (const version of [0, 1]) await commit(storage, version);
    const left = watched(storage, 1, [
      async () => void (await commit(storage, 2)),
      () => replaced(storage, versions),
    ]);
    assert.equal((await left.next()).value, "1 v1 txn 1");
    assert.equal((await left.next()).value, "2 v2 txn 2");
    await assert.rejects(left.next(), (error) => isLandfallError(error, code));
  });
}

test("a table whose folder was copied meanwhile goes on, and one whose told commits are cleaned up", async () => {
  let clockNs = 1n;
  const storage = memoryStorage({ nowNs: () => clockNs++ });
  for (const version of [0, 1]) await commit(storage, version);
  const versions = watched(storage, undefined, [
    async () => {
      for (const version of [0, 1, 2]) await commit(storage, version);
    },
    async () => {
      await commit(storage, 3);
      await storage.delete([commitKey(0), commitKey(1), commitKey(2)]);
    },
  ]);
  assert.deepEqual(await toldUntilEnd(versions), ["2 v2 txn 2", "3 v3 txn 3"]);
});

test("a folder without a table is said at once", async () => {
  await assert.rejects(watched(memoryStorage(), undefined, []).next(), (error) =>
    isLandfallError(error, "TABLE_MISSING"),
  );
});
