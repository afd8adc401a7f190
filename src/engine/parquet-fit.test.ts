import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import type { PrimitiveType } from "../schema/data-type.ts";
import { openDuckdb } from "./duckdb.ts";
import { fitValue } from "./parquet-fit.ts";
import { duckdbType } from "./sql.ts";

const spill = mkdtempSync(join(tmpdir(), "landfall-test-"));
const instance = await openDuckdb({
  memoryBytes: 256 * 1024 ** 2,
  threads: 1,
  spillFolder: spill,
  spillBytes: 1024 ** 2,
});
const duckdb = await instance.session();
after(() => {
  duckdb.close();
  instance.close();
  rmSync(spill, { recursive: true, force: true });
});

/** A number exactly, as numerator over a power of two or ten: digits and how often to divide by ten. */
function exactly(text: string, type: PrimitiveType): { readonly digits: bigint; readonly scale: number } {
  if (type !== "float" && type !== "double") {
    const point = text.indexOf(".");
    const scale = point < 0 ? 0 : text.length - point - 1;
    return { digits: BigInt(text.replace(".", "")), scale };
  }
  // A double's exact decimal expansion ends: multiply by two until it is whole.
  let value = type === "float" ? Math.fround(Number(text)) : Number(text);
  let halvings = 0;
  while (!Number.isInteger(value)) {
    value *= 2;
    halvings += 1;
  }
  return { digits: BigInt(value) * 5n ** BigInt(halvings), scale: halvings };
}

function isSame(a: string, aType: PrimitiveType, b: string, bType: PrimitiveType): boolean {
  const one = exactly(a, aType);
  const other = exactly(b, bType);
  return one.digits * 10n ** BigInt(other.scale) === other.digits * 10n ** BigInt(one.scale);
}

const INTEGERS: readonly PrimitiveType[] = ["byte", "short", "integer", "long"];
const DECIMALS: readonly PrimitiveType[] = [
  "decimal(5,2)",
  "decimal(18,6)",
  "decimal(38,0)",
  "decimal(38,10)",
];
const NUMBERS: readonly PrimitiveType[] = [...INTEGERS, "float", "double", ...DECIMALS];

const edges = ["0", "1", "-1", "127", "128", "-129", "32768", "16777217", "2147483648", "4503599627370497"]
  .concat([
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "0.1",
    "1.25",
    "999.99",
    "1e30",
  ])
  .concat(["0.000001", "123456789012345678.123456", "1234567890123456.75", "16777216.5", "0.0000000001"]);

const texts = fc.oneof(
  fc.constantFrom(...edges),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String),
  fc.tuple(fc.integer(), fc.integer({ min: 0, max: 999_999 })).map(([whole, part]) => `${whole}.${part}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

test("every number either stays with its very value or is rescued, whatever the two types are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...NUMBERS),
      fc.constantFrom(...NUMBERS),
      fc.array(texts, { minLength: 1, maxLength: 40 }),
      async (source, target, values) => {
        const leaf = { kind: "leaf", type: source, reading: "asIs" } as const;
        const fitted = fitValue({ source: leaf, target, value: "v", timeZone: "UTC" });
        const rows = await duckdb.rows(
          `SELECT CAST(v AS VARCHAR) AS v, CAST(${fitted.kept} AS VARCHAR) AS kept, ${fitted.rescued ?? "NULL"} AS rescued,
            typeof(${fitted.kept}) AS type
          FROM (SELECT TRY_CAST(x AS ${duckdbType(source)}) AS v FROM (VALUES ${values.map((text) => `('${text}')`).join(", ")}) t(x))`,
          "fit numbers",
        );
        for (const { v, kept, rescued, type } of rows as Record<string, string | null>[]) {
          assert.equal(type!.replaceAll(" ", ""), duckdbType(target).replaceAll(" ", ""));
          if (v?.endsWith("inf")) assert.ok(kept === v || rescued === `"${v}"`);
          else if (v === null) assert.deepEqual([kept, rescued], [null, null]);
          else {
            assert.equal(kept === null, rescued !== null, `${v!}: ${source} to ${target}`);
            if (rescued !== null) assert.equal(rescued, v);
            // Between decimal and binary the same value is the one that comes back when it is cast back (checked in SQL).
            const comparable = !DECIMALS.includes(source) || !["float", "double"].includes(target);
            if (kept !== null && comparable)
              assert.ok(isSame(v!, source, kept!, target), `${v!} became ${kept!}`);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("a decimal that a DOUBLE keeps comes back from it digit by digit", async () => {
  await fc.assert(
    fc.asyncProperty(fc.bigInt(-(10n ** 17n), 10n ** 17n), async (digits) => {
      const leaf = { kind: "leaf", type: "decimal(18,2)", reading: "asIs" } as const;
      const fitted = fitValue({ source: leaf, target: "double", value: "v", timeZone: "UTC" });
      const [row] = await duckdb.rows(
        `SELECT CAST(v AS VARCHAR) AS v, CAST(CAST(${fitted.kept} AS DECIMAL(18,2)) AS VARCHAR) AS back, ${fitted.rescued} AS rescued
        FROM (SELECT CAST('${digits}' AS DECIMAL(38,0)) * 0.01::DECIMAL(3,2) AS w) t, LATERAL (SELECT CAST(w AS DECIMAL(18,2)) AS v)`,
        "fit a decimal",
      );
      assert.equal(row!["back"] ?? row!["rescued"], row!["v"]);
    }),
    { numRuns: 60 },
  );
});

test("between kinds that have nothing in common everything is rescued", () => {
  const kinds = [
    "string",
    "boolean",
    "date",
    "timestamp",
    "binary",
    "long",
    "double",
    "decimal(5,2)",
  ] as const;
  for (const source of kinds) {
    for (const target of kinds) {
      const isNumber = (type: string): boolean => /^(long|double|decimal)/.test(type);
      if (source === target || (isNumber(source) && isNumber(target))) continue;
      const leaf = { kind: "leaf", type: source, reading: "asIs" } as const;
      const fitted = fitValue({ source: leaf, target, value: "v", timeZone: "UTC" });
      assert.equal(fitted.kept, `CAST(NULL AS ${duckdbType(target)})`);
      assert.notEqual(fitted.rescued, undefined);
    }
  }
});
