import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Metadata, Protocol } from "./actions.ts";
import { checkReadable, checkWritable } from "./features.ts";

function metadataOf(
  fieldMetadata: Record<string, string> = {},
  configuration: Record<string, string> = {},
): Metadata {
  const inner = { name: "b", type: "long", nullable: true, metadata: fieldMetadata };
  const outer = {
    name: "a",
    type: {
      type: "array",
      elementType: { type: "struct", fields: [inner] },
      containsNull: true,
    },
    nullable: true,
    metadata: {},
  };
  return {
    id: "i",
    format: { provider: "parquet", options: {} },
    schemaString: JSON.stringify({ type: "struct", fields: [outer] }),
    partitionColumns: [],
    configuration,
  };
}

function named(writerFeatures: string[], readerFeatures: string[] = []): Protocol {
  return { minReaderVersion: 3, minWriterVersion: 7, readerFeatures, writerFeatures };
}

function refuses(work: () => void, ...words: string[]): void {
  assert.throws(work, (error) => {
    assert.ok(isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED"));
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} names ${word}`);
    assert.ok(error.hint);
    return true;
  });
}

test("tables up to writer 4 without rules on rows are writable", () => {
  for (const minWriterVersion of [1, 2, 3, 4]) {
    const protocol = { minReaderVersion: 1, minWriterVersion };
    assert.doesNotThrow(() => checkWritable({ protocol, metadata: metadataOf() }));
  }
});

test("features that an append honours by doing nothing are writable", () => {
  const both = [
    "timestampNtz",
    "deletionVectors",
    "vacuumProtocolCheck",
    "v2Checkpoint",
    "typeWidening",
    "typeWidening-preview",
  ];
  const writers = [
    "appendOnly",
    "invariants",
    "changeDataFeed",
    "domainMetadata",
    "allowColumnDefaults",
    "checkConstraints",
    "generatedColumns",
    "identityColumns",
  ];
  const metadata = metadataOf({}, { "delta.enableChangeDataFeed": "true", "delta.appendOnly": "true" });
  assert.doesNotThrow(() => checkWritable({ protocol: named([...both, ...writers], both), metadata }));
});

test("features that we do not have are refused by name", () => {
  for (const feature of ["catalogManaged", "geospatial", "futureThing"]) {
    refuses(() => checkReadable(named([feature], [feature])), feature);
  }
  for (const feature of [
    "rowTracking",
    "inCommitTimestamp",
    "icebergCompatV2",
    "clustering",
    "futureThing",
    "toString",
  ]) {
    const protocol = named([feature]);
    assert.doesNotThrow(() => checkReadable(protocol));
    refuses(() => checkWritable({ protocol, metadata: metadataOf() }), feature);
  }
});

test("features that ask for care of whoever writes are read, and appends to such tables refused by name", () => {
  const features = [
    "columnMapping",
    "variantType",
    "variantType-preview",
    "variantShredding",
    "variantShredding-preview",
  ];
  for (const feature of features) {
    const protocol = named([feature], [feature]);
    assert.doesNotThrow(() => checkReadable(protocol));
    refuses(() => checkWritable({ protocol, metadata: metadataOf() }), feature);
  }
});

test("a column without a type is refused by its name to whoever appends", () => {
  const schemaString = metadataOf().schemaString.replace('"long"', '"void"');
  const protocol = { minReaderVersion: 1, minWriterVersion: 2 };
  refuses(() => checkWritable({ protocol, metadata: { ...metadataOf(), schemaString } }), "a.b", "void");
});

test("legacy versions with column mapping are not appended to, and versions to come are refused", () => {
  const mapped = { minReaderVersion: 2, minWriterVersion: 5 };
  assert.doesNotThrow(() => checkReadable(mapped));
  refuses(() => checkWritable({ protocol: mapped, metadata: metadataOf() }), "columnMapping");
  refuses(() => checkReadable({ minReaderVersion: 4, minWriterVersion: 7 }), "reader version 4");
  refuses(
    () => checkWritable({ protocol: { minReaderVersion: 1, minWriterVersion: 5 }, metadata: metadataOf() }),
    "columnMapping",
  );
  refuses(
    () => checkWritable({ protocol: { minReaderVersion: 1, minWriterVersion: 8 }, metadata: metadataOf() }),
    "writer version 8",
  );
});

test("a rule on rows is refused with its feature and its column or property", () => {
  const legacy = { minReaderVersion: 1, minWriterVersion: 4 };
  const rules: [string, string][] = [
    ["delta.invariants", "invariants"],
    ["delta.generationExpression", "generatedColumns"],
  ];
  for (const [key, feature] of rules) {
    refuses(() => checkWritable({ protocol: legacy, metadata: metadataOf({ [key]: "x" }) }), feature, "a.b");
  }
  refuses(
    () =>
      checkWritable({
        protocol: legacy,
        metadata: metadataOf({}, { "delta.constraints.positive": "b > 0" }),
      }),
    "checkConstraints",
    "delta.constraints.positive",
  );
  refuses(
    () =>
      checkWritable({
        protocol: named(["identityColumns"]),
        metadata: metadataOf({ "delta.identity.start": "1" }),
      }),
    "identityColumns",
    "a.b",
  );
});

test("a reader is asked nothing by writers' features, and refuses each of readers that it does not have", () => {
  const writersAlone = [
    "appendOnly",
    "invariants",
    "checkConstraints",
    "changeDataFeed",
    "generatedColumns",
    "identityColumns",
    "allowColumnDefaults",
    "domainMetadata",
    "rowTracking",
    "clustering",
    "inCommitTimestamp",
    "icebergCompatV1",
    "icebergCompatV2",
    "icebergCompatV3",
    "checkpointProtection",
    "collations",
    "materializePartitionColumns",
    "futureThing",
  ];
  for (const feature of writersAlone) assert.doesNotThrow(() => checkReadable(named([feature])), feature);
  for (const minWriterVersion of [1, 2, 3, 4, 6])
    assert.doesNotThrow(() => checkReadable({ minReaderVersion: 1, minWriterVersion }));
  const unknown = [
    "catalogManaged",
    "catalogOwned-preview",
    "geospatial",
    "adaptiveMetadata-preview",
    "redirectReaderWriter-preview",
    "intervalTypes",
  ];
  for (const feature of unknown) refuses(() => checkReadable(named([feature], [feature])), feature);
});
