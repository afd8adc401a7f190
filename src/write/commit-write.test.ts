import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Action } from "../delta/actions.ts";
import { serializeCommit } from "../delta/commit-json.ts";
import { NOTHING_READ } from "../delta/conflicts/read-set.ts";
import { commitKey } from "../delta/log-files.ts";
import { localStorage } from "../storage/local-storage.ts";
import { openToRead } from "../table/open-table.ts";
import { systemClock, type Clock } from "../base/clock.ts";
import { commitWrite } from "./commit-write.ts";
import { openTable } from "./open-table.ts";
import type { WriteContext } from "./write-context.ts";
import type { WritePlan } from "./write-plan.ts";

const SCHEMA = '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]}';

function first(configuration: Readonly<Record<string, string>> = {}): readonly Action[] {
  return [
    { commitInfo: { inCommitTimestamp: 1000, timestamp: 1000, operation: "CREATE TABLE" } },
    {
      protocol: {
        minReaderVersion: 1,
        minWriterVersion: 7,
        writerFeatures: ["appendOnly", "inCommitTimestamp", "rowTracking", "domainMetadata"],
      },
    },
    {
      metaData: {
        id: "t",
        format: { provider: "parquet", options: {} },
        schemaString: SCHEMA,
        partitionColumns: [],
        configuration,
      },
    },
  ];
}

const file = (path: string, rows = 3): Action => ({
  add: {
    path,
    partitionValues: {},
    size: 10,
    modificationTime: 5,
    dataChange: true,
    stats: `{"numRecords":${rows}}`,
  },
});

async function tableOf(
  t: TestContext,
  actions = first(),
): Promise<{ folder: string; context: WriteContext }> {
  const folder = join(temporaryFolder(t), "table");
  mkdirSync(folder);
  await commit(folder, 0, actions);
  const { table, access, newest } = openToRead(folder);
  t.after(() => table.close());
  return {
    folder,
    context: {
      access,
      newest: newest.read,
      clock: systemClock,
      checkpointRows: { kept: undefined },
      engineInfo: "test",
    },
  };
}

async function commit(folder: string, version: number, actions: readonly Action[]): Promise<void> {
  await localStorage({ root: folder }).put(commitKey(version), serializeCommit(actions));
}

