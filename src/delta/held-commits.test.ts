import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commit, first } from "../../test/support/delta-log-model.ts";
import { duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { putForeignCheckpoint } from "../../test/support/foreign-checkpoint.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import type { Storage } from "../storage/storage.ts";
import type { Action } from "./actions.ts";
import { serializeCommit } from "./commit-json.ts";
import { countRows } from "./count-rows.ts";
import { heldCommits } from "./held-commits.ts";
import { commitKey } from "./log-files.ts";
import type { LogNotice } from "./log-notice.ts";
import { planScan } from "./plan-scan.ts";
import { readSnapshot } from "./snapshot.ts";
import { advanceTableState, readTableState } from "./table-state.ts";

async function putCommits(
  storage: Storage,
  commits: readonly (readonly Action[])[],
  from = 0,
): Promise<void> {
  for (const [index, actions] of commits.entries())
    await storage.put(commitKey(from + index), serializeCommit(actions));
}

/** The store, with what is asked of it. */
function counting(storage: Storage): { readonly storage: Storage; readonly got: string[]; listings: number } {
  const counted = {
    got: [] as string[],
    listings: 0,
    storage: {
      ...storage,
      get(key: string) {
        counted.got.push(key);
        return storage.get(key);
      },
      keys(options: Parameters<Storage["keys"]>[0]) {
        counted.listings += 1;
        return storage.keys(options);
      },
    },
  };
  return counted;
}

function withInfo(generated: readonly (readonly Action[])[]): (readonly Action[])[] {
  return [first, ...generated.map((actions, index) => [{ commitInfo: { version: index + 1 } }, ...actions])];
}

test("a table is opened, planned and counted with one listing and each commit read once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(commit, { maxLength: 6 }),
      fc.array(commit, { maxLength: 3 }),
      async (old, young) => {
        const commits = withInfo([...old, ...young]);
        const known = commits.slice(0, old.length + 1);
        const plain = memoryStorage();
        await putCommits(plain, known);
        const counted = counting(plain);
        const { storage, got } = counted;
        let state = (await readTableState({ storage, holdCommits: true }))!;
        const plan = await planScan({ storage, state });
        await countRows({ storage, state });
        assert.deepEqual(
          got,
          known.map((_, version) => commitKey(version)),
        );
        assert.equal(counted.listings, 1);
        assert.deepEqual(
          plan,
          await planScan({ storage: plain, state: (await readTableState({ storage: plain }))! }),
        );
        // Brought forward, it reads what is new, and once.
        await putCommits(plain, commits.slice(known.length), known.length);
        state = await advanceTableState(state, { storage });
        const later = await planScan({ storage, state });
        assert.deepEqual(
          got,
          commits.map((_, version) => commitKey(version)),
        );
        assert.deepEqual(
          later,
          await planScan({ storage: plain, state: (await readTableState({ storage: plain }))! }),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test("a known state is planned although its part of the log is gone or damaged since", async (t) => {
  const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
  const add = (path: string): Action => ({
    add: { path, partitionValues: {}, size: 10, modificationTime: 0, dataChange: true },
  });
  const storage = memoryStorage();
  await putCommits(storage, withInfo([[add("a")], [add("b")], [add("c")]]));
  const states = {
    ofCommits: (await readTableState({ storage, parquet }))!,
    held: (await readTableState({ storage, parquet, holdCommits: true }))!,
  };
  const at = async (version: number): ReturnType<typeof readSnapshot> => readSnapshot({ storage, version });
  await putForeignCheckpoint({ storage, parquet, snapshot: (await at(1))!, as: { kind: "classic" } });
  const ofCheckpoint = (await readTableState({ storage, parquet }))!;
  assert.equal(ofCheckpoint.segment?.checkpoint?.version, 1);
  const namesOf = async (
    state: typeof ofCheckpoint,
    onNotice?: (notice: LogNotice) => void,
  ): Promise<string[]> =>
    (await planScan({ storage, parquet, state, onNotice })).files.map(({ path }) => path).sort();
  // The older checkpoint serves where the newer one has been damaged since, and that is told.
  await putForeignCheckpoint({ storage, parquet, snapshot: (await at(3))!, as: { kind: "classic" } });
  const ofNewest = (await readTableState({ storage, parquet }))!;
  await storage.put(ofNewest.segment!.checkpoint!.keys[0]!, "no Parquet");
  const notices: LogNotice[] = [];
  assert.deepEqual(await namesOf(ofNewest, (notice) => notices.push(notice)), ["a", "b", "c"]);
  assert.deepEqual(
    notices.map(({ file }) => file),
    [ofNewest.segment!.checkpoint!.keys[0]],
  );
  await storage.delete([commitKey(0), commitKey(1)]);
  for (const state of [states.ofCommits, states.held, ofCheckpoint])
    assert.deepEqual(await namesOf(state), ["a", "b", "c"]);
});

test("no more is held than a few ten megabytes", () => {
  const held = heldCommits();
  const content = Buffer.alloc(1024 ** 2);
  for (let version = 0; version < 100; version++) held.hold(version, content);
  const versions = Array.from({ length: 100 }, (_, version) => version).filter(
    (version) => held.get(version) !== undefined,
  );
  assert.deepEqual(
    versions,
    Array.from({ length: 31 }, (_, version) => version),
  );
  assert.equal(held.get(0), content);
});
