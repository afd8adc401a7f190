/** Random tables for property tests: types, and rows as SQL. */
import fc from "fast-check";

/** A column's type in both languages, and SQL for values of it. */
interface ArbitraryType {
  readonly ddl: string;
  readonly duckdb: string;
  /** SQL of a value, never null. */
  readonly value: fc.Arbitrary<string>;
  /** Fit for the key of a map. */
  readonly isKey: boolean;
}

export interface ArbitraryTable {
  readonly ddl: string;
  /** Gives the rows in order. */
  readonly select: string;
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const hex = (bytes: Uint8Array): string => text(Buffer.from(bytes).toString("hex"));

function whole(ddl: string, bits: number): ArbitraryType {
  const [min, max] = [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n];
  const number = fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n, -1n));
  return { ddl, duckdb: ddl, value: number.map((value) => `${text(String(value))}::${ddl}`), isKey: true };
}

function decimal(precision: number, scale: number): ArbitraryType {
  const type = `DECIMAL(${precision},${scale})`;
  const max = 10n ** BigInt(precision) - 1n;
  const digits = fc.oneof(fc.bigInt({ min: -max, max }), fc.constantFrom(max, -max, 0n, 1n, -1n));
  const value = digits.map((unscaled) => {
    const absolute = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
    const point = absolute.length - scale;
    return `'${unscaled < 0n ? "-" : ""}${absolute.slice(0, point)}.${absolute.slice(point)}'::${type}`;
  });
  return { ddl: type, duckdb: type, value, isKey: true };
}

function floating(type: "FLOAT" | "DOUBLE"): ArbitraryType {
  const number = type === "FLOAT" ? fc.float() : fc.double();
  const value = number.map((one) => `${text(Object.is(one, -0) ? "-0.0" : String(one))}::${type}`);
  return { ddl: type, duckdb: type, value, isKey: false };
}

/** Microseconds of the years 1 to 9999, and of the moments around the epoch. */
const micros = fc.oneof(
  fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }),
  fc.constantFrom(0n, -1n, 1n),
);

const PRIMITIVES: readonly ArbitraryType[] = [
  whole("TINYINT", 8),
  whole("SMALLINT", 16),
  whole("INT", 32),
  whole("BIGINT", 64),
  floating("FLOAT"),
  floating("DOUBLE"),
  ...([1, 4, 5, 9, 10, 18, 19, 38] as const).flatMap((p) => [
    decimal(p, 0),
    decimal(p, p),
    decimal(p, p >> 1),
  ]),
  { ddl: "BOOLEAN", duckdb: "BOOLEAN", value: fc.constantFrom("true", "false"), isKey: true },
  {
    ddl: "DATE",
    duckdb: "DATE",
    value: fc
      .integer({ min: -719_162, max: 2_932_896 })
      .map((days) => `(DATE '1970-01-01' + (${days})::INT)`),
    isKey: true,
  },
  {
    ddl: "TIMESTAMP_NTZ",
    duckdb: "TIMESTAMP",
    value: micros.map((us) => `make_timestamp(${us})`),
    isKey: true,
  },
  {
    ddl: "TIMESTAMP",
    duckdb: "TIMESTAMPTZ",
    value: micros.map((us) => `make_timestamptz(${us})`),
    isKey: true,
  },
  {
    ddl: "STRING",
    duckdb: "VARCHAR",
    // Up to 12 bytes a vector holds texts itself, longer ones it points to.
    value: fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 20 }).map(text),
      fc.string({ minLength: 11, maxLength: 14 }).map(text),
      fc.integer({ min: 0, max: 5000 }).map((length) => `repeat('é', ${length})`),
    ),
    isKey: true,
  },
  {
    ddl: "BINARY",
    duckdb: "BLOB",
    value: fc.uint8Array({ maxLength: 30 }).map((bytes) => `from_hex(${hex(bytes)})`),
    isKey: true,
  },
];

const orNull = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.option(value, { nil: "NULL", freq: 3 });

function arrayOf(element: ArbitraryType): ArbitraryType {
  const duckdb = `${element.duckdb}[]`;
  const value = fc
    .array(orNull(element.value), { maxLength: 4 })
    .map((items) => `[${items.join(", ")}]::${duckdb}`);
  return { ddl: `ARRAY<${element.ddl}>`, duckdb, value, isKey: false };
}

function mapOf(key: ArbitraryType, element: ArbitraryType): ArbitraryType {
  const duckdb = `MAP(${key.duckdb}, ${element.duckdb})`;
  const entry = fc.tuple(key.value, orNull(element.value));
  const value = fc
    .uniqueArray(entry, { maxLength: 3, selector: ([first]) => first })
    .map(
      (entries) => `MAP {${entries.map(([first, second]) => `${first}: ${second}`).join(", ")}}::${duckdb}`,
    );
  return { ddl: `MAP<${key.ddl}, ${element.ddl}>`, duckdb, value, isKey: false };
}

function structOf(fields: readonly ArbitraryType[]): ArbitraryType {
  const shape = (part: "ddl" | "duckdb", separator: string): string =>
    fields.map((field, i) => `f${i}${separator}${field[part]}`).join(", ");
  const duckdb = `STRUCT(${shape("duckdb", " ")})`;
  const value = fc
    .tuple(...fields.map((field) => orNull(field.value)))
    .map((values) => `{${values.map((one, i) => `f${i}: ${one}`).join(", ")}}::${duckdb}`);
  return { ddl: `STRUCT<${shape("ddl", ": ")}>`, duckdb, value, isKey: false };
}

function typeOfDepth(depth: number): fc.Arbitrary<ArbitraryType> {
  const primitive = fc.constantFrom(...PRIMITIVES);
  if (depth === 0) return primitive;
  const inner = typeOfDepth(depth - 1);
  // A map's keys must not be the same, of which -0 and 0, or two spellings of one decimal, would be a case.
  const key = fc.constantFrom(...PRIMITIVES.filter(({ isKey, ddl }) => isKey && !ddl.startsWith("DECIMAL")));
  return fc.oneof(
    primitive,
    inner.map(arrayOf),
    fc.tuple(key, inner).map(([first, second]) => mapOf(first, second)),
    fc.array(inner, { minLength: 1, maxLength: 3 }).map(structOf),
  );
}

/** 1 to 5 columns, up to 60 rows; nulls, NaN, extremes, empty values and values within values. */
export function arbitraryTable(): fc.Arbitrary<ArbitraryTable> {
  return fc.array(typeOfDepth(2), { minLength: 1, maxLength: 5 }).chain((types) => {
    const row = fc.tuple(...types.map((type) => orNull(type.value)));
    return fc.array(row, { minLength: 1, maxLength: 60 }).map((rows) => {
      const names = types.map((_, i) => `c${i}`);
      const columns = types.map((type, i) => `CAST(${names[i]!} AS ${type.duckdb}) AS ${names[i]!}`);
      const values = rows.map((values) => `(${values.join(", ")})`).join(", ");
      return {
        ddl: types.map((type, i) => `${names[i]!} ${type.ddl}`).join(", "),
        select: `SELECT ${columns.join(", ")} FROM (VALUES ${values}) v(${names.join(", ")})`,
      };
    });
  });
}
