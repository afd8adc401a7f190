import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { moduleRunner } from "../../../test/support/module-run.ts";
import { decimalOf, nullableField, type DataType, type StructType } from "../../schema/data-type.ts";
import { formatDdl } from "../../schema/format-ddl.ts";
import { duckdbType, quoteName } from "../sql.ts";
import { fromDuckdb, toDuckdb } from "./duckdb-values.ts";
import { giver } from "./give-values.ts";
import type { PlainValue } from "./module-messages.ts";
import { taker } from "./take-values.ts";

const runner = moduleRunner();

/** Days and microseconds of the years 1 to 9999. */
const DAYS = { min: -719_162, max: 2_932_896 };
const MICROS = { min: BigInt(DAYS.min) * 86_400_000_000n, max: BigInt(DAYS.max + 1) * 86_400_000_000n - 1n };

const primitive: fc.Arbitrary<DataType> = fc.oneof(
  fc.constantFrom<DataType>(
    "byte",
    "short",
    "integer",
    "long",
    "float",
    "double",
    "boolean",
    "string",
    "binary",
    "date",
    "timestamp",
    "timestamp_ntz",
  ),
  fc
    .integer({ min: 1, max: 38 })
    .chain((precision) =>
      fc.integer({ min: 0, max: precision }).map((scale): DataType => `decimal(${precision},${scale})`),
    ),
);

const fieldNames = fc.uniqueArray(
  fc.oneof(fc.constantFrom("a", "b c", 'q"uote', "constructor", "1", "ü"), fc.stringMatching(/^[a-z]{1,5}$/)),
  { minLength: 1, maxLength: 3 },
);

const { type: anyType } = fc.letrec<{ type: DataType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    primitive,
    tie("type").map((elementType): DataType => ({ type: "array", elementType, containsNull: true })),
    fieldNames.chain((names) =>
      fc.tuple(...names.map(() => tie("type"))).map((types): DataType => ({
        type: "struct",
        fields: names.map((name, i) => nullableField(name, types[i]!)),
      })),
    ),
    fc.tuple(primitive, tie("type")).map(([keyType, valueType]): DataType => ({
      type: "map",
      keyType,
      valueType,
      valueContainsNull: true,
    })),
  ),
}));

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\0", "\n", "'", "\\", "😀"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

function present(type: DataType): fc.Arbitrary<PlainValue> {
  if (typeof type !== "string") {
    if (type.type === "array") return fc.array(value(type.elementType), { maxLength: 4 });
    if (type.type === "struct") return fc.tuple(...type.fields.map((field) => value(field.type)));
    const entries = fc.tuple(present(type.keyType), value(type.valueType));
    return fc.uniqueArray(entries, {
      maxLength: 3,
      // As a Map and a table see keys: zero has no sign.
      selector: ([key]) => (key instanceof Uint8Array ? key.join() : String(key)),
    });
  }
  const decimal = decimalOf(type);
  if (decimal !== undefined) {
    const most = 10n ** BigInt(decimal.precision) - 1n;
    return fc.bigInt({ min: -most, max: most });
  }
  return PRESENT[type as keyof typeof PRESENT];
}

const PRESENT = {
  byte: fc.integer({ min: -128, max: 127 }),
  short: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  integer: fc.integer(),
  long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.float(),
  double: fc.double(),
  boolean: fc.boolean(),
  string: text,
  binary: fc.uint8Array({ maxLength: 20 }),
  date: fc.integer(DAYS),
  timestamp: fc.bigInt(MICROS),
  timestamp_ntz: fc.bigInt(MICROS),
} satisfies Record<string, fc.Arbitrary<PlainValue>>;

function value(type: DataType): fc.Arbitrary<PlainValue> {
  return fc.option(present(type), { freq: 5, nil: null });
}

/** The keys of a Map have no negative zero; everything else is the same bit for bit. */
function withoutNegativeZeroKeys(type: DataType, plain: PlainValue): PlainValue {
  if (typeof type === "string" || plain === null) return plain;
  const items = plain as readonly PlainValue[];
  if (type.type === "array") return items.map((item) => withoutNegativeZeroKeys(type.elementType, item));
  if (type.type === "struct")
    return type.fields.map((field, i) => withoutNegativeZeroKeys(field.type, items[i]!));
  return (items as readonly (readonly [PlainValue, PlainValue])[]).map(([key, entry]) => [
    Object.is(key, -0) ? 0 : key,
    withoutNegativeZeroKeys(type.valueType, entry),
  ]);
}

const typed = anyType.chain((type) => fc.tuple(fc.constant(type), value(type)));

test("a value that is given and taken back is the same, whatever its type", () => {
  fc.assert(
    fc.property(typed, ([type, plain]) => {
      assert.deepStrictEqual(taker(type)(giver(type)(plain)), withoutNegativeZeroKeys(type, plain));
    }),
    { numRuns: 2000 },
  );
});

