/**
 * Every table of the corpora, which other programs wrote: what we make of it stands in test/tables/delta-corpora.tsv, so that a
 * change is seen. The numbers of rows are compared with what independent readers counted.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { countParquetRows, duckdbParquet } from "../../test/support/duckdb-parquet.ts";
import { corporaFolder, corporaMissing } from "../../test/support/corpora.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError, LandfallError } from "../base/landfall-error.ts";
import { localStorage } from "../storage/local-storage.ts";
import { memoryStorage } from "../storage/memory-storage.ts";
import { listAll, type Storage } from "../storage/storage.ts";
import type { ParquetAccess } from "./checkpoint-rows.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { commitKey } from "./log-files.ts";
import { checkWritable } from "./features.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";
import { readTableState } from "./table-state.ts";

const folder = corporaFolder();
const skip = corporaMissing();
let compared = 0;
let versionsRead = 0;
/** Its checkpoint was made by hand, of another table than its commits. */
const OWN_CHECKPOINT = "more/kernel-rs-data/parquet_row_group_skipping";
const outcomes = readTsv(join(import.meta.dirname, "../../test/tables/delta-corpora.tsv"));

/** Rows that a reader of the live files without looking into them expects; undefined when a file does not say. */
function rowsOf(snapshot: Snapshot): number | undefined {
  let rows = 0;
  for (const add of snapshot.adds.values()) {
    const { numRecords } = JSON.parse(add.stats ?? "{}") as { numRecords?: number };
    if (numRecords === undefined) return undefined;
    rows += numRecords - Number(add.deletionVector?.cardinality ?? 0);
  }
  return rows;
}

function outcomeOf(snapshot: Snapshot | undefined): string {
  if (snapshot === undefined) return "no table";
  const read = `version ${snapshot.version}, ${snapshot.adds.size} files`;
  try {
    checkWritable(snapshot);
    return `${read}, writable`;
  } catch (error) {
    assert.ok(error instanceof LandfallError, String(error));
    return `${read}, not writable: ${reasonOf(error)}`;
  }
}

function reasonOf(error: LandfallError): string {
  const needs = / it needs (.*)\.$/.exec(error.message);
  return needs?.[1] ?? error.message.replace(/^The Delta log of \S+ (?:is damaged: )?/, "");
}

function readTsv(file: string): Map<string, string> {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return new Map(
    lines
      .filter((line) => !line.startsWith("#"))
      .map((line): [string, string] => {
        const [name, outcome] = line.split("\t");
        return [name!, outcome!];
      }),
  );
}

