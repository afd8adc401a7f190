/** A table that holds every Delta type and the values at their edges, laid down without any Delta writer but `append`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { CanonicalRow } from "../support/canonical-rows.ts";

const struct = (fields: Readonly<Record<string, unknown>>): unknown => ({
  type: "struct",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
});

/** Delta type of each column. */
export const NASTY_TYPES: Readonly<Record<string, unknown>> = {
  id: "long",
  region: "string",
  on_day: "date",
  ok: "boolean",
  tiny: "byte",
  single: "float",
  real: "double",
  raw: "binary",
  wide: "decimal(38,10)",
  price: "decimal(5,2)",
  at: "timestamp",
  local: "timestamp_ntz",
  nested: struct({ a: "integer", inner: struct({ u: "string" }) }),
  items: { type: "array", elementType: struct({ k: "long" }), containsNull: true },
  named: { type: "map", keyType: "string", valueType: "decimal(10,3)", valueContainsNull: true },
};

const NULLS = Object.fromEntries(Object.keys(NASTY_TYPES).map((name) => [name, null]));

/** Rows of canonical values; dates keep to the years 1900 to 2299, all that ClickHouse can hold. */
export const NASTY_ROWS: readonly CanonicalRow[] = [
  {
    id: "9223372036854775807",
    region: `a b/%25=é?#:"'\\{}`,
    on_day: "1900-01-01",
    ok: true,
    tiny: "-128",
    single: Math.fround(0.1),
    real: "NaN",
    raw: "00ff",
    wide: "1234567890123456789012345678.0123456789",
    price: "1.5",
    at: "2024-01-02T03:04:05.678901Z",
    local: "1969-12-31T23:59:59.000001",
    nested: { a: "1", inner: { u: "é\u0000\n" } },
    items: [{ k: "-9223372036854775808" }, { k: null }],
    named: [
      ["a", null],
      ["b", "1.1"],
    ],
  },
  {
    ...NULLS,
    id: "1",
    region: "__HIVE_DEFAULT_PARTITION",
    on_day: "2299-12-31",
    real: -0,
    single: "-Infinity",
    raw: "",
    wide: "-0.0000000001",
    at: "1969-12-31T23:59:59.999999Z",
    nested: { a: null, inner: null },
    items: [],
    named: [],
  },
  { ...NULLS, id: "2", region: "2024-01-01 00:00:00", real: 1e21, price: "-999.99", items: [null] },
  { ...NULLS, id: "3", real: 5e-324, single: Math.fround(3.4e38) },
];

/** Makes the empty table: its first commit alone. */
export function createNastyTable(table: string): void {
  const log = join(table, "_delta_log");
  mkdirSync(log, { recursive: true });
  const actions = [
    // delta-rs leaves commits without commitInfo out of its history.
    { commitInfo: { timestamp: 1_700_000_000_000, operation: "CREATE TABLE", operationParameters: {} } },
    {
      protocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["timestampNtz"],
        writerFeatures: ["timestampNtz"],
      },
    },
    {
      metaData: {
        id: "5fba94ed-9794-4965-ba6e-6ee3c0d22af9",
        format: { provider: "parquet", options: {} },
        schemaString: JSON.stringify(struct(NASTY_TYPES)),
        partitionColumns: ["region"],
        configuration: {},
        createdTime: 1_700_000_000_000,
      },
    },
  ];
  writeFileSync(
    join(log, "00000000000000000000.json"),
    actions.map((action) => `${JSON.stringify(action)}\n`).join(""),
  );
}
