import assert from "node:assert/strict";
import { test } from "node:test";
import type { DataType, StructField, StructType } from "../../schema/data-type.ts";
import { unlikeEnd, type SchemaOfVersion } from "./schema-at-end.ts";

function field(name: string, type: DataType, physical?: string): StructField {
  const metadata = physical === undefined ? {} : { "delta.columnMapping.physicalName": physical };
  return { name, type, nullable: true, metadata };
}

const struct = (...fields: StructField[]): StructType => ({ type: "struct", fields });

const plain = (...fields: StructField[]): SchemaOfVersion => ({
  schema: struct(...fields),
  columnMapping: "none",
  partitionColumns: [],
});

const mapped = (...fields: StructField[]): SchemaOfVersion => ({
  ...plain(...fields),
  columnMapping: "name",
});

const list = (elementType: DataType): DataType => ({ type: "array", elementType, containsNull: true });

const map = (keyType: DataType, valueType: DataType): DataType => ({
  type: "map",
  keyType,
  valueType,
  valueContainsNull: true,
});

test("columns may be added, moved and widened, at any depth, and mapped by the names that they have", () => {
  for (const [earlier, end] of [
    [plain(field("a", "integer")), plain(field("b", "date"), field("a", "long"))],
    [plain(field("a", "void")), plain(field("a", "string"))],
    [
      plain(
        field("s", struct(field("x", "float"))),
        field("l", list("byte")),
        field("m", map("short", "date")),
      ),
      plain(
        field("s", struct(field("y", "long"), field("x", "double"))),
        field("l", list("integer")),
        field("m", map("integer", "timestamp_ntz")),
      ),
    ],
    [plain(field("a", "long")), mapped(field("a", "long", "a"), field("b", "long", "col-1"))],
  ] as const)
    assert.equal(unlikeEnd(earlier, end), undefined);
});

test("what is dropped, renamed, retyped or partitioned anew stands against it, by name", () => {
  for (const [earlier, end, why] of [
    [plain(field("a", "long")), plain(), "the column a is gone"],
    [plain(field("a", "long")), plain(field("a", "integer")), "the column a has another type"],
    [plain(field("a", list("long"))), plain(field("a", "long")), "the column a has another type"],
    [
      plain(field("a", list("long"))),
      plain(field("a", map("long", "long"))),
      "the column a has another type",
    ],
    [
      plain(field("m", map("long", struct(field("x", "long"))))),
      plain(field("m", map("long", struct()))),
      "the column m.value.x is gone",
    ],
    [mapped(field("a", "long", "c")), mapped(field("b", "long", "c")), "the column a is called b"],
    // Dropped, and another of its name made.
    [mapped(field("a", "long", "c")), mapped(field("a", "long", "d")), "the column a is gone"],
    [
      { ...plain(field("a", "long")), partitionColumns: ["a"] },
      plain(field("a", "long")),
      "the partitioning is another",
    ],
  ] as const)
    assert.equal(unlikeEnd(earlier, end), why);
});
