import assert from "node:assert/strict";
import { test } from "node:test";
import { nullableField, type StructField, type StructType } from "../schema/data-type.ts";
import type { Action, Metadata, Protocol } from "./actions.ts";
import { checkAppendConflict, type AppendToRebase } from "./conflicts.ts";
import { serializeSchema } from "./schema-json.ts";

const protocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };
const id = nullableField("id", "long");
const place: StructField = nullableField("place", struct(nullableField("x", "double")));

function struct(...fields: StructField[]): StructType {
  return { type: "struct", fields };
}

function metadataOf(schema: StructType, more: Partial<Metadata> = {}): Metadata {
  return {
    id: "table",
    format: { provider: "parquet", options: {} },
    schemaString: serializeSchema(schema),
    partitionColumns: [],
    configuration: {},
    ...more,
  };
}

const base = metadataOf(struct(id, place));
const ours: AppendToRebase = {
  appId: "landfall-1",
  protocol,
  metadata: base,
  changesMetadata: false,
  changesProtocol: false,
};

function verdict(winner: Action[], change: Partial<AppendToRebase> = {}): string {
  const result = checkAppendConflict({ ours: { ...ours, ...change }, winner });
  return result.kind === "rebase" ? "rebase" : `${result.reason} ${result.name}`;
}

test("winners that add, remove or write other transactions never stand in the way", () => {
  const add = { path: "p", partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
  assert.deepEqual(
    checkAppendConflict({
      ours,
      winner: [
        { add },
        { remove: { path: "q", dataChange: true } },
        { txn: { appId: "landfall-2", version: 9 } },
        { domainMetadata: { domain: "d", configuration: "", removed: false } },
        { commitInfo: { isBlindAppend: false } },
      ],
    }),
    { kind: "rebase" },
  );
});

test("a transaction of our own application fences us, whatever else the winner did", () => {
  const winner: Action[] = [
    { protocol: { minReaderVersion: 99, minWriterVersion: 99 } },
    { txn: { appId: "landfall-1", version: 4 } },
  ];
  assert.equal(verdict(winner), "fenced ConcurrentTransactionException");
});

test("a new protocol that we support is adopted, another is not", () => {
  const supported: Protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["deletionVectors"],
    writerFeatures: ["deletionVectors", "appendOnly"],
  };
  assert.deepEqual(checkAppendConflict({ ours, winner: [{ protocol: supported }] }), {
    kind: "rebase",
    protocol: supported,
  });
  const mapped: Protocol = { minReaderVersion: 2, minWriterVersion: 5 };
  assert.equal(verdict([{ protocol: mapped }]), "unsupported ProtocolChangedException");
  assert.equal(
    verdict([{ protocol: supported }], { changesProtocol: true }),
    "replan ProtocolChangedException",
  );
});

test("a schema in which every column stands as it was, and new ones are nullable, lets us rebase", () => {
  const grown = [
    struct(id, place, nullableField("new", "string")),
    struct(place, id),
    struct(id, nullableField("place", struct(nullableField("x", "double"), nullableField("y", "double")))),
    struct({ ...id, metadata: { comment: "the id" } }, place),
  ];
  for (const schema of grown) {
    const metaData = metadataOf(schema);
    assert.deepEqual(checkAppendConflict({ ours, winner: [{ metaData }] }), {
      kind: "rebase",
      metadata: metaData,
    });
  }
});

test("a schema that our rows no longer fit is a conflict", () => {
  const changed = [
    struct(id),
    struct(nullableField("id", "integer"), place),
    struct({ ...id, nullable: false }, place),
    struct(id, place, { ...nullableField("new", "long"), nullable: false }),
    struct(id, nullableField("place", struct(nullableField("y", "double")))),
    struct(nullableField("ID", "long"), place),
  ];
  for (const schema of changed) {
    assert.equal(verdict([{ metaData: metadataOf(schema) }]), "metadata MetadataChangedException");
  }
});

test("other partitioning or another table in the place is a conflict", () => {
  const schema = struct(id, place);
  for (const more of [{ partitionColumns: ["id"] }, { id: "another" }]) {
    assert.equal(verdict([{ metaData: metadataOf(schema, more) }]), "metadata MetadataChangedException");
  }
});

test("a rule on rows that the winner set up is refused although the protocol stays", () => {
  const metaData = metadataOf(struct(id, place), { configuration: { "delta.constraints.c": "id > 0" } });
  const withConstraints: Protocol = { minReaderVersion: 1, minWriterVersion: 3 };
  assert.equal(
    verdict([{ metaData }], { protocol: withConstraints }),
    "unsupported MetadataChangedException",
  );
});

test("both changed metadata: the append is planned again, even when the changes are the same", () => {
  assert.equal(verdict([{ metaData: base }], { changesMetadata: true }), "replan MetadataChangedException");
});
