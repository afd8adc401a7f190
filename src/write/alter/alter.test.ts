import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { checkedFolder } from "../../../test/support/checked-folder.ts";
import { isLandfallError, type LandfallError } from "../../base/landfall-error.ts";
import type { Action } from "../../delta/actions.ts";
import { serializeCommit } from "../../delta/commit-json.ts";
import { commitKey } from "../../delta/log-files.ts";
import { serializeSchema } from "../../delta/schema-json.ts";
import { parseDdl } from "../../schema/ddl.ts";
import { formatDdl } from "../../schema/format-ddl.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { openTable, type WritableTable } from "../open-table.ts";

async function tableOf(
  t: TestContext,
  ddl: string,
  options: {
    readonly configuration?: Readonly<Record<string, string>>;
    readonly partitionColumns?: readonly string[];
    readonly more?: readonly Action[];
  } = {},
): Promise<WritableTable> {
  const folder = join(checkedFolder(t), "table");
  mkdirSync(folder);
  const { configuration = {}, partitionColumns = [], more = [] } = options;
  const actions: Action[] = [
    { commitInfo: { timestamp: 1000, operation: "CREATE TABLE" } },
    { protocol: { minReaderVersion: 1, minWriterVersion: 4 } },
    {
      metaData: {
        id: "t",
        format: { provider: "parquet", options: {} },
        schemaString: serializeSchema(parseDdl(ddl)),
        partitionColumns,
        configuration,
      },
    },
    ...more,
  ];
  await localStorage({ root: folder }).put(commitKey(0), serializeCommit(actions));
  const table = openTable(folder);
  t.after(() => table.close());
  return table;
}

async function ddlOf(table: WritableTable): Promise<string> {
  return formatDdl((await table.snapshot()).schema);
}

function refuses(code: "TABLE_SCHEMA_CONFLICT" | "TABLE_FEATURE_UNSUPPORTED", words: RegExp) {
  return (error: LandfallError): boolean => isLandfallError(error, code) && words.test(error.message);
}

test("columns are added at the end, into structs, and into what arrays and maps hold", async (t) => {
  const table = await tableOf(
    t,
    "id BIGINT, s STRUCT<a: INT>, l ARRAY<STRUCT<x: INT>>, m MAP<STRING, STRUCT<y: INT>>",
  );
  assert.equal((await table.addColumns("c STRING COMMENT 'new'"))?.version, 1);
  await table.addColumns("b DOUBLE", { into: "s" });
  await table.addColumns("z INT", { into: ["l", "element"] });
  await table.addColumns("w INT", { into: ["m", "value"] });
  assert.equal(
    await ddlOf(table),
    "id BIGINT, s STRUCT<a: INT, b: DOUBLE>, l ARRAY<STRUCT<x: INT, z: INT>>, m MAP<STRING, STRUCT<y: INT, w: INT>>, c STRING COMMENT 'new'",
  );
  const [last] = await table.history({ limit: 1 });
  assert.equal(last!.operation, "ADD COLUMNS");
});

test("a new column's name must be free, fit for files, and its values may be null", async (t) => {
  const table = await tableOf(t, "id BIGINT");
  await assert.rejects(table.addColumns("ID INT"), refuses("TABLE_SCHEMA_CONFLICT", /column id already/));
  await assert.rejects(table.addColumns("n INT NOT NULL"), refuses("TABLE_SCHEMA_CONFLICT", /NOT NULL/));
  await assert.rejects(table.addColumns("`a b` INT"), refuses("TABLE_SCHEMA_CONFLICT", /a b/));
  await assert.rejects(
    table.addColumns("x INT", { into: "id" }),
    refuses("TABLE_SCHEMA_CONFLICT", /no struct/),
  );
  await assert.rejects(
    table.addColumns("x INT", { into: "no" }),
    refuses("TABLE_SCHEMA_CONFLICT", /no column no/),
  );
  assert.equal((await table.snapshot()).version, 0);
});

test("a type asks for its feature, and a legacy protocol names what it implied", async (t) => {
  const table = await tableOf(t, "id BIGINT");
  await table.addColumns("at TIMESTAMP_NTZ");
  assert.deepEqual((await table.snapshot()).protocol, {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["timestampNtz"],
    writerFeatures: [
      "appendOnly",
      "invariants",
      "checkConstraints",
      "changeDataFeed",
      "generatedColumns",
      "timestampNtz",
    ],
  });
});

