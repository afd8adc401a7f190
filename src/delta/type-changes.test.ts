import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../base/landfall-error.ts";
import type { JsonValue } from "../base/lossless-json.ts";
import type { StructType } from "../schema/data-type.ts";
import { checkTypeChanges } from "./type-changes.ts";

test("a change that is not known is refused by its column, however deep", () => {
  const schema = (changes: JsonValue): StructType => ({
    type: "struct",
    fields: [
      {
        name: "m",
        type: {
          type: "map",
          keyType: "string",
          valueType: {
            type: "array",
            elementType: {
              type: "struct",
              fields: [
                { name: "x", type: "long", nullable: true, metadata: { "delta.typeChanges": changes } },
              ],
            },
            containsNull: true,
          },
          valueContainsNull: true,
        },
        nullable: true,
        metadata: {},
      },
    ],
  });
  const good = { fromType: "integer", toType: "long" };
  checkTypeChanges(schema([good, { ...good, fromType: "byte", tableVersion: 3 }]));
  for (const bad of [[good, { fromType: "string", toType: "long" }], [{ toType: "long" }], "?", [null]]) {
    assert.throws(
      () => checkTypeChanges(schema(bad)),
      (error) => isLandfallError(error, "TABLE_FEATURE_UNSUPPORTED") && error.message.includes("m.x"),
    );
  }
});
