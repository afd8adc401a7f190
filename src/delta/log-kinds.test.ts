import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  compacted,
  commit,
  first,
  modelOf,
  summaryOf,
  type Model,
} from "../../test/support/delta-log-model.ts";
import { duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { putForeignCheckpoint, type CheckpointKind } from "../../test/support/foreign-checkpoint.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { Action } from "./actions.ts";
import { serializeCommit } from "./commit-json.ts";
import { commitKey, formatLogFileName, LAST_CHECKPOINT, LOG_FOLDER } from "./log-files.ts";
import type { LogNotice } from "./log-notice.ts";
import { listLog } from "./log-storage.ts";
import { jsonText } from "./raw-json.ts";
import { advanceSnapshot, readSnapshot, type Snapshot } from "./snapshot.ts";
import { advanceTableState, readTableState } from "./table-state.ts";

const compactionKey = (from: number, to: number): string =>
  LOG_FOLDER + formatLogFileName({ kind: "compaction", from, to });

function linesOfActions(actions: readonly Action[]): string {
  return actions.map((action) => `${jsonText(action)}\n`).join("");
}

async function logOf(commits: readonly (readonly Action[])[]): Promise<ReturnType<typeof memoryStorage>> {
  const storage = memoryStorage();
  for (const [version, actions] of commits.entries())
    await storage.put(commitKey(version), serializeCommit(actions));
  return storage;
}

/** Behind a checkpoint no file says that data changed. */
function quiet(model: Model): Model {
  const without = <T extends object>(files: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(files).map(([key, file]) => [key, { ...file, dataChange: false }]));
  return { ...model, adds: without(model.adds), removes: without(model.removes) };
}

const kind: fc.Arbitrary<CheckpointKind> = fc.oneof(
  fc.constantFrom<CheckpointKind>({ kind: "classic" }, { kind: "classic", sidecars: 1 }),
  fc.integer({ min: 1, max: 3 }).map((parts): CheckpointKind => ({ kind: "multiPart", parts })),
  fc
    .record(
      { format: fc.constantFrom("json", "parquet"), sidecars: fc.option(fc.integer({ min: 1, max: 3 })) },
      { noNullPrototype: true },
    )
    .map(({ format, sidecars }): CheckpointKind => ({
      kind: "uuid",
      format,
      ...(sidecars === null ? {} : { sidecars }),
    })),
);

test("whatever kinds of checkpoints and compactions lie in a log: every version reads as its commits say", async (t) => {
  const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
  await fc.assert(
    fc.asyncProperty(
      fc.array(commit, { minLength: 2, maxLength: 9 }),
      fc.array(fc.tuple(fc.nat(9), kind), { maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 6 })), { maxLength: 4 }),
      fc.option(fc.nat(12)),
      fc.boolean(),
      async (generated, checkpoints, ranges, hint, trimmed) => {
        const info = (version: number): Action => ({ commitInfo: { version } });
        const commits = [first, ...generated.map((actions, index) => [info(index + 1), ...actions])];
        const storage = await logOf(commits);
        const models = commits.map((_, version) => quiet(modelOf(commits.slice(0, version + 1))));
        const places = checkpoints.filter(([version]) => version < commits.length);
        for (const [version, as] of places) {
          const snapshot = (await readSnapshot({ storage, parquet, version }))!;
          await putForeignCheckpoint({ storage, parquet, snapshot, as });
        }
        for (const [from, length] of ranges) {
          const to = from + length;
          if (to < commits.length)
            await storage.put(
              compactionKey(from, to),
              linesOfActions(compacted(commits.slice(from, to + 1))),
            );
        }
        if (hint !== null) await storage.put(LAST_CHECKPOINT, `{"version":${hint},"size":1}`);
        const oldest = trimmed && places.length > 0 ? Math.min(...places.map(([version]) => version)) : 0;
        for (let version = 0; version < oldest; version++) await storage.delete(commitKey(version));
        for (const [version, model] of models.entries()) {
          const read = readSnapshot({ storage, parquet, version });
          if (version >= oldest)
            assert.deepEqual(quiet(summaryOf((await read)!)), model, `version ${version}`);
          else await assert.rejects(read, (error) => isLandfallError(error, "TABLE_VERSION_MISSING"));
        }
      },
    ),
    { numRuns: 30 },
  );
});

