import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import { nullableField, type DataType, type StructType } from "../schema/data-type.ts";
import type { Metadata, Protocol } from "./actions.ts";
import { createTableActions, type CreateTableOptions } from "./create-table.ts";
import { parseSchemaString } from "./schema-json.ts";

function schemaOf(types: Record<string, DataType>): StructType {
  return {
    type: "struct",
    fields: Object.entries(types).map(([name, type]) => nullableField(name, type)),
  };
}

function create(
  types: Record<string, DataType>,
  more: Partial<CreateTableOptions> = {},
): [Protocol, Metadata] {
  const actions = createTableActions({
    id: "019a0000-0000-7000-8000-000000000000",
    schema: schemaOf(types),
    createdTime: 1_700_000_000_000,
    ...more,
  });
  assert.equal(actions.length, 2);
  const [first, second] = actions as [{ protocol: Protocol }, { metaData: Metadata }];
  return [first.protocol, second.metaData];
}

test("a plain table is one that every reader knows", () => {
  const [protocol, metadata] = create({ id: "long", day: "date" }, { partitionColumns: ["day"] });
  assert.deepEqual(protocol, { minReaderVersion: 1, minWriterVersion: 2 });
  assert.deepEqual(parseSchemaString(metadata.schemaString), schemaOf({ id: "long", day: "date" }));
  assert.deepEqual(metadata.partitionColumns, ["day"]);
  assert.equal(metadata.createdTime, 1_700_000_000_000);
});

test("a timestamp without zone at any depth brings its feature", () => {
  const nested: DataType = {
    type: "map",
    keyType: "string",
    valueType: { type: "array", elementType: schemaOf({ at: "timestamp_ntz" }), containsNull: true },
    valueContainsNull: true,
  };
  const [protocol] = create({ nested });
  assert.deepEqual(protocol, {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["timestampNtz"],
    writerFeatures: ["appendOnly", "invariants", "timestampNtz"],
  });
});

test("a property brings its feature, and one that we do not write is refused by its name", () => {
  const [protocol] = create({ id: "long" }, { configuration: { "delta.enableChangeDataFeed": "true" } });
  assert.equal(protocol.minReaderVersion, 1);
  assert.deepEqual(protocol.writerFeatures, ["appendOnly", "invariants", "changeDataFeed"]);
  const refused: [Record<string, string>, string][] = [
    [{ "delta.columnMapping.mode": "name" }, "columnMapping"],
    [{ "delta.enableRowTracking": "true" }, "rowTracking"],
    [{ "delta.constraints.c": "id > 0" }, "checkConstraints"],
  ];
  for (const [configuration, feature] of refused) {
    assert.throws(
      () => create({ id: "long" }, { configuration }),
      (error: LandfallError) =>
        isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED") && error.message.includes(feature),
    );
  }
});

test("schemas and partitionings that Delta cannot hold are refused", () => {
  const attempts = [
    () => create({ id: "long", ID: "long" }),
    () => create({ s: schemaOf({ x: "long", X: "date" }) }),
    () => create({ id: "long" }, { partitionColumns: ["day"] }),
    () => create({ id: "long" }, { partitionColumns: ["id"] }),
    () => create({ id: "long", s: schemaOf({ x: "long" }) }, { partitionColumns: ["s"] }),
    () => create({ id: "long", a: "long", b: "long" }, { partitionColumns: ["a", "a"] }),
  ];
  for (const attempt of attempts) {
    assert.throws(attempt, (error) => isLandfallError(error, "TABLE_SCHEMA_CONFLICT"));
  }
});
