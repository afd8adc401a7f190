import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDdl } from "./ddl.ts";
import { formatDdl } from "./format-ddl.ts";
import { ELEMENT, VALUE } from "./key-path.ts";
import { widenColumns } from "./widen-columns.ts";

test("each change is noted at the field that it happens in, behind those before", () => {
  const table = parseDdl("a INT, s STRUCT<x: FLOAT>, l ARRAY<INT>, m MAP<STRING, ARRAY<STRUCT<y: DATE>>>");
  const once = widenColumns(table, [
    { path: ["a"], key: ["a"], from: "integer", to: "long" },
    { path: ["s", "x"], key: ["s", "x"], from: "float", to: "double" },
    { path: ["l", ELEMENT], key: ["l", ELEMENT], from: "integer", to: "long" },
    { path: ["m", VALUE, ELEMENT, "y"], key: [], from: "date", to: "timestamp_ntz" },
  ]);
  const twice = widenColumns(once, [{ path: ["a"], key: ["a"], from: "long", to: "decimal(20,0)" }]);
  assert.equal(
    formatDdl(twice),
    "a DECIMAL(20,0), s STRUCT<x: DOUBLE>, l ARRAY<BIGINT>, m MAP<STRING, ARRAY<STRUCT<y: TIMESTAMP_NTZ>>>",
  );
  const [a, s, l, m] = twice.fields;
  assert.deepEqual(a!.metadata["delta.typeChanges"], [
    { fromType: "integer", toType: "long" },
    { fromType: "long", toType: "decimal(20,0)" },
  ]);
  assert.deepEqual(l!.metadata["delta.typeChanges"], [
    { fromType: "integer", toType: "long", fieldPath: "element" },
  ]);
  assert.deepEqual([s!.metadata, m!.metadata], [{}, {}]);
  assert.match(JSON.stringify(s), /"x".*"delta.typeChanges":\[\{"fromType":"float","toType":"double"\}\]/);
  assert.match(
    JSON.stringify(m),
    /"y".*"delta.typeChanges":\[\{"fromType":"date","toType":"timestamp_ntz"\}\]/,
  );
});