const add = (path: string): Action => ({
  add: { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true },
});

test("a compaction is read in the place of its commits, and never across the version that is asked for", async () => {
  const commits = [first, [add("a")], [add("b")], [add("c")], [add("d")]];
  const storage = await logOf(commits);
  await storage.put(compactionKey(1, 3), linesOfActions(compacted(commits.slice(1, 4))));
  await storage.put(compactionKey(2, 4), "across what is asked for");
  const asked: string[] = [];
  const counted = {
    ...storage,
    get: (key: string) => {
      asked.push(key);
      return storage.get(key);
    },
  };
  assert.equal((await readSnapshot({ storage: counted, version: 3 }))!.adds.size, 3);
  assert.ok(asked.includes(compactionKey(1, 3)));
  assert.ok(!asked.includes(compactionKey(2, 4)));
  const { compactions } = await listLog({ storage });
  assert.deepEqual(compactions, [
    { key: compactionKey(1, 3), from: 1, to: 3 },
    { key: compactionKey(2, 4), from: 2, to: 4 },
  ]);
});

test("commits say what they did also where a compaction stands for their files", async () => {
  const commits = [
    first,
    [{ commitInfo: { operation: "ONE" } }, add("a")],
    [{ commitInfo: { operation: "TWO" } }],
  ];
  const storage = await logOf(commits);
  await storage.put(compactionKey(1, 2), serializeCommit([add("a")]));
  const { commitInfos } = (await readSnapshot({ storage }))!;
  assert.deepEqual(
    Array.from(commitInfos, ([version, info]) => [version, info.operation]),
    [
      [1, "ONE"],
      [2, "TWO"],
    ],
  );
});

test("a damaged compaction is passed over for its commits, and named", async () => {
  const commits = [first, [add("a")], [add("b")]];
  const storage = await logOf(commits);
  for (const damage of ["", '{"add":{"path":"x"', `${serializeCommit([add("z")])}{"add":{}}\n`, "\u0000"]) {
    await storage.put(compactionKey(1, 2), damage);
    const notices: LogNotice[] = [];
    const snapshot = await readSnapshot({ storage, onNotice: (notice) => notices.push(notice) });
    assert.deepEqual([...snapshot!.adds.keys()].sort(), ["a", "b"]);
    assert.deepEqual(
      notices.map(({ file }) => file),
      [compactionKey(1, 2)],
    );
    assert.match(notices[0]!.message, /passed over.*00001\.\d+2\.compacted\.json/);
  }
});

test("a damaged checkpoint of any kind is named, and so is a hint at none", async (t) => {
  const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
  for (const as of [
    { kind: "classic" },
    { kind: "multiPart", parts: 2 },
    { kind: "uuid", format: "json", sidecars: 1 },
    { kind: "uuid", format: "parquet" },
  ] as const) {
    const storage = await logOf([first, [add("a")], [add("b")]]);
    const read = async (): Promise<{ readonly snapshot: Snapshot; readonly files: readonly string[] }> => {
      const files: string[] = [];
      const snapshot = await readSnapshot({ storage, parquet, onNotice: ({ file }) => files.push(file) });
      return { snapshot: snapshot!, files };
    };
    const snapshot = (await readSnapshot({ storage, version: 1 }))!;
    const keys = await putForeignCheckpoint({ storage, parquet, snapshot, as });
    assert.deepEqual((await read()).files, []);
    await storage.put(keys.at(-1)!, "damaged");
    const damaged = await read();
    assert.deepEqual(damaged.files, [keys[0]]);
    assert.equal(damaged.snapshot.adds.size, 2);
    for (const key of keys) await storage.delete(key);
    await storage.put(LAST_CHECKPOINT, '{"version":1,"size":4}');
    assert.deepEqual((await read()).files, [LAST_CHECKPOINT]);
    for (const garbage of ["", '{"version":', '{"version":"1"}', "[]"]) {
      await storage.put(LAST_CHECKPOINT, garbage);
      assert.deepEqual((await read()).files, [LAST_CHECKPOINT], garbage);
    }
  }
});