test("with names mapped, columns are renamed and dropped, and files keep theirs", async (t) => {
  const table = await tableOf(t, "id BIGINT, s STRUCT<a: INT, b: INT>, day DATE", {
    partitionColumns: ["day"],
  });
  await assert.rejects(table.renameColumn("id", "key"), refuses("TABLE_SCHEMA_CONFLICT", /column mapping/));
  await table.setProperties({ "delta.columnMapping.mode": "name" });
  await table.renameColumn("day", "date");
  await table.renameColumn(["s", "a"], "first");
  await table.dropColumns([["s", "b"]]);
  await table.addColumns("`odd name` STRING");
  const { schema, partitionColumns, properties, protocol } = await table.snapshot();
  assert.equal(formatDdl(schema), "id BIGINT, s STRUCT<first: INT>, date DATE, `odd name` STRING");
  assert.deepEqual(partitionColumns, ["date"]);
  assert.ok(protocol.readerFeatures?.includes("columnMapping"));
  const [id, s, date, odd] = schema.fields;
  const mapping = (field: typeof id): unknown[] => [
    field!.metadata["delta.columnMapping.id"],
    field!.metadata["delta.columnMapping.physicalName"],
  ];
  assert.deepEqual([mapping(id), mapping(s)[1], mapping(date)[1]], [[1, "id"], "s", "day"]);
  assert.match(String(mapping(odd)[1]), /^col-[0-9a-f-]{36}$/);
  // Ids are never given twice, not even those of dropped columns.
  assert.equal(properties["delta.columnMapping.maxColumnId"], "6");
  assert.equal(mapping(odd)[0], 6);
  await assert.rejects(table.dropColumns(["date"]), refuses("TABLE_SCHEMA_CONFLICT", /partition column/));
  await assert.rejects(
    table.dropColumns([["s", "first"]]),
    refuses("TABLE_SCHEMA_CONFLICT", /Nothing would be left/),
  );
  await assert.rejects(table.renameColumn("id", "S"), refuses("TABLE_SCHEMA_CONFLICT", /column S already/));
  await assert.rejects(
    table.setProperties({ "delta.columnMapping.mode": "id" }),
    refuses("TABLE_SCHEMA_CONFLICT", /from name to id/),
  );
});

test("a column that a rule speaks of is neither renamed nor dropped", async (t) => {
  const table = await tableOf(t, "id BIGINT, speed INT", {
    configuration: { "delta.constraints.sane": "Speed < 300", "delta.columnMapping.mode": "name" },
  });
  await table.setProperties({ "delta.feature.columnMapping": "supported" });
  // The property counted for nothing while the protocol had not the feature; with it, each field gets its id.
  await assert.rejects(table.dropColumns(["speed"]), refuses("TABLE_SCHEMA_CONFLICT", /the constraint sane/));
});

test("a type is widened where the table has that on, and its files' types are noted", async (t) => {
  const table = await tableOf(t, "id INT, l ARRAY<INT>, name STRING");
  await assert.rejects(
    table.alterColumn("id", { type: "BIGINT" }),
    refuses("TABLE_SCHEMA_CONFLICT", /type widening/),
  );
  await table.setProperties({ "delta.enableTypeWidening": "true" });
  await table.alterColumn("id", { type: "BIGINT" });
  await table.alterColumn(["l", "element"], { type: "BIGINT" });
  assert.equal(await table.alterColumn("id", { type: "BIGINT" }), undefined);
  const { schema } = await table.snapshot();
  assert.equal(formatDdl(schema), "id BIGINT, l ARRAY<BIGINT>, name STRING");
  assert.deepEqual(schema.fields[0]!.metadata["delta.typeChanges"], [
    { fromType: "integer", toType: "long" },
  ]);
  assert.deepEqual(schema.fields[1]!.metadata["delta.typeChanges"], [
    { fromType: "integer", toType: "long", fieldPath: "element" },
  ]);
  await assert.rejects(
    table.alterColumn("id", { type: "INT" }),
    refuses("TABLE_SCHEMA_CONFLICT", /cannot become INT/),
  );
  await assert.rejects(
    table.alterColumn("name", { type: "INT" }),
    refuses("TABLE_SCHEMA_CONFLICT", /cannot become/),
  );
});

