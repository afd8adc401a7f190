import assert from "node:assert/strict";
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { onFaultPoint } from "../base/fault-point.ts";
import { parseDdl } from "../schema/ddl.ts";
import { localStorage } from "../storage/local-storage.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { cleanUpLog, cutOffTime } from "./clean-up-log.ts";
import { serializeCommit } from "./commit-json.ts";
import { createTableActions } from "./create-table.ts";
import { checkpointKey, checksumKey, commitKey, LOG_FOLDER } from "./log-files.ts";
import { readSnapshot } from "./snapshot.ts";
import { readTableState } from "./table-state.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 15, 13, 30);
const parquet = duckdbParquet();

interface LogOptions {
  /** Of each version, days before now. */
  readonly ages: readonly number[];
  readonly checkpoints: readonly number[];
  readonly configuration?: Readonly<Record<string, string>>;
}

async function logOf(t: TestContext, options: LogOptions) {
  const folder = temporaryFolder(t);
  const storage = localStorage({ root: join(folder, "table") });
  const access = { port: parquet, scratchFolder: folder };
  const { configuration = {} } = options;
  const first = createTableActions({ id: "id", schema: parseDdl("a BIGINT"), configuration, createdTime: 1 });
  for (const version of options.ages.keys()) {
    const path = `part-${version}.parquet`;
    const add = { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
    const info = { commitInfo: { operation: "WRITE", txnId: String(version) } };
    await storage.put(commitKey(version), serializeCommit([info, ...(version === 0 ? first : []), { add }]));
  }
  for (const version of options.checkpoints)
    await writeCheckpoint({ storage, parquet: access, version, now: NOW });
  for (const [version, age] of options.ages.entries()) {
    const then = new Date(NOW - age * DAY);
    utimesSync(storage.localPath(commitKey(version)), then, then);
  }
  const read = { storage, parquet: access };
  return {
    storage,
    parquet: access,
    clean: async (mayRemove: (version: number) => boolean = () => true) =>
      cleanUpLog({
        ...read,
        state: (await readTableState(read))!,
        now: NOW,
        mayRemove: async (at) => mayRemove(at),
      }),
    files: () =>
      readdirSync(storage.localPath(LOG_FOLDER.slice(0, -1)))
        .filter((name) => !name.startsWith("_"))
        .map((name) => name.replace(/^0+(?=\d)/, "").replace(".parquet", "")),
    at: async (version: number): Promise<readonly string[]> =>
      [...(await readSnapshot({ ...read, version }))!.adds.keys()].sort(),
  };
}

test("what is older than 30 days goes, up to a checkpoint, whose commit stays", async (t) => {
  const log = await logOf(t, { ages: [50, 45, 40, 35, 20, 1], checkpoints: [2, 4] });
  assert.deepEqual(await log.clean(), { before: 2, files: 2 });
  assert.deepEqual(log.files(), ["2.checkpoint", "2.json", "3.json", "4.checkpoint", "4.json", "5.json"]);
  assert.equal((await log.at(3)).length, 4);
  assert.equal(await log.clean(), undefined);
});

test("days are whole: what was the newest version at midnight stays readable", () => {
  const midnight = Date.UTC(2026, 5, 14);
  assert.equal(cutOffTime({ "delta.logRetentionDuration": "interval 1 days" }, NOW), midnight);
  assert.equal(cutOffTime({}, NOW), midnight - 29 * DAY);
});

test("nothing goes where the table says so, says it in words that nobody knows, or has no checkpoint that is old enough", async (t) => {
  for (const configuration of [
    { "delta.enableExpiredLogCleanup": "false" },
    { "delta.logRetentionDuration": "a long time" },
    { "delta.logRetentionDuration": "interval 60 days" },
  ]) {
    const log = await logOf(t, { ages: [50, 45, 40], checkpoints: [1, 2], configuration });
    assert.equal(await log.clean(), undefined);
  }
  assert.equal(await (await logOf(t, { ages: [50, 45, 1], checkpoints: [2] })).clean(), undefined);
});

test("a commit that is still needed stays, and all that come after it", async (t) => {
  const log = await logOf(t, { ages: [50, 49, 48, 47, 46, 45, 1], checkpoints: [2, 4] });
  assert.deepEqual(await log.clean((version) => version !== 3), { before: 2, files: 2 });
  const young = await logOf(t, { ages: [50, 49, 48, 1], checkpoints: [2] });
  assert.equal(await young.clean((version) => version !== 1), undefined);
});

test("a checkpoint that cannot be read stands in for nothing", async (t) => {
  const log = await logOf(t, { ages: [50, 49, 48, 1], checkpoints: [2] });
  writeFileSync(log.storage.localPath(checkpointKey(2)), "damaged");
  await assert.rejects(log.clean());
  assert.equal((await log.at(3)).length, 4);
});

test(".crc files go with their commits", async (t) => {
  const log = await logOf(t, { ages: [50, 49, 48, 1], checkpoints: [2] });
  for (const version of [0, 1, 2, 3]) await log.storage.put(checksumKey(version), "{}");
  assert.deepEqual(await log.clean(), { before: 2, files: 4 });
  assert.deepEqual(log.files(), ["2.checkpoint", "2.crc", "2.json", "3.crc", "3.json"]);
});

test("Hadoop's check sums go with their files", async (t) => {
  const log = await logOf(t, { ages: [50, 49, 48, 1], checkpoints: [2] });
  const sibling = (version: number): string =>
    log.storage.localPath(commitKey(version).replace(LOG_FOLDER, `${LOG_FOLDER}.`)) + ".crc";
  for (const version of [0, 3]) writeFileSync(sibling(version), "sum");
  await log.clean();
  assert.deepEqual(
    log.files().filter((name) => name.startsWith(".")),
    [sibling(3).split("/").at(-1)],
  );
});

test("whatever the log: each version that is kept reads as before, also where the process dies on the way", async (t) => {
  t.after(() => onFaultPoint(undefined));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 3, maxLength: 9 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 4 }),
      fc.option(fc.integer({ min: 0, max: 8 })),
      fc.option(fc.integer({ min: 1, max: 5 })),
      async (drawn, places, needed, diesAfter) => {
        const ages = drawn.sort((a, b) => b - a);
        const checkpoints = places.filter((version) => version < ages.length).sort((a, b) => a - b);
        const log = await logOf(t, { ages, checkpoints });
        const before = await Promise.all(ages.keys().map((version) => log.at(version)));
        let left = diesAfter ?? Infinity;
        onFaultPoint((point) => {
          if (point === "cleanup.removed" && --left === 0) throw new Error("it dies");
        });
        await log
          .clean((version) => version !== needed)
          .catch((error: Error) => assert.equal(error.message, "it dies"));
        onFaultPoint(undefined);
        const cutOff = cutOffTime({}, NOW)!;
        const oldestKept = ages.findLastIndex((age) => NOW - age * DAY <= cutOff);
        const commits = new Set(
          log
            .files()
            .filter((name) => name.endsWith(".json"))
            .map((name) => parseInt(name, 10)),
        );
        for (const version of ages.keys()) {
          if (version >= Math.min(Math.max(0, oldestKept), needed ?? Infinity)) {
            assert.ok(commits.has(version), `the commit of version ${version} is gone`);
            assert.deepEqual(await log.at(version), before[version]);
          }
        }
        // Nothing that is gone leaves a gap: what is there begins somewhere and goes on to the end.
        assert.deepEqual(
          [...commits].sort((a, b) => a - b),
          [...ages.keys()].slice(-commits.size),
        );
      },
    ),
    { numRuns: 15 },
  );
});
