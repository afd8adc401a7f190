import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { canonicalRowsIn } from "../../test/support/canonical-columns.ts";
import { checkedFolder } from "../../test/support/checked-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { createTable } from "./create-table.ts";

const LIMITS = { threads: 1, memory: "256m" };

for (const mode of ["name", "id"])
  test(`a table whose columns are mapped by ${mode} from the beginning takes rows, and names that files could not have`, async (t) => {
    await using table = await createTable(join(checkedFolder(t), "table"), {
      schema: "`my id` BIGINT, place STRUCT<lat: DOUBLE, tags: ARRAY<STRUCT<k: STRING>>>, part STRING",
      partitionBy: ["part"],
      properties: { "delta.columnMapping.mode": mode, "delta.enableTypeWidening": "true" },
      ...LIMITS,
    });
    await table.append([{ "my id": 1, place: { lat: 0.5, tags: [{ k: "x" }] }, part: "a" }]);
    await table.renameColumn("my id", "id");
    await table.append([{ id: 2, part: "b" }]);
    const snapshot = await table.snapshot();
    assert.deepEqual(await canonicalRowsIn(snapshot.scan()), [
      { id: "1", place: { lat: 0.5, tags: [{ k: "x" }] }, part: "a" },
      { id: "2", place: null, part: "b" },
    ]);
    const names = snapshot.schema.fields.map(({ metadata }) => metadata["delta.columnMapping.physicalName"]);
    assert.equal(new Set(names).size, 3);
    for (const name of names)
      assert.ok(typeof name === "string" && /^col-[0-9a-f-]{36}$/.test(name), JSON.stringify(name));
    assert.equal(snapshot.properties["delta.columnMapping.maxColumnId"], "6");
  });

test("a table has in-commit timestamps and row ids from the beginning", async (t) => {
  const place = join(checkedFolder(t), "table");
  await using table = await createTable(place, {
    schema: "id BIGINT",
    properties: { "delta.enableInCommitTimestamps": "true", "delta.feature.rowTracking": "supported" },
    ...LIMITS,
  });
  await table.append([{ id: 1 }, { id: 2 }]);
  await table.update({ set: { id: "id + 10" }, where: "id = 1" });
  const { protocol, properties } = await table.snapshot();
  assert.deepEqual(properties, { "delta.enableInCommitTimestamps": "true" });
  for (const feature of ["inCommitTimestamp", "rowTracking", "domainMetadata"])
    assert.ok(protocol.writerFeatures?.includes(feature), feature);
  const stated = readdirSync(join(place, "_delta_log"))
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => {
      const [first] = readFileSync(join(place, "_delta_log", name), "utf8").split("\n", 1);
      return (JSON.parse(first!) as { commitInfo: { inCommitTimestamp: number } }).commitInfo
        .inCommitTimestamp;
    });
  assert.equal(stated.length, 3);
  for (const [i, time] of stated.entries())
    assert.ok(i === 0 || time > stated[i - 1]!, JSON.stringify(stated));
});

test("what no table is given here is refused when one is made, too", async (t) => {
  const folder = checkedFolder(t);
  for (const [properties, words] of [
    [{ "delta.enableRowTracking": "true" }, /Row tracking/],
    [{ "delta.checkpointPolicy": "v3" }, /"v3"/],
    [{ "delta.columnMapping.maxColumnId": "4" }, /kept by writers/],
  ] as const)
    await assert.rejects(
      createTable(join(folder, "t"), { schema: "id BIGINT", properties, ...LIMITS }),
      (error) => isLandfallError(error, "TABLE_SCHEMA_CONFLICT") && words.test(error.message),
    );
});

test("a mode of column mapping that is none makes no table", async (t) => {
  const place = join(checkedFolder(t), "table");
  await assert.rejects(
    createTable(place, {
      schema: "id BIGINT",
      properties: { "delta.columnMapping.mode": "names" },
      ...LIMITS,
    }),
    (error) => isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED") && error.message.includes('"names"'),
  );
});