function tablesOf(root: string): string[] {
  const names = (path: string): string[] =>
    readdirSync(join(root, path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${path}/${entry.name}`);
  const golden = names("delta/golden").flatMap((name) =>
    name.endsWith("/hive") ? names(`${name}/delta`) : [`${name}/delta`],
  );
  return [...golden, ...names("delta/more").flatMap(names)].map((name) => name.slice("delta/".length));
}

test("the list of outcomes names every table of the corpora", { skip }, () => {
  assert.deepEqual([...outcomes.keys()].sort(), tablesOf(folder).sort());
});

for (const [name, outcome] of outcomes) {
  test(`${name}: ${outcome}`, { skip }, async (t) => {
    const storage = localStorage({ root: join(folder, "delta", name) });
    const parquet = { port: duckdbParquet(), scratchFolder: temporaryFolder(t) };
    let snapshot: Snapshot | undefined;
    try {
      snapshot = await readSnapshot({ storage, parquet });
    } catch (error) {
      assert.ok(error instanceof LandfallError, String(error));
      assert.equal(`${error.code}: ${reasonOf(error)}`, outcome);
      return;
    }
    assert.equal(outcomeOf(snapshot), outcome);
    if (snapshot === undefined) return;
    const { adds: _adds, removes: _removes, ...state } = snapshot;
    const { segment: _segment, ...read } = (await readTableState({ storage, parquet }))!;
    assert.deepEqual(read, state);
    const expected = await expectedRows(name);
    const rows = rowsOf(snapshot);
    if (expected !== undefined && rows !== undefined) {
      assert.equal(rows, expected);
      compared += 1;
    }
    if (name !== OWN_CHECKPOINT) await checkEveryVersion(snapshot, storage, parquet);
    if (outcome.endsWith(", writable")) await checkCheckpoint(snapshot, storage, parquet);
  });
}

test("the numbers of rows of most tables could be compared", { skip }, () => {
  assert.ok(compared >= 40, `${compared} compared`);
});

/** By its checkpoints each version is what its commits say; where those are gone, the newest ones still read. */
async function checkEveryVersion(newest: Snapshot, storage: Storage, parquet: ParquetAccess): Promise<void> {
  const commits = memoryStorage();
  for await (const { key } of storage.list({ prefix: "_delta_log/" }))
    if (/^_delta_log\/\d{20}\.json$/.test(key)) await commits.put(key, await storage.get(key));
  const reachBack = (await commits.head(commitKey(0))) !== undefined;
  let read = 0;
  for (let version = 0; version <= newest.version; version++) {
    const notices: string[] = [];
    let snapshot: Snapshot;
    try {
      snapshot = (await readSnapshot({
        storage,
        parquet,
        version,
        onNotice: ({ message }) => notices.push(message),
      }))!;
    } catch (error) {
      assert.ok(!reachBack && read === 0 && isLandfallError(error, "TABLE_VERSION_MISSING"), String(error));
      continue;
    }
    read += 1;
    assert.deepEqual(notices, []);
    if (reachBack)
      assert.deepEqual(stateOf(snapshot), stateOf((await readSnapshot({ storage: commits, version }))!));
  }
  assert.ok(read > 0);
  versionsRead += read;
}

/** Without what a checkpoint may leave out or write in another way. */
function stateOf(snapshot: Snapshot): unknown {
  const { version, protocol, schema, txns, domainMetadata, adds } = snapshot;
  const { schemaString: _text, ...metadata } = snapshot.metadata;
  const files = Array.from(adds, ([key, { path, size, partitionValues, deletionVector, baseRowId }]) => [
    key,
    { path, size, partitionValues, deletionVector, baseRowId },
  ]);
  return {
    version,
    protocol,
    schema,
    metadata,
    txns,
    domainMetadata,
    files: Object.fromEntries(files) as unknown,
  };
}

test("every version that a log allows has been read", { skip }, () => {
  assert.ok(versionsRead >= 390, `${versionsRead} read`);
});

/** The files that a checkpoint of ours holds are those of the table as its own writer left it. */
async function checkCheckpoint(snapshot: Snapshot, original: Storage, parquet: ParquetAccess): Promise<void> {
  const storage = memoryStorage();
  for await (const { key } of original.list({ prefix: "_delta_log/" })) {
    await storage.put(key, await original.get(key));
  }
  // All tombstones stay: a time at which none has expired.
  const now = Number.MIN_SAFE_INTEGER;
  const written = new Set<string>();
  const noted: Storage = {
    ...storage,
    putFile(key, path, options) {
      written.add(key);
      return storage.putFile(key, path, options);
    },
  };
  await writeCheckpoint({ storage: noted, parquet, version: snapshot.version, now });
  for (const { key } of await listAll(storage))
    if (/\.(?:json|parquet)$/.test(key) && !written.has(key)) await storage.delete(key);
  const restored = (await readSnapshot({ storage, parquet }))!;
  assert.deepEqual(restored.metadata, snapshot.metadata);
  assert.deepEqual(restored.txns, snapshot.txns);
  assert.deepEqual(restored.domainMetadata, snapshot.domainMetadata);
  assert.deepEqual([...restored.removes.keys()].sort(), [...snapshot.removes.keys()].sort());
  const unchanged = new Map([...snapshot.adds].map(([key, add]) => [key, { ...add, dataChange: false }]));
  assert.deepEqual(restored.adds, unchanged);
}

async function expectedRows(name: string): Promise<number | undefined> {
  if (name.startsWith("more/")) {
    const count = readTsv(join(folder, "delta/more/expected-counts.tsv")).get(name.slice("more/".length));
    return count === undefined || count === "" ? undefined : Number(count);
  }
  const expected = join(folder, "delta", name, "../expected");
  if (!name.endsWith("/delta") || !existsSync(expected)) return undefined;
  const files = readdirSync(expected).filter((file) => file.endsWith(".parquet"));
  return files.length === 0 ? undefined : countParquetRows(files.map((file) => join(expected, file)));
}
