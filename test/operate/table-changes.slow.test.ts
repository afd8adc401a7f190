/** `landfall table changes`: what versions did to a table's rows, as rows. */
import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { commitKey } from "../../src/delta/log-files.ts";
import {
  addOf,
  changesOf,
  changingTable,
  metadataOf,
  READS_VECTORS,
  removeOf,
} from "../support/changing-table.ts";
import { runLandfall, type CommandResult } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder({ after });

const landfall = (...flags: readonly string[]): Promise<CommandResult> =>
  runLandfall(["table", "changes", "table", ...flags], { cwd: folder });

async function documentOf(...flags: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await landfall(...flags, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

before(async () => {
  const writer = changingTable(join(folder, "table"));
  const first = await writer.file("a.parquet", "SELECT i AS id FROM range(3) r(i)");
  const second = await writer.file("b.parquet", "SELECT 9007199254740993 AS id");
  const told = await writer.file(
    "_change_data/c.parquet",
    "SELECT * FROM (VALUES (1::BIGINT, 'update_preimage'), (11, 'update_postimage')) v(id, _change_type)",
  );
  await writer.commit([READS_VECTORS, metadataOf({ columns: [["id", "long"]] })]);
  await writer.commit([addOf(first), addOf(second)]);
  await writer.commit([changesOf(told)]);
  await writer.commit([removeOf(second)]);
  await writer.commit([
    metadataOf({ columns: [["id", "long"]], configuration: { "delta.enableChangeDataFeed": "false" } }),
  ]);
  for (const version of [0, 1, 2, 3, 4]) {
    const day = new Date(Date.UTC(2026, 0, 1 + version));
    utimesSync(join(folder, "table", commitKey(version)), day, day);
  }
});

const BIG = "9007199254740993";
const midnight = (of: number): string => `2026-01-0${of} 00:00:00+00`;

test("a range's changes are the table's columns with those of Spark's table_changes", async () => {
  const document = await documentOf("--from", "2", "--to", "3");
  assert.deepEqual(
    (document["columns"] as { name: string }[]).map(({ name }) => name),
    ["id", "_change_type", "_commit_version", "_commit_timestamp"],
  );
  assert.deepEqual(
    (document["rows"] as string[][]).toSorted((a, b) => Number(a[0]) - Number(b[0])),
    [
      ["1", "update_preimage", "2", midnight(3)],
      ["11", "update_postimage", "2", midnight(3)],
      [BIG, "delete", "3", midnight(4)],
    ],
  );
  assert.deepEqual([document["from"], document["to"], document["truncated"]], [2, 3, false]);
});

test("a range may be of times, and rows may be chosen", async () => {
  const document = await documentOf(
    "--from",
    "2026-01-01T10:00:00Z",
    "--to",
    "2026-01-03",
    "--where",
    "id > 5 -- and no more",
  );
  assert.deepEqual([document["from"], document["to"]], [1, 2]);
  assert.deepEqual(document["rows"], [
    [BIG, "insert", "1", midnight(2)],
    ["11", "update_postimage", "2", midnight(3)],
  ]);
});

test("the limit keeps the first versions' rows, and says that there are more", async () => {
  const document = await documentOf("--from", "0", "--to", "3", "--limit", "5");
  const versions = (document["rows"] as string[][]).map((row) => row[2]);
  assert.deepEqual([versions, document["truncated"]], [["1", "1", "1", "1", "2"], true]);
  const { stdout, stderr } = await landfall("--from", "3", "--to", "3", "--limit", "1");
  assert.match(
    stdout,
    /^ *id +_change_type +_commit_version +_commit_timestamp\n.*\n9007199254740993 +delete /,
  );
  assert.equal(stderr, "");
  assert.match((await landfall("--from", "1", "--to", "1", "--limit", "1")).stderr, /cut off after 1 rows/);
});

test("a range that begins with the next version has no rows, and that is said", async () => {
  const { code, stdout, stderr } = await landfall("--from", "5");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^id /);
  assert.match(stderr, /there is no version 5 yet/);
});

test("what cannot be given is said by name", async () => {
  const refused = async (code: string, ...flags: string[]): Promise<string> => {
    const { code: exit, stderr } = await landfall(...flags);
    assert.notEqual(exit, 0);
    assert.match(stderr, new RegExp(`error ${code}`));
    return stderr;
  };
  assert.match(await refused("CHANGE_FEED_OFF", "--from", "0"), /version 4 .*--without-feed/s);
  await refused("TABLE_VERSION_MISSING", "--from", "7");
  await refused("QUERY_INVALID", "--from", "1", "--to", "1", "--where", "id IN (SELECT 1)");
  await refused("QUERY_INVALID", "--from", "5", "--where", "nothing = 1");
  assert.match(await refused("USAGE", "--from", "one"), /--from one: a version or a time is needed/);
  assert.equal((await documentOf("--from", "4", "--without-feed"))["truncated"], false);
});
