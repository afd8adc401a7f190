import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { renameSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Action } from "../delta/actions.ts";
import { serializeCommit } from "../delta/commit-json.ts";
import { commitKey } from "../delta/log-files.ts";
import type { LogNotice } from "../delta/log-notice.ts";
import { localStorage } from "../storage/local-storage.ts";
import { openToRead } from "./open-table.ts";

const FIRST: readonly Action[] = [
  { commitInfo: { timestamp: 1000, operation: "CREATE TABLE", userMetadata: "made by hand" } },
  { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
  {
    metaData: {
      id: "t",
      format: { provider: "parquet", options: {} },
      schemaString:
        '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}},{"name":"day","type":"date","nullable":true,"metadata":{}}]}',
      partitionColumns: ["day"],
      configuration: { "delta.appendOnly": "true" },
    },
  },
];

function append(name: string, rows: number): readonly Action[] {
  return [
    { commitInfo: { timestamp: 2000, operation: "WRITE", operationMetrics: { numFiles: "1" } } },
    {
      add: {
        path: `day=2026-01-01/${name}`,
        partitionValues: { day: "2026-01-01" },
        size: 10,
        modificationTime: 5,
        dataChange: true,
        stats: `{"numRecords":${rows}}`,
      },
    },
  ];
}

async function commit(folder: string, version: number, actions: readonly Action[]): Promise<void> {
  await localStorage({ root: folder }).put(commitKey(version), serializeCommit(actions));
}

/** Those of this process that read data. */
function engineProcesses(): number {
  const { stdout } = spawnSync("ps", ["-A", "-o", "ppid=,command="], { encoding: "utf8" });
  const ours = new RegExp(`^\\s*${process.pid}\\s.*engine-process`);
  return stdout.split("\n").filter((line) => ours.test(line)).length;
}

test("a snapshot says what the log says, by a path and by a URL", async (t) => {
  const folder = temporaryFolder(t);
  await commit(folder, 0, FIRST);
  await commit(folder, 1, append("a", 2));
  for (const uri of [folder, pathToFileURL(folder), pathToFileURL(folder).href]) {
    await using table = openToRead(uri).table;
    const { version, partitionColumns, properties, schema, metadata, protocol } = await table.snapshot();
    assert.deepEqual([version, partitionColumns, properties], [1, ["day"], { "delta.appendOnly": "true" }]);
    assert.deepEqual(
      schema.fields.map(({ name, type }) => [name, type]),
      [
        ["id", "long"],
        ["day", "date"],
      ],
    );
    assert.deepEqual([metadata.id, protocol], ["t", { minReaderVersion: 1, minWriterVersion: 2 }]);
  }
});

test("a table whose log is JSON is looked at without an engine's process", async (t) => {
  const folder = temporaryFolder(t);
  await commit(folder, 0, FIRST);
  await commit(folder, 1, append("a", 2));
  await using table = openToRead(folder).table;
  await table.snapshot();
  await table.snapshot({ version: 0 });
  await table.history();
  for await (const { snapshot } of table.watch({ from: 1 })) {
    assert.equal(snapshot.version, 1);
    break;
  }
  assert.equal(engineProcesses(), 0);
});

test("the next snapshot reads the new commits alone, and the one before stays as it was", async (t) => {
  const folder = temporaryFolder(t);
  const storage = localStorage({ root: folder });
  await commit(folder, 0, FIRST);
  await commit(folder, 1, append("a", 2));
  await using table = openToRead(folder).table;
  const before = await table.snapshot();
  // Were it read again, this would be met.
  await storage.put(commitKey(0), "{damaged");
  await commit(folder, 2, append("b", 3));
  assert.equal((await table.snapshot()).version, 2);
  assert.equal((await table.snapshot({ version: 2 })).version, 2);
  assert.equal(before.version, 1);
  await assert.rejects(table.snapshot({ version: 1 }), (error) =>
    isLandfallError(error, "TABLE_LOG_CORRUPT"),
  );
});

test("another table in the same place is read anew", async (t) => {
  const folder = temporaryFolder(t);
  const storage = localStorage({ root: folder });
  await commit(folder, 0, FIRST);
  await commit(folder, 1, append("a", 2));
  await using table = openToRead(folder).table;
  assert.equal((await table.snapshot()).version, 1);
  await storage.delete([commitKey(1), commitKey(0)]);
  await assert.rejects(table.snapshot(), (error) => isLandfallError(error, "TABLE_MISSING"));
  await commit(folder, 0, FIRST);
  assert.equal((await table.snapshot()).version, 0);
});

test("a version that does not exist, a folder without a table, a place that is none are errors of their own", async (t) => {
  const folder = temporaryFolder(t);
  await commit(folder, 0, FIRST);
  await using table = openToRead(folder).table;
  await assert.rejects(
    table.snapshot({ version: 1 }),
    (error) => isLandfallError(error, "TABLE_VERSION_MISSING") && error.subject.version === 1,
  );
  await using none = openToRead(join(folder, "none")).table;
  for (const ask of [() => none.snapshot(), () => none.snapshot({ version: 0 }), () => none.history()])
    await assert.rejects(ask, (error) => isLandfallError(error, "TABLE_MISSING"));
  for (const uri of ["", "s3://bucket/table", "abfss://a@b/c", "file://elsewhere/x"])
    assert.throws(
      () => openToRead(uri).table,
      (error) => isLandfallError(error, "USAGE"),
      uri,
    );
  assert.throws(() => openToRead(folder, { memory: "much" }).table, /memory: "much" is not understood/);
});

test("what numbers no version is a mistake of the caller's, and nothing is said of the log", async (t) => {
  const folder = temporaryFolder(t);
  await commit(folder, 0, FIRST);
  await using table = openToRead(folder).table;
  for (const version of [-1, 0.5, Number.NaN, 2 ** 53, "0" as unknown as number]) {
    const isUsage = (error: unknown): boolean => isLandfallError(error, "USAGE");
    for (const ask of [
      () => table.snapshot({ version }),
      () => table.check({ version }),
      () => table.compare({ from: { version } }),
    ])
      await assert.rejects(ask, isUsage, String(version));
    assert.throws(() => table.watch({ from: version }), isUsage, String(version));
  }
});

test("commits that are links to files elsewhere are commits", async (t) => {
  const [folder, elsewhere] = [temporaryFolder(t), temporaryFolder(t)];
  await using table = openToRead(folder).table;
  for (const version of [0, 1]) {
    await commit(folder, version, version === 0 ? FIRST : append("a", 2));
    const [path, moved] = [join(folder, commitKey(version)), join(elsewhere, String(version))];
    renameSync(path, moved);
    symlinkSync(moved, path);
  }
  const snapshot = await table.snapshot();
  assert.deepEqual([snapshot.version, await snapshot.count()], [1, 2]);
  assert.equal((await table.history()).length, 2);
});

test("the history tells what each commit says and did, the newest first", async (t) => {
  const folder = temporaryFolder(t);
  await commit(folder, 0, FIRST);
  await commit(folder, 1, append("a", 2));
  await commit(folder, 2, [
    { commitInfo: { inCommitTimestamp: 7000, timestamp: 3000, operation: "DELETE", engineInfo: "by hand" } },
    { remove: { path: "day=2026-01-01/a", dataChange: true } },
  ]);
  // The clock of the files' host was set back.
  for (const [version, seconds] of [50, 40].entries())
    utimesSync(join(folder, commitKey(version)), seconds, seconds);
  await using table = openToRead(folder).table;
  const nothing = { filesAdded: 0, filesRemoved: 0, bytesAdded: 0, rowsAdded: 0 };
  assert.deepEqual(await table.history(), [
    {
      ...nothing,
      version: 2,
      timestamp: 7000,
      writerTimestamp: 3000,
      operation: "DELETE",
      engineInfo: "by hand",
      filesRemoved: 1,
    },
    {
      ...nothing,
      version: 1,
      timestamp: 50_001,
      writerTimestamp: 2000,
      operation: "WRITE",
      operationMetrics: { numFiles: "1" },
      filesAdded: 1,
      bytesAdded: 10,
      rowsAdded: 2,
    },
    {
      ...nothing,
      version: 0,
      timestamp: 50_000,
      writerTimestamp: 1000,
      operation: "CREATE TABLE",
      userMetadata: "made by hand",
    },
  ]);
  assert.deepEqual(
    (await table.history({ limit: 1 })).map(({ version }) => version),
    [2],
  );
});

test("a time names the version that was the newest then", async (t) => {
  const folder = temporaryFolder(t);
  await commit(folder, 0, FIRST);
  await commit(folder, 1, append("a", 2));
  for (const version of [0, 1]) utimesSync(join(folder, commitKey(version)), version + 1, version + 1);
  await using table = openToRead(folder).table;
  assert.equal((await table.snapshot({ timestamp: 1999 })).version, 0);
  assert.equal((await table.snapshot({ timestamp: new Date(2000) })).version, 1);
  for (const timestamp of [999, 2001]) {
    await assert.rejects(table.snapshot({ timestamp }), (error) =>
      isLandfallError(error, "TABLE_VERSION_MISSING"),
    );
  }
  const text = "1999" as unknown as number;
  for (const options of [{ timestamp: Number.NaN }, { timestamp: text }, { timestamp: 1999, version: 0 }])
    await assert.rejects(table.snapshot(options), (error) => isLandfallError(error, "USAGE"));
});

test("a damaged checkpoint is passed over, and said", async (t) => {
  const folder = temporaryFolder(t);
  const storage = localStorage({ root: folder });
  await commit(folder, 0, FIRST);
  await commit(folder, 1, append("a", 2));
  const checkpoint = commitKey(1).replace(".json", ".checkpoint.parquet");
  await storage.put(checkpoint, "no Parquet");
  const notices: LogNotice[] = [];
  await using table = openToRead(folder, { threads: 1, onNotice: (notice) => notices.push(notice) }).table;
  assert.equal((await table.snapshot()).version, 1);
  assert.deepEqual(
    notices.map(({ table: location, file }) => [location, file]),
    [[table.location, checkpoint]],
  );
});

test("a watch tells the versions that are there and those that come, and ends with its signal", async (t) => {
  const folder = temporaryFolder(t);
  await commit(folder, 0, FIRST);
  await commit(folder, 1, append("a", 2));
  await using table = openToRead(folder).table;
  const stop = new AbortController();
  const told: unknown[] = [];
  for await (const { snapshot, commit: said } of table.watch({
    from: 0,
    every: "1ms",
    signal: stop.signal,
  })) {
    told.push([snapshot.version, said.version, said.operation, said.filesAdded]);
    if (snapshot.version === 1) {
      await commit(folder, 2, append("b", 3));
      await commit(folder, 3, append("c", 3));
    }
    if (snapshot.version === 3) stop.abort();
  }
  assert.deepEqual(told, [
    [0, 0, "CREATE TABLE", 0],
    [1, 1, "WRITE", 1],
    [2, 2, "WRITE", 1],
    [3, 3, "WRITE", 1],
  ]);
});

test("closing ends a watch that waits, and every later question", async (t) => {
  const folder = temporaryFolder(t);
  await commit(folder, 0, FIRST);
  const table = openToRead(folder).table;
  const watching = (async () => {
    const told: number[] = [];
    for await (const { snapshot } of table.watch({ every: "1 h" })) told.push(snapshot.version);
    return told;
  })();
  await table.snapshot();
  await table.close();
  await table.close();
  assert.deepEqual(await watching, []);
  await assert.rejects(table.snapshot(), (error) => isLandfallError(error, "ABORTED"));
});
