import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DataType } from "./data-type.ts";
import { parseDdl } from "./ddl.ts";
import { formatDdl } from "./format-ddl.ts";
import { unifySchemas, unifyTypes } from "./unify-types.ts";

const cases: readonly (readonly [string, readonly DataType[], DataType])[] = [
  ["integers take the widest", ["byte", "integer", "short"], "integer"],
  ["FLOAT beside FLOAT stays", ["float", "float"], "float"],
  ["a floating number beside an integer is DOUBLE", ["float", "byte"], "double"],
  ["LONG and DOUBLE are DOUBLE", ["long", "double"], "double"],
  ["DECIMAL beside LONG has room for both", ["decimal(5,2)", "long"], "decimal(21,2)"],
  ["DECIMALs have the most digits on both sides", ["decimal(10,0)", "decimal(5,4)"], "decimal(14,4)"],
  ["DECIMALs end at 38 digits", ["decimal(38,0)", "decimal(10,10)"], "decimal(38,10)"],
  ["DECIMAL beside DOUBLE is DOUBLE", ["decimal(5,2)", "double"], "double"],
  ["kinds with nothing in common: the first by key", ["string", "long", "date"], "string"],
  ["and numbers of the first kind still unify", ["integer", "string", "long"], "long"],
];

for (const [name, types, expected] of cases) {
  test(name, () => assert.deepEqual(unifyTypes(types), expected));
}

function unified(...ddl: readonly string[]): string {
  return formatDdl(unifySchemas({ schemas: ddl.map((text) => parseDdl(text)) }));
}

test("structs and arrays unify within, new fields at the end", () => {
  assert.equal(
    unified(
      "s STRUCT<a: INT, b: STRING>, l ARRAY<INT>",
      "s STRUCT<c: DATE, a: BIGINT>, l ARRAY<BIGINT>, n STRING",
    ),
    "s STRUCT<a: BIGINT, b: STRING, c: DATE>, l ARRAY<BIGINT>, n STRING",
  );
});

test("of names that differ by case the first in byte order is the column, a hint's spelling before all", () => {
  assert.equal(unified("id INT", "ID INT"), "ID INT");
  const hints = parseDdl("id DECIMAL(9,2), later DATE");
  const schema = unifySchemas({ schemas: [parseDdl("ID INT, x INT")], options: { hints, reserved: ["X"] } });
  assert.equal(formatDdl(schema), "id DECIMAL(9,2), later DATE");
});

test("numbers unify to one type in whatever order they come", () => {
  const number = fc.constantFrom<DataType>(
    "byte",
    "long",
    "float",
    "double",
    "decimal(9,2)",
    "decimal(38,5)",
  );
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), (types) => {
      assert.deepEqual(unifyTypes(types.toReversed()), unifyTypes(types));
    }),
  );
});

test("a hint's struct takes no field from a column that differs from it by case, where its own is there", () => {
  const schemas = [parseDdl("st STRUCT<stray: BIGINT>"), parseDdl("ST STRUCT<own: BIGINT>")];
  const unified = unifySchemas({ schemas, options: { hints: parseDdl("ST STRUCT<known: BIGINT>") } });
  assert.equal(formatDdl(unified), "ST STRUCT<own: BIGINT, known: BIGINT>");
});
