/** A checkpoint that carries the rows of the one before it says what one says that was made row by row. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson } from "../../src/base/lossless-json.ts";
import {
  writeCheckpoint,
  type CheckpointWritten,
  type WriteCheckpointOptions,
} from "../../src/delta/checkpoint.ts";
import { serializeCommit } from "../../src/delta/commit-json.ts";
import type { CheckpointFiles } from "../../src/delta/checkpoint-files.ts";
import { checkpointRows, sidecarKeysOf, type ParquetAccess } from "../../src/delta/checkpoint-rows.ts";
import { checkpointKey, commitKey, LAST_CHECKPOINT, LOG_FOLDER } from "../../src/delta/log-files.ts";
import { readTableState } from "../../src/delta/table-state.ts";
import type { Action } from "../../src/delta/actions.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { commit, first, metadataOf } from "../support/delta-log-model.ts";
import { countingPort } from "../support/counting-port.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const engine = testEngine();
const RETENTION = 7 * 86_400_000;
/** The tombstones of random logs are of the first hundred milliseconds: half of them have expired. */
const NOW = RETENTION + 50;
const ROW_BY_ROW = { carryFrom: Number.POSITIVE_INFINITY };
const CARRYING = { carryFrom: 0 };

type Port = ParquetAccess["port"];

async function putCommits(storage: Storage, commits: readonly Action[][], from = 0): Promise<void> {
  for (const [index, actions] of commits.entries())
    await storage.put(commitKey(from + index), serializeCommit([{ commitInfo: {} }, ...actions]));
}

interface Made {
  readonly written: CheckpointWritten;
  readonly rows: unknown;
}

/** The checkpoint of a version, and its rows of files and of other actions in an order of their own. */
async function checkpoint(
  at: { readonly storage: Storage; readonly port: Port; readonly scratchFolder: string },
  version: number,
  { carryFrom, state }: Pick<WriteCheckpointOptions, "carryFrom" | "state">,
): Promise<Made> {
  const { storage, port, scratchFolder } = at;
  const parquet = { port, scratchFolder };
  const asked = { storage, parquet, version, now: NOW, carryFrom, ...(state && { state }) };
  const { kept: _kept, size, ...written } = await writeCheckpoint(asked);
  const top = parseJson((await storage.get(LAST_CHECKPOINT)).toString()) as {
    readonly v2Checkpoint?: { readonly path: string };
  };
  const name = top.v2Checkpoint?.path;
  const files: CheckpointFiles =
    name === undefined
      ? { version, kind: "classic", keys: [checkpointKey(version)] }
      : { version, kind: "uuid", keys: [LOG_FOLDER + name] };
  const lines: string[] = [];
  const columns = ["protocol", "metaData", "txn", "domainMetadata", "add", "remove"];
  for await (const { text } of checkpointRows({ storage, parquet, checkpoint: files, columns }))
    lines.push(text);
  const sidecars = name === undefined ? [] : await sidecarKeysOf({ storage, parquet, checkpoint: files });
  // Of a V2 checkpoint it counts those of its parts, too, of which there may be more or less.
  const actions = size - sidecars.length;
  return {
    written: { ...written, size: actions, sizeInBytes: 0 },
    rows: lines.sort().map((line) => parseJson(line)),
  };
}

const PLAIN = ["a", "p=1/b-0.c000", "_x/y~z@2"];

/** Paths as most writers name their files. */
function withPlainPaths(actions: readonly Action[]): Action[] {
  const plain = (path: string): string => PLAIN[path.length % PLAIN.length]!;
  const seen = new Set<string>();
  return actions.flatMap((action): Action[] => {
    const file = "add" in action ? action.add : "remove" in action ? action.remove : undefined;
    if (file === undefined) return [action];
    const path = plain(file.path);
    if (seen.has(path)) return [];
    seen.add(path);
    return "add" in action
      ? [{ add: { ...action.add, path } }]
      : "remove" in action
        ? [{ remove: { ...action.remove, path } }]
        : [];
  });
}

const V2_FIRST: Action[] = [
  {
    protocol: {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ["v2Checkpoint", "deletionVectors"],
      writerFeatures: ["v2Checkpoint", "deletionVectors", "appendOnly", "invariants", "domainMetadata"],
    },
  },
  { metaData: { ...metadataOf("m"), configuration: { "delta.checkpointPolicy": "v2" } } },
];

