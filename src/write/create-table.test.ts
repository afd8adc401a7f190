import assert from "node:assert/strict";
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
