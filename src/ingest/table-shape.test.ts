import assert from "node:assert/strict";
import { test } from "node:test";
import { serializeSchema } from "../delta/schema-json.ts";
import type { TableState } from "../delta/table-state.ts";
import { parseDdl } from "../schema/ddl.ts";
import { mayWiden, notesOfProtocol, tableShape } from "./table-shape.ts";

function stateOf(ddl: string, more: Partial<TableState> = {}): TableState {
  const schema = parseDdl(ddl);
  return {
    version: 3,
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
    metadata: {
      id: "t",
      format: { provider: "parquet", options: {} },
      schemaString: serializeSchema(schema),
      partitionColumns: [],
      configuration: { "delta.appendOnly": "true" },
    },
    schema,
    partitionColumns: [],
    ...more,
  } as TableState;
}

const table = (state: TableState) => ({
  state,
  newTable: { partitionBy: [], properties: {} },
  newId: () => "new",
  clock: { now: () => 1 },
});

test("a schema that stays is not said again, and a new column of a known type asks for no protocol", () => {
  const state = stateOf("a INT");
  assert.deepEqual(tableShape({ schema: parseDdl("a INT") }, table(state)), {});
  const { protocol, metadata } = tableShape({ schema: parseDdl("a INT, b STRING") }, table(state));
  assert.equal(protocol, undefined);
  assert.deepEqual(metadata?.configuration, { "delta.appendOnly": "true" });
});

test("a new TIMESTAMP_NTZ column and a wider type raise the protocol; what the table has is not said again", () => {
  const state = stateOf("a INT");
  const ntz = tableShape({ schema: parseDdl("a INT, t TIMESTAMP_NTZ") }, table(state));
  assert.deepEqual(ntz.protocol?.readerFeatures, ["timestampNtz"]);
  assert.deepEqual(ntz.metadata?.configuration, { "delta.appendOnly": "true" });
  const widened = [{ path: "a", from: "INT", to: "BIGINT" }];
  const wide = tableShape({ schema: parseDdl("a BIGINT"), widened }, table(state));
  assert.deepEqual(wide.protocol, {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["typeWidening"],
    writerFeatures: ["appendOnly", "invariants", "typeWidening"],
  });
  assert.deepEqual(wide.metadata?.configuration, {
    "delta.appendOnly": "true",
    "delta.enableTypeWidening": "true",
  });
  assert.deepEqual(notesOfProtocol(state.protocol, wide.protocol), [
    "From this version on readers of the table must know the table feature typeWidening.",
  ]);
  assert.deepEqual(notesOfProtocol(state.protocol, undefined), []);
  assert.deepEqual(notesOfProtocol(undefined, wide.protocol), []);
  const raised = stateOf("a INT", { protocol: wide.protocol });
  assert.equal(tableShape({ schema: parseDdl("a BIGINT"), widened }, table(raised)).protocol, undefined);
});

test("only a table that says so keeps its types", () => {
  const saying = (value: string): boolean => {
    const { metadata } = stateOf("a INT");
    return mayWiden({ metadata: { ...metadata, configuration: { "delta.enableTypeWidening": value } } });
  };
  assert.deepEqual(
    [mayWiden(undefined), mayWiden(stateOf("a INT")), saying("true"), saying("False")],
    [true, true, true, false],
  );
});