for (const [spec, begun] of Object.entries({ classic: first, V2: V2_FIRST })) {
  test(`random logs, ${spec}: carried or row by row, a checkpoint has the same rows, counts and totals`, async (t) => {
    const { port, carried } = countingPort(engine);
    await fc.assert(
      fc.asyncProperty(
        fc.array(commit, { minLength: 1, maxLength: 4 }),
        fc.array(commit, { maxLength: 4 }),
        fc.boolean(),
        async (before, after, isPlain) => {
          const folder = temporaryFolder(t);
          const storage = localStorage({ root: join(folder, "table") });
          const at = { storage, port, scratchFolder: folder };
          const own = (commits: Action[][]): Action[][] =>
            commits.map((actions) => {
              const kept = spec === "V2" ? actions.filter((action) => !("metaData" in action)) : actions;
              return isPlain ? withPlainPaths(kept) : kept;
            });
          await putCommits(storage, [begun, ...own(before)]);
          await checkpoint(at, before.length, ROW_BY_ROW);
          await putCommits(storage, own(after), before.length + 1);
          const version = before.length + after.length;
          const one = await checkpoint(at, version, CARRYING);
          assert.deepEqual(one, await checkpoint(at, version, ROW_BY_ROW));
        },
      ),
      { numRuns: 12 },
    );
    assert.ok(carried() > 0);
  });
}

test("sidecars are carried in groups, and what commits bring gets one of its own", async (t) => {
  const { port, carried } = countingPort(engine);
  const folder = temporaryFolder(t);
  const storage = localStorage({ root: join(folder, "table") });
  const at = { storage, port, scratchFolder: folder };
  await putCommits(storage, [V2_FIRST, [addOf("a"), addOf("b")], [addOf("c")], [addOf("d")]]);
  await checkpoint(at, 1, ROW_BY_ROW);
  await putCommits(storage, [[{ remove: { path: "a", dataChange: true, deletionTimestamp: NOW } }]], 4);
  for (const version of [2, 3]) await checkpoint(at, version, CARRYING);
  const { written, rows } = await checkpoint(at, 4, CARRYING);
  assert.deepEqual([written.numOfAddFiles, carried()], [3, 3]);
  const paths = (rows as { add?: { path: string } | null }[]).flatMap(({ add }) => add?.path ?? []);
  assert.deepEqual(paths.sort(), ["b", "c", "d"]);
});

function addOf(path: string): Action {
  return { add: { path, partitionValues: {}, size: 5, modificationTime: 1, dataChange: true } };
}

test("paths in another form than the plain one are looked at: their file goes by each of its names", async (t) => {
  const folder = temporaryFolder(t);
  for (const [index, path] of ["a%62c", "x//abc", "./abc", "/abc", "x/../abc"].entries()) {
    const { port, carried } = countingPort(engine);
    const storage = localStorage({ root: join(folder, `${index}`) });
    const at = { storage, port, scratchFolder: folder };
    const gone = path === "/abc" ? "file:///abc" : path.startsWith("x//") ? "x/abc" : "abc";
    await putCommits(storage, [
      first,
      [addOf(path), addOf("kept")],
      [{ remove: { path: gone, dataChange: true } }],
    ]);
    await checkpoint(at, 1, ROW_BY_ROW);
    const { written } = await checkpoint(at, 2, CARRYING);
    assert.deepEqual([written.numOfAddFiles, carried()], [1, 0], path);
  }
});

test("a damaged checkpoint is not carried: an older one is read instead", async (t) => {
  const { port, carried } = countingPort(engine);
  const folder = temporaryFolder(t);
  const storage = localStorage({ root: join(folder, "table") });
  const at = { storage, port, scratchFolder: folder };
  await putCommits(storage, [first, [addOf("a")], [addOf("b")], [addOf("c")]]);
  await checkpoint(at, 1, ROW_BY_ROW);
  await checkpoint(at, 2, ROW_BY_ROW);
  const state = await readTableState({ storage, parquet: { port, scratchFolder: folder } });
  assert.equal(state?.segment?.checkpoint?.version, 2);
  await storage.put(checkpointKey(2), "no Parquet");
  const { written } = await checkpoint(at, 3, { ...CARRYING, state });
  assert.deepEqual([written.numOfAddFiles, carried()], [3, 0]);
});
