import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import { parseSchemaString, serializeSchema } from "./schema-json.ts";

test("a schema with every kind of type comes back word for word", () => {
  const field = (name: string, type: unknown): unknown => ({
    name,
    type,
    nullable: name !== "id",
    metadata: name === "id" ? { z: 1, comment: "c", a: "LONG" } : {},
  });
  const schema = {
    type: "struct",
    fields: [
      field("id", "long"),
      field("d", "decimal(38,18)"),
      field("ntz", "timestamp_ntz"),
      field("s", { type: "struct", fields: [field("x", "date")] }),
      field("l", { type: "array", elementType: "string", containsNull: false }),
      field("m", { type: "map", keyType: "string", valueType: "binary", valueContainsNull: true }),
    ],
  };
  const text = JSON.stringify(schema).replace('"LONG"', "9007199254740993");
  assert.equal(serializeSchema(parseSchemaString(text)), text);
});

test("a bare decimal is decimal(10,0), as in Spark", () => {
  const text = '{"type":"struct","fields":[{"name":"d","type":"decimal","nullable":true,"metadata":{}}]}';
  assert.equal(parseSchemaString(text).fields[0]!.type, "decimal(10,0)");
});

test("unknown types are refused by type and column", () => {
  for (const type of ['"geometry"', '"interval"', '"decimal(39,0)"', '"decimal(3,4)"', '{"type":"udt"}']) {
    const inner = `{"type":"array","elementType":${type},"containsNull":true}`;
    const text = `{"type":"struct","fields":[{"name":"v","type":${inner},"nullable":true,"metadata":{}}]}`;
    assert.throws(
      () => parseSchemaString(text),
      (error: LandfallError) =>
        isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED") &&
        error.message.includes("v.element") &&
        error.message.includes(type.replaceAll(/["{}]|type|:/g, "")),
    );
  }
});

test("what is no schema is damage, however deep it goes", () => {
  const deep = `${'{"type":"array","containsNull":true,"elementType":'.repeat(5000)}"long"${"}".repeat(5000)}`;
  for (const text of [
    "",
    "null",
    '"long"',
    '{"type":"array","elementType":"long"}',
    '{"type":"struct"}',
    '{"type":"struct","fields":[{"type":"long"}]}',
    '{"type":"struct","fields":[{"name":"a"}]}',
    `{"type":"struct","fields":[{"name":"a","type":${deep}}]}`,
  ]) {
    assert.throws(
      () => parseSchemaString(text),
      (error) => isLandfallError(error, "TABLE_LOG_CORRUPT"),
      text.slice(0, 80),
    );
  }
});