async function actionsAt(folder: string, version: number): Promise<Action[]> {
  const text = (await localStorage({ root: folder }).get(commitKey(version))).toString("utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Action);
}

const plan = (actions: readonly Action[], more: Partial<WritePlan> = {}): WritePlan => ({
  actions,
  reads: NOTHING_READ,
  operation: "WRITE",
  operationParameters: { mode: JSON.stringify("Append") },
  operationMetrics: { numFiles: "1" },
  written: [],
  ...more,
});

test("a commit says what it is, is later than the one before, and gives row ids above all that were given", async (t) => {
  const { folder, context } = await tableOf(t, first({ "delta.enableInCommitTimestamps": "true" }));
  const before = Date.now();
  for (const path of ["a", "b"])
    await commitWrite(context, { plan: () => Promise.resolve(plan([file(path)])) });
  const [[info, add, domain], [later, next, mark]] = await Promise.all([
    actionsAt(folder, 1),
    actionsAt(folder, 2),
  ]);
  assert.ok("commitInfo" in info! && "add" in add! && "domainMetadata" in domain!);
  assert.deepEqual(
    [info.commitInfo.operation, info.commitInfo["readVersion"], info.commitInfo.isBlindAppend],
    ["WRITE", 0, true],
  );
  assert.equal(info.commitInfo["isolationLevel"], "Serializable");
  const times = [info, later!].map((action) =>
    "commitInfo" in action ? Number(action.commitInfo["inCommitTimestamp"]) : NaN,
  );
  assert.ok(times[0]! >= before && times[1]! > times[0]!);
  assert.deepEqual([add.add.baseRowId, add.add.defaultRowCommitVersion], [0, 1]);
  assert.ok("add" in next! && "domainMetadata" in mark!);
  assert.deepEqual([next.add.baseRowId, next.add.defaultRowCommitVersion], [3, 2]);
  assert.equal(mark.domainMetadata.configuration, '{"rowIdHighWaterMark":5}');
});

test("blind appends follow whatever was appended meanwhile; who read rows is planned anew", async (t) => {
  const { folder, context } = await tableOf(t);
  const planned: number[] = [];
  const committed = await commitWrite(context, {
    plan: async (state, { attempt }) => {
      planned.push(state.version);
      // Another writer comes first, once.
      if (attempt === 1)
        await commit(folder, 1, [{ commitInfo: { txnId: "o", isBlindAppend: true } }, file("other")]);
      return plan([file("blind")]);
    },
  });
  assert.deepEqual([planned, committed?.version], [[0], 2]);
  const read = await commitWrite(context, {
    plan: async (state, { attempt }) => {
      planned.push(state.version);
      if (attempt === 1)
        await commit(folder, 3, [{ commitInfo: { txnId: "p", isBlindAppend: true } }, file("another")]);
      return plan([file("mine")], { reads: { rows: "all", files: [] } });
    },
  });
  assert.deepEqual([planned, read?.version], [[0, 2, 3], 4]);
  assert.equal(
    ((await actionsAt(folder, 4))[0] as { commitInfo: Record<string, unknown> }).commitInfo["readVersion"],
    3,
  );
});

test("under WriteSerializable a reader follows blind appends, too", async (t) => {
  const { folder, context } = await tableOf(t, first({ "delta.isolationLevel": "WriteSerializable" }));
  let plans = 0;
  const committed = await commitWrite(context, {
    plan: async () => {
      if (plans++ === 0)
        await commit(folder, 1, [{ commitInfo: { txnId: "o", isBlindAppend: true } }, file("other")]);
      return plan([file("mine")], { reads: { rows: "all", files: [] } });
    },
  });
  assert.deepEqual([plans, committed?.version], [1, 2]);
});

test("a version that is lost among others is told, and not written anew", async (t) => {
  const { folder, context } = await tableOf(t);
  const append = (path: string): ReturnType<typeof commitWrite> =>
    commitWrite(context, { plan: () => Promise.resolve(plan([file(path)])) });
  assert.equal((await append("a"))?.version, 1);
  // The state of version 1 is known by now.
  await commit(folder, 3, [file("c")]);
  await assert.rejects(append("b"), (error) => isLandfallError(error, "TABLE_LOG_CORRUPT"));
  assert.equal(existsSync(join(folder, commitKey(2))), false);
});

test("an append gets its version beside a writer that never pauses", async (t) => {
  const { folder, context } = await tableOf(t);
  let last = 0;
  const other = (commits: number): void => {
    for (let i = 0; i < commits; i++) {
      last++;
      const actions = serializeCommit([{ commitInfo: { txnId: `o${last}` } }, file(`other-${last}`)]);
      writeFileSync(join(folder, commitKey(last)), actions, { flag: "wx" });
    }
    // Else one that stays behind would go on for ever.
    assert.ok(last < 1000, "the append does not catch up");
  };
  let [races, waited] = [8, 0];
  const clock: Clock = {
    // Asked just before each attempt: the other comes first, so many times.
    now: () => {
      if (races-- > 0) other(1);
      return 1000;
    },
    // Many versions while ours waits.
    sleep: () => {
      waited++;
      other(20);
      return Promise.resolve();
    },
  };
  const committed = await commitWrite(
    { ...context, clock },
    {
      plan: () => {
        other(20);
        return Promise.resolve(plan([file("mine")]));
      },
    },
  );
  assert.equal(committed?.version, last + 1);
  assert.ok(waited > 0);
  assert.ok(
    (await actionsAt(folder, last + 1)).some((action) => "add" in action && action.add.path === "mine"),
  );
});

test("a conflict that does not end is told by its class, and what was written for it is gone", async (t) => {
  const { folder, context } = await tableOf(t);
  let version = 0;
  const storage = localStorage({ root: folder });
  await assert.rejects(
    commitWrite(context, {
      attempts: 2,
      plan: async () => {
        version++;
        await commit(folder, version, [{ commitInfo: { txnId: `o${version}` } }, file(`other-${version}`)]);
        await storage.put("mine.parquet", "x");
        return plan([file("mine.parquet")], { reads: { rows: "all", files: [] }, written: ["mine.parquet"] });
      },
    }),
    (error) =>
      isLandfallError(error, "CONFLICT_CONCURRENT_APPEND") && /version 2 added other-2/.test(error.message),
  );
  assert.deepEqual(readdirSync(folder), ["_delta_log"]);
});

test("with nothing to do no version is made", async (t) => {
  const { folder, context } = await tableOf(t);
  assert.equal(await commitWrite(context, { plan: () => Promise.resolve(undefined) }), undefined);
  assert.deepEqual(readdirSync(join(folder, "_delta_log")), ["00000000000000000000.json"]);
});

test("six writers at once: every commit stands once, and versions have no gap", async (t) => {
  const { folder } = await tableOf(t);
  const tables = Array.from({ length: 6 }, () => openTable(folder));
  const committed = await Promise.all(
    tables.map(async (table, i) => {
      await using open = table;
      return await open.setProperties({ [`owner.${i}`]: "yes" });
    }),
  );
  assert.deepEqual(
    committed.map((one) => one!.version).sort((a, b) => a - b),
    Array.from({ length: 6 }, (_, i) => i + 1),
  );
  await using last = openTable(folder);
  const { properties } = await last.snapshot();
  assert.equal(Object.keys(properties).filter((name) => name.startsWith("owner.")).length, 6);
});
