import assert from "node:assert/strict";
import { test } from "node:test";
import { isWidening } from "./is-widening.ts";

test("the protocol's widenings are known, and no others", () => {
  const known = [
    "byte short",
    "byte integer",
    "byte long",
    "short integer",
    "short long",
    "integer long",
    "float double",
    "byte double",
    "short double",
    "integer double",
    "date timestamp_ntz",
    "decimal(5,2) decimal(6,2)",
    "decimal(5,2) decimal(7,4)",
    "decimal(5,2) decimal(9,3)",
    "byte decimal(10,0)",
    "short decimal(12,2)",
    "integer decimal(10,0)",
    "long decimal(20,0)",
    "long decimal(22,2)",
  ];
  const others = [
    "long integer",
    "long double",
    "double float",
    "integer integer",
    "integer string",
    "date timestamp",
    "timestamp timestamp_ntz",
    "decimal(5,2) decimal(5,3)",
    "decimal(5,2) decimal(6,1)",
    "integer decimal(9,0)",
    "integer decimal(10,1)",
    "long decimal(19,0)",
    "string long",
    "decimal(5,2) double",
    "void integer",
  ];
  for (const change of known) assert.ok(isWidening(...(change.split(" ") as [string, string])), change);
  for (const change of others) assert.ok(!isWidening(...(change.split(" ") as [string, string])), change);
});
