/** The judge of commits passes what our operations write, and finds each fault that is planted in it. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stringifyJson } from "../../src/base/lossless-json.ts";
import { parseCommit } from "../../src/delta/commit-json.ts";
import { createTable } from "../../src/write/create-table.ts";
import { checkCommitsBelow } from "./checked-folder.ts";
import { temporaryFolder } from "./temporary-folder.ts";

type Loose = Record<string, Record<string, unknown>>;

/** Version 1 turns features on, 2 and 3 append, 4 deletes by a vector, 5 deletes files, 6 optimizes. */
const PLANTED: readonly (readonly [version: number, what: string, plant: (actions: Loose[]) => unknown])[] = [
  [4, "no size", (actions) => delete of(actions, "remove")["size"]],
  [4, "an unknown field", (actions) => (of(actions, "add")["colour"] = "red")],
  [4, "commitInfo last", (actions) => actions.push(actions.shift()!)],
  [4, "a time of before", (actions) => (of(actions, "commitInfo")["inCommitTimestamp"] = 1)],
  [4, "no time", (actions) => delete of(actions, "commitInfo")["inCommitTimestamp"]],
  [4, "nothing of the file's metadata", (actions) => (of(actions, "remove")["extendedFileMetadata"] = false)],
  [4, "another size", (actions) => (of(actions, "remove")["size"] = 7)],
  [4, "other partition values", (actions) => (of(actions, "remove")["partitionValues"] = { part: "z" })],
  [4, "no row ids", (actions) => delete of(actions, "add")["baseRowId"]],
  [
    4,
    "an empty vector",
    (actions) => ((of(actions, "add")["deletionVector"] as Loose)["cardinality"] = 0 as never),
  ],
  [4, "tight bounds", (actions) => (of(actions, "add")["stats"] = '{"numRecords":3}')],
  [
    4,
    "the old vector left",
    (actions) =>
      actions.splice(
        actions.findIndex((action) => "remove" in action),
        1,
      ),
  ],
  [4, "no change of data", (actions) => (of(actions, "add")["dataChange"] = false)],
  [4, "no such file", (actions) => (of(actions, "remove")["path"] = "other.parquet")],
  [2, "a partition too few", (actions) => (of(actions, "add")["partitionValues"] = {})],
  [2, "an empty text", (actions) => (of(actions, "add")["partitionValues"] = { part: "" })],
  [2, "no statistics", (actions) => delete of(actions, "add")["stats"]],
  [
    2,
    "a bound of another type",
    (actions) => (of(actions, "add")["stats"] = '{"numRecords":3,"minValues":{"id":"1"}}'),
  ],
  [
    2,
    "statistics of no column",
    (actions) => (of(actions, "add")["stats"] = '{"numRecords":3,"nullCount":{"x":0}}'),
  ],
  [
    2,
    "more nulls than rows",
    (actions) => (of(actions, "add")["stats"] = '{"numRecords":3,"nullCount":{"id":4}}'),
  ],
  [2, "row ids above the mark", (actions) => (of(actions, "add")["baseRowId"] = 900)],
  [3, "row ids that were given", (actions) => (of(actions, "add")["baseRowId"] = 0)],
  [2, "a path that is no URI", (actions) => (of(actions, "add")["path"] = "a b.parquet")],
  [2, "the file twice", (actions) => actions.push(actions.find((action) => "add" in action)!)],
  [6, "changed data", (actions) => (of(actions, "add")["dataChange"] = true)],
  [1, "a feature too few", (actions) => (of(actions, "protocol")["writerFeatures"] = ["deletionVectors"])],
  [1, "a feature of writers only", (actions) => (of(actions, "protocol")["readerFeatures"] = [])],
  [1, "another table's id", (actions) => (of(actions, "metaData")["id"] = "other")],
];

function of(actions: readonly Loose[], kind: string): Record<string, unknown> {
  return actions.find((action) => kind in action)![kind]!;
}

test("commits of ours pass, and with a fault in them they do not", async (t) => {
  const folder = temporaryFolder(t);
  const place = join(folder, "table");
  const limits = { threads: 1, memory: "256m" };
  await using table = await createTable(place, {
    schema: "id BIGINT, part STRING",
    partitionBy: ["part"],
    ...limits,
  });
  await table.setProperties({
    "delta.enableDeletionVectors": "true",
    "delta.enableInCommitTimestamps": "true",
    "delta.feature.rowTracking": "supported",
  });
  for (const first of [1, 4]) await table.append([0, 1, 2].map((more) => ({ id: first + more, part: "a" })));
  await table.delete({ where: "id = 2" });
  await table.delete({ where: "id = 5" });
  await table.optimize();
  assert.equal(checkCommitsBelow(folder), 7);

  for (const [version, what, plant] of PLANTED) {
    const other = join(folder, "other");
    mkdirSync(join(other, "_delta_log"), { recursive: true });
    for (let at = 0; at <= version; at++) {
      const name = join("_delta_log", `${String(at).padStart(20, "0")}.json`);
      let content = readFileSync(join(place, name));
      if (at === version) {
        const actions = structuredClone(
          parseCommit(content, { table: place, version }),
        ) as unknown as Loose[];
        plant(actions);
        content = Buffer.from(actions.map((action) => `${stringifyJson(action)}\n`).join(""));
      }
      writeFileSync(join(other, name), content);
    }
    assert.throws(() => checkCommitsBelow(other), /AssertionError|strictly/, `version ${version}: ${what}`);
  }
  const checksum = join(place, "_delta_log", `${"4".padStart(20, "0")}.crc`);
  const right = JSON.parse(readFileSync(checksum, "utf8")) as Record<string, unknown>;
  const plants = [
    ...Object.keys(right).map((field) => ({ ...right, [field]: "other" })),
    ...["numFiles", "txnId", "inCommitTimestampOpt"].map((field) => ({ ...right, [field]: undefined })),
    { ...right, colour: "red" },
  ];
  assert.equal(plants.length, 16);
  for (const planted of plants) {
    writeFileSync(checksum, `${JSON.stringify(planted)}\n`);
    assert.throws(() => checkCommitsBelow(folder), /the \.crc file/, JSON.stringify(planted));
  }
});