test("comments, null and the description are changed, once", async (t) => {
  const table = await tableOf(t, "id BIGINT NOT NULL COMMENT 'key'");
  await table.alterColumn("id", { comment: "the key", nullable: true });
  assert.equal(await ddlOf(table), "id BIGINT COMMENT 'the key'");
  assert.equal(await table.alterColumn("id", { comment: "the key", nullable: true }), undefined);
  await table.alterColumn("id", { comment: null });
  await table.setDescription("Vehicles");
  const snapshot = await table.snapshot();
  assert.deepEqual([formatDdl(snapshot.schema), snapshot.metadata.description], ["id BIGINT", "Vehicles"]);
  assert.equal(await table.setDescription("Vehicles"), undefined);
});

test("a property raises the protocol where it needs a feature, and only then", async (t) => {
  const table = await tableOf(t, "id BIGINT", {
    configuration: { "delta.logRetentionDuration": "interval 3 days" },
  });
  await table.setProperties({
    owner: "me",
    "delta.logRetentionDuration": null,
    "delta.enableChangeDataFeed": "true",
  });
  const first = await table.snapshot();
  assert.deepEqual(first.protocol, { minReaderVersion: 1, minWriterVersion: 4 });
  assert.deepEqual(first.properties, { owner: "me", "delta.enableChangeDataFeed": "true" });
  assert.equal(await table.setProperties({ owner: "me", missing: null }), undefined);
  await table.setProperties({ "delta.enableDeletionVectors": "true" });
  assert.deepEqual((await table.snapshot()).protocol.readerFeatures, ["deletionVectors"]);
  await table.setProperties({ "delta.checkpointPolicy": "v2" });
  assert.deepEqual((await table.snapshot()).protocol.readerFeatures, ["deletionVectors", "v2Checkpoint"]);
  for (const [properties, words] of [
    [{ "delta.constraints.c": "id > 0" }, /constraint/],
    [{ "delta.enableRowTracking": "true" }, /Row tracking/],
    [{ "delta.checkpointPolicy": "v3" }, /checkpointPolicy cannot be "v3"/],
    [{ "delta.checkpointPolicy": "V2" }, /checkpointPolicy cannot be "V2"/],
    [{ "delta.checkpointInterval": "0" }, /checkpointInterval cannot be "0"/],
    [
      { "delta.logRetentionDuration": "interval 1 month" },
      /logRetentionDuration cannot be "interval 1 month"/,
    ],
    [{ "delta.isolationLevel": "chaos" }, /isolationLevel cannot be "chaos"/],
    [{ "delta.enableDeletionVectors": "yes" }, /enableDeletionVectors cannot be "yes"/],
    [{ "delta.dataSkippingNumIndexedCols": "-5" }, /cannot be "-5"/],
    [{ "delta.targetFileSize": "huge" }, /cannot be "huge"/],
    [{ "delta.enableChangeDatafeed": "true" }, /No writer knows .*enableChangeDatafeed/],
    [{ "delta.minReaderVersion": "9" }, /version of the table's protocol/],
    [{ "delta.columnMapping.maxColumnId": "9" }, /kept by writers/],
  ] as const)
    await assert.rejects(table.setProperties(properties), refuses("TABLE_SCHEMA_CONFLICT", words));
  const others = { "delta.universalFormat.enabledFormats": "", "delta.isolationLevel": "writeSerializable" };
  await table.setProperties({ ...others, "delta.checkpointInterval": "7", "my.checkpointInterval": "x" });
  await assert.rejects(
    table.setProperties({ "delta.feature.newest": "supported" }),
    refuses("TABLE_FEATURE_UNSUPPORTED", /newest/),
  );
});

test("in-commit timestamps count from the version that turned them on", async (t) => {
  const table = await tableOf(t, "id BIGINT");
  await table.setProperties({ owner: "me" });
  await table.setProperties({ "delta.enableInCommitTimestamps": "true" });
  await table.setProperties({ owner: "you" });
  const { properties } = await table.snapshot();
  assert.equal(properties["delta.inCommitTimestampEnablementVersion"], "2");
  const at = Number(properties["delta.inCommitTimestampEnablementTimestamp"]);
  assert.equal((await table.snapshot({ timestamp: at })).version, 2);
});