test("rows that a module passes on stand in the Parquet file as they stood in the batch, nested ones too", async () => {
  const tables = fc.array(anyType, { minLength: 4, maxLength: 8 }).chain((types) =>
    fc.record({
      types: fc.constant(types),
      rows: fc.array(fc.tuple(...types.map(value)), { minLength: 1, maxLength: 30 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(tables, async ({ types, rows }) => {
      const schema: StructType = {
        type: "struct",
        fields: [nullableField("n", "integer"), ...types.map((type, i) => nullableField(`c ${i}`, type))],
      };
      const numbered = rows.map((row, n): PlainValue[] => [n, ...row]);
      const duckdb = await runner.duckdb();
      await duckdb.run(
        `CREATE OR REPLACE TEMP TABLE given (${schema.fields.map(({ name, type }) => `${quoteName(name)} ${duckdbType(type)}`).join(", ")})`,
        "make a table",
      );
      const appender = await duckdb.appender("given", "fill a table");
      appender.append(schema.fields.map(({ type }, i) => numbered.map((row) => toDuckdb(type)(row[i]!))));
      appender.close();
      const { rows: written, rowsOut } = await runner.apply({
        source: `export const columns = ${JSON.stringify(formatDdl(schema))};\nexport default (chunk) => ({ ...chunk.columns });`,
        select: "SELECT * FROM given",
        schema,
        orderBy: "n",
      });
      assert.equal(rowsOut, rows.length);
      const readers = schema.fields.map(({ type }) => fromDuckdb(type));
      assert.deepStrictEqual(
        written.map((row) => row.map((cell, i) => readers[i]!(cell))),
        numbered.map((row) => row.map((cell, i) => withoutNegativeZeroKeys(schema.fields[i]!.type, cell))),
      );
    }),
    { numRuns: 12 },
  );
});

/** Written by the engine itself, so that nothing of ours stands between the values and what is compared. */
const EXTREMES = `SELECT * FROM (VALUES
  (1, (-128)::TINYINT, (-32768)::SMALLINT, (-2147483648)::INTEGER, (-9223372036854775808)::BIGINT, '-Infinity'::FLOAT, 'NaN'::DOUBLE,
   '-99999999999999999999999999999999999999'::DECIMAL(38,0), '0.00000000000000000000000000000000000001'::DECIMAL(38,38), chr(0) || 'x', true,
   DATE '0001-01-01', TIMESTAMPTZ '0001-01-01 00:00:00Z', TIMESTAMP '9999-12-31 23:59:59.999999', '\\x00\\xFF'::BLOB,
   {'a': '-0.01'::DECIMAL(4,2), 'b': [NULL, '\\x80'::BLOB]}, MAP {DATE '2026-01-31': [1::TINYINT, NULL]}),
  (2, 127, 32767, 2147483647, 9223372036854775807, 1.17549435e-38::FLOAT, '-0.0'::DOUBLE,
   '99999999999999999999999999999999999999', '-0.99999999999999999999999999999999999999', '', false,
   DATE '9999-12-31', TIMESTAMPTZ '9999-12-31 23:59:59.999999Z', TIMESTAMP '0001-01-01 00:00:00', ''::BLOB,
   {'a': NULL, 'b': []}, MAP {}),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
  t(n, b, s, i, l, f, d, big, small, t, yes, day, "at", clock, bytes, nested, pairs)`;

test("the first and last values of every type, written by the engine, compare equal in the engine", async () => {
  const schema =
    "n INT, b TINYINT, s SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, big DECIMAL(38,0), small DECIMAL(38,38), t STRING, yes BOOLEAN, " +
    "day DATE, at TIMESTAMP, clock TIMESTAMP_NTZ, bytes BINARY, nested STRUCT<a: DECIMAL(4,2), b: ARRAY<BINARY>>, pairs MAP<DATE, ARRAY<TINYINT>>";
  const { parquetPath } = await runner.apply({
    source: `export const columns = ${JSON.stringify(schema)};\nexport default ({ columns }) => columns;`,
    select: EXTREMES,
    schema,
  });
  const duckdb = await runner.duckdb();
  const file = `SELECT * FROM read_parquet('${parquetPath}')`;
  const rows = await duckdb.rows(
    `SELECT (SELECT count(*) FROM (${file})) AS written, (SELECT count(*) FROM (${file} EXCEPT ALL ${EXTREMES})) AS more,
      (SELECT count(*) FROM (${EXTREMES} EXCEPT ALL ${file})) AS fewer, (SELECT d FROM (${file}) WHERE n = 2)::VARCHAR AS zero`,
    "compare",
  );
  assert.deepEqual(rows, [{ written: "3", more: "0", fewer: "0", zero: "-0.0" }]);
});