test("a checkpoint that lacks a part is named where it would have been read", async (t) => {
  const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
  const storage = await logOf([first, [add("a")], [add("b")], [add("c")]]);
  const read = async (version?: number): Promise<readonly string[]> => {
    const files: string[] = [];
    const onNotice = ({ file }: LogNotice): unknown => files.push(file);
    const snapshot = await readSnapshot({
      storage,
      parquet,
      onNotice,
      ...(version === undefined ? {} : { version }),
    });
    assert.equal(snapshot!.adds.size, version ?? 3);
    return files;
  };
  const put = async (
    version: number,
    as: Parameters<typeof putForeignCheckpoint>[0]["as"],
  ): Promise<string[]> => {
    const snapshot = (await readSnapshot({ storage, version }))!;
    return [...(await putForeignCheckpoint({ storage, parquet, snapshot, as }))];
  };
  const [kept, lost] = await put(2, { kind: "multiPart", parts: 2 });
  await storage.delete(LAST_CHECKPOINT);
  await storage.delete(lost!);
  assert.deepEqual(await read(), [kept]);
  assert.deepEqual(await read(1), []);
  // With a newer one it would not have been looked at.
  await put(3, { kind: "classic" });
  assert.deepEqual(await read(), []);
  assert.deepEqual(await read(2), [kept]);
});

test("an empty or torn commit is named wherever it lies", async () => {
  for (const version of [1, 2])
    for (const content of ["", '{"add":{"path":"a","size":1', "\n\n"]) {
      const storage = await logOf([first, [add("a")], [add("b")]]);
      await storage.put(commitKey(version), content);
      await assert.rejects(readSnapshot({ storage }), (error) => {
        assert.ok(isLandfallError(error, "TABLE_LOG_CORRUPT"));
        assert.ok(error.message.includes(commitKey(version)), error.message);
        return true;
      });
      assert.equal((await readSnapshot({ storage, version: version - 1 }))!.version, version - 1);
    }
});

test("a known state goes on by new commits alone, and by a checkpoint where some of them are gone", async (t) => {
  const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
  const commits = [first, [add("a")], [add("b")], [add("c")], [add("d")]];
  const storage = await logOf(commits.slice(0, 2));
  const known = (await readSnapshot({ storage }))!;
  const state = (await readTableState({ storage }))!;
  const asked: string[] = [];
  const counted = {
    ...storage,
    get: (key: string) => {
      asked.push(key);
      return storage.get(key);
    },
  };
  for (const version of [2, 3, 4]) await storage.put(commitKey(version), serializeCommit(commits[version]!));
  assert.equal((await advanceTableState(state, { storage: counted })).version, 4);
  assert.deepEqual(asked, [2, 3, 4].map(commitKey));
  const snapshot = (await readSnapshot({ storage, version: 3 }))!;
  await putForeignCheckpoint({
    storage,
    parquet,
    snapshot,
    as: { kind: "uuid", format: "json", sidecars: 2 },
  });
  const expected = [...(await readSnapshot({ storage }))!.adds.keys()].sort();
  // Cleaned up: at first the commits that the known state came from, then newer ones, at last all but the newest's own checkpoint.
  for (const gone of [0, 2, 3]) {
    await storage.delete(commitKey(gone));
    const advanced = await advanceSnapshot(known, { storage, parquet });
    assert.equal(advanced.version, 4);
    assert.deepEqual([...advanced.adds.keys()].sort(), expected);
    assert.equal((await advanceTableState(state, { storage, parquet })).version, 4);
  }
  await storage.delete(commitKey(4));
  assert.equal((await advanceSnapshot(known, { storage, parquet })).version, 3);
});

test("a commit that is cleaned up between the listing and the read is no error", async (t) => {
  const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
  const storage = await logOf([first, [add("a")], [add("b")]]);
  const known = (await readTableState({ storage, version: 0 }))!;
  const snapshot = (await readSnapshot({ storage, version: 1 }))!;
  const racing = {
    ...storage,
    get: async (key: string) => {
      if (key === commitKey(1)) {
        await putForeignCheckpoint({ storage, parquet, snapshot, as: { kind: "classic" } });
        await storage.delete([commitKey(0), commitKey(1)]);
      }
      return storage.get(key);
    },
  };
  assert.equal((await advanceTableState(known, { storage: racing, parquet })).version, 2);
});
