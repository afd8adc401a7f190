import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../base/landfall-error.ts";
import type { JsonValue } from "../base/lossless-json.ts";
import type { DataType, StructField, StructType } from "./data-type.ts";
import { ELEMENT, VALUE } from "./key-path.ts";
import { featuresOfRules, nextIdentity, tableRules } from "./table-rules.ts";

function field(
  name: string,
  type: DataType,
  metadata: Record<string, JsonValue> = {},
  nullable = true,
): StructField {
  return { name, type, nullable, metadata };
}

function struct(...fields: readonly StructField[]): StructType {
  return { type: "struct", fields };
}

test("each rule is read from where the protocol has it, and names its feature", () => {
  const schema = struct(
    field("a", "integer", { "delta.invariants": '{"expression":{"expression":"a > 3"}}' }),
    field("b", "date", { "delta.generationExpression": "CAST(t AS DATE)" }),
    field("c", "string", { CURRENT_DEFAULT: "'x'", __CHAR_VARCHAR_TYPE_STRING: "varchar(7)" }),
    field("d", "long", {
      "delta.identity.start": 1,
      "delta.identity.step": 2,
      "delta.identity.highWaterMark": 9_007_199_254_740_993n as unknown as JsonValue,
      "delta.identity.allowExplicitInsert": false,
    }),
  );
  const rules = tableRules({
    schema,
    configuration: { "delta.constraints.positive": "a > 0", "delta.appendOnly": "true", other: "x" },
  });
  assert.deepEqual(rules, {
    isAppendOnly: true,
    rows: [
      { kind: "length", column: ["c"], most: 7, isExact: false },
      { kind: "invariant", column: ["a"], sql: "a > 3" },
      { kind: "constraint", name: "positive", sql: "a > 0" },
    ],
    generated: [{ name: "b", type: "date", sql: "CAST(t AS DATE)" }],
    defaults: [{ name: "c", type: "string", sql: "'x'" }],
    identities: [
      { name: "d", start: 1n, step: 2n, highWaterMark: 9_007_199_254_740_993n, allowsExplicit: false },
    ],
  });
  assert.deepEqual(featuresOfRules(rules), [
    "appendOnly",
    "checkConstraints",
    "invariants",
    "generatedColumns",
    "allowColumnDefaults",
    "identityColumns",
  ]);
  assert.equal(nextIdentity(rules.identities[0]!), 9_007_199_254_740_995n);
  assert.equal(nextIdentity({ name: "d", start: -5n, step: -2n, allowsExplicit: true }), -5n);
});

test("a table without rules asks for nothing", () => {
  const rules = tableRules({
    schema: struct(field("a", "integer")),
    configuration: { "delta.appendOnly": "false" },
  });
  assert.deepEqual(featuresOfRules(rules), []);
  assert.deepEqual(rules.rows, []);
});

test("NOT NULL is found at every depth", () => {
  const inner = struct(field("x", "integer", {}, false));
  const schema = struct(
    field("s", inner, {}, false),
    field("list", { type: "array", elementType: inner, containsNull: false }),
    field("m", { type: "map", keyType: "string", valueType: "integer", valueContainsNull: false }),
  );
  assert.deepEqual(
    tableRules({ schema, configuration: {} }).rows,
    [["s"], ["s", "x"], ["list", ELEMENT], ["list", ELEMENT, "x"], ["m", VALUE]].map((column) => ({
      kind: "notNull",
      column,
    })),
  );
});

test("metadata that is none, and rules within arrays, are refused by their column", () => {
  const cases: readonly (readonly [StructField, string, string])[] = [
    [field("a", "integer", { "delta.invariants": "a > 3" }), "TABLE_LOG_CORRUPT", "delta.invariants"],
    [field("a", "integer", { "delta.generationExpression": 7 }), "TABLE_LOG_CORRUPT", "generationExpression"],
    [field("a", "long", { "delta.identity.start": 1 }), "TABLE_LOG_CORRUPT", "identity.step"],
    [
      field("a", {
        type: "array",
        elementType: struct(field("x", "integer", { "delta.invariants": "{}" })),
        containsNull: true,
      }),
      "TABLE_FEATURE_UNSUPPORTED",
      "a.element.x",
    ],
    [
      field(
        "a",
        { type: "array", elementType: "string", containsNull: true },
        { __CHAR_VARCHAR_TYPE_STRING: "array<char(3)>" },
      ),
      "TABLE_FEATURE_UNSUPPORTED",
      "array<char(3)>",
    ],
  ];
  for (const [one, code, words] of cases) {
    assert.throws(
      () => tableRules({ schema: struct(one), configuration: {} }),
      (error: unknown) => isLandfallError(error) && error.code === code && error.message.includes(words),
      words,
    );
  }
});
