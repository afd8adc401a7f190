/** Random columns with values as a scan gives them, which rows of JavaScript may have, too. */
import fc from "fast-check";
import type { ColumnValue } from "../../src/engine/column-batch/value-at.ts";

interface ArbitraryColumn {
  readonly ddl: string;
  readonly value: fc.Arbitrary<ColumnValue>;
  readonly isKey: boolean;
}

export interface ArbitraryRows {
  /** Columns c0, c1, … */
  readonly ddl: string;
  /** Names of columns that a table may be partitioned by; never all of them. */
  readonly plain: readonly string[];
  readonly rows: readonly Readonly<Record<string, ColumnValue>>[];
}

const whole = (ddl: string, bits: number): ArbitraryColumn => {
  const [min, max] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return { ddl, value: fc.oneof(fc.constantFrom(min, max, 0), fc.integer({ min, max })), isKey: true };
};

const bigInts = (min: bigint, max: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(fc.constantFrom(min, max, 0n, -1n), fc.bigInt({ min, max }));

const decimal = (precision: number, scale: number): ArbitraryColumn => {
  const most = 10n ** BigInt(precision) - 1n;
  const value = bigInts(-most, most).map((unscaled) => {
    const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
    const point = digits.length - scale;
    const sign = unscaled < 0n ? "-" : "";
    return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  });
  return { ddl: `DECIMAL(${precision},${scale})`, value, isKey: true };
};

const micros = bigInts(-62_135_596_800_000_000n, 253_402_300_799_999_999n);
const text = fc.oneof(
  fc.constantFrom("", "\0", " ", "a/b=c%20", "__HIVE_DEFAULT_PARTITION__", '"\\', "\u2028", "é😀", "NaN"),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);

/** A dictionary of DuckDB's has one entry for both zeros, the one that came first: beside 0.0 a -0.0 may come back as that. */
const oneZero = (value: number): number => (value === 0 ? 0 : value);

const PRIMITIVES: readonly ArbitraryColumn[] = [
  whole("TINYINT", 8),
  whole("SMALLINT", 16),
  whole("INT", 32),
  { ddl: "BIGINT", value: bigInts(-(2n ** 63n), 2n ** 63n - 1n), isKey: true },
  { ddl: "FLOAT", value: fc.oneof(fc.constantFrom(NaN, Infinity), fc.float()).map(oneZero), isKey: false },
  {
    ddl: "DOUBLE",
    value: fc.oneof(fc.constantFrom(5e-324, NaN, -Infinity), fc.double()).map(oneZero),
    isKey: false,
  },
  decimal(5, 2),
  decimal(18, 0),
  decimal(38, 10),
  { ddl: "BOOLEAN", value: fc.boolean(), isKey: true },
  { ddl: "DATE", value: fc.integer({ min: -719_162, max: 2_932_896 }), isKey: true },
  { ddl: "TIMESTAMP", value: micros, isKey: true },
  { ddl: "TIMESTAMP_NTZ", value: micros, isKey: true },
  { ddl: "STRING", value: text, isKey: true },
];

const BINARY: ArbitraryColumn = { ddl: "BINARY", value: fc.uint8Array({ maxLength: 20 }), isKey: false };

const orNull = (value: fc.Arbitrary<ColumnValue>): fc.Arbitrary<ColumnValue> =>
  fc.option(value, { nil: null, freq: 4 });

const leaf = fc.constantFrom(...PRIMITIVES, BINARY);
const key = fc.constantFrom(...PRIMITIVES.filter(({ isKey }) => isKey));

const nested: fc.Arbitrary<ArbitraryColumn> = fc.oneof(
  leaf.map(({ ddl, value }): ArbitraryColumn => ({
    ddl: `ARRAY<${ddl}>`,
    value: fc.array(orNull(value), { maxLength: 3 }),
    isKey: false,
  })),
  fc.tuple(key, leaf).map(([one, other]): ArbitraryColumn => ({
    ddl: `MAP<${one.ddl}, ${other.ddl}>`,
    value: fc
      .uniqueArray(fc.tuple(one.value, orNull(other.value)), { maxLength: 3, selector: ([k]) => k })
      .map((entries) => new Map(entries)),
    isKey: false,
  })),
  fc.tuple(leaf, leaf).map(([one, other]): ArbitraryColumn => ({
    ddl: `STRUCT<a: ${one.ddl}, \`b-c\`: ARRAY<STRUCT<x: ${other.ddl}>>>`,
    value: fc.record({
      a: orNull(one.value),
      "b-c": orNull(fc.array(orNull(fc.record({ x: orNull(other.value) })), { maxLength: 2 })),
    }),
    isKey: false,
  })),
);

/** Rows of up to five columns, the last of which is nested. */
export function arbitraryRows(): fc.Arbitrary<ArbitraryRows> {
  return fc
    .tuple(fc.array(fc.constantFrom(...PRIMITIVES), { minLength: 1, maxLength: 4 }), nested)
    .chain(([plain, last]) => {
      const columns = [...plain, last];
      const row = fc.record(
        Object.fromEntries(
          columns.map(({ value }, i): [string, fc.Arbitrary<ColumnValue>] => [`c${i}`, orNull(value)]),
        ),
      );
      return fc.array(row, { minLength: 1, maxLength: 20 }).map((rows) => ({
        ddl: columns.map(({ ddl }, i) => `c${i} ${ddl}`).join(", "),
        plain: plain.map((_, i) => `c${i}`),
        rows,
      }));
    });
}
