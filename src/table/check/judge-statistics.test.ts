import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson, stringifyJson } from "../../base/lossless-json.ts";
import type { AddFile } from "../../delta/actions.ts";
import { statisticsJson } from "../../delta/statistics.ts";
import type { DataType, StructType } from "../../schema/data-type.ts";
import { findTableColumn } from "../../schema/find-table-column.ts";
import { judgeStatistics, type JudgedColumn } from "./judge-statistics.ts";

const TYPES: Readonly<Record<string, DataType>> = {
  n: "long",
  d: "date",
  x: "double",
  s: "string",
  t: "timestamp",
};

const schema: StructType = {
  type: "struct",
  fields: Object.entries(TYPES).map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
};
const columns: readonly JudgedColumn[] = Object.entries(TYPES).map(([name, type]) => ({
  path: [name],
  type,
  column: findTableColumn({ schema, partitionColumns: [] }, [name])!,
}));

/** Values in the engine's text forms, with a number that orders them. */
const day = fc.date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });
const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  n: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  d: day.map((date) => date.toISOString().slice(0, 10)),
  x: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  s: fc.string({ unit: "binary", maxLength: 80 }),
  t: fc
    .tuple(day, fc.integer({ min: 0, max: 999 }))
    .map(
      ([date, micros]) =>
        `${date.toISOString().slice(0, 23).replace("T", " ")}${String(micros).padStart(3, "0")}+00`,
    ),
};

const compare: Readonly<Record<string, (a: string, b: string) => number>> = {
  n: (a, b) => (BigInt(a) < BigInt(b) ? -1 : 1),
  x: (a, b) => Number(a) - Number(b),
  s: (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)),
};

/** What the engine measures of rows. */
const measured = fc
  .array(
    fc.record(
      Object.fromEntries(Object.keys(TYPES).map((name) => [name, fc.option(VALUES[name]!, { nil: null })])),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((rows) => ({
    rows: rows.length,
    columns: Object.keys(TYPES).map((name) => {
      const values = rows.flatMap((row) => (row[name] === null ? [] : [row[name]!]));
      values.sort(compare[name] ?? ((a, b) => (a < b ? -1 : 1)));
      return {
        path: [name],
        nullCount: rows.length - values.length,
        ...(values.length === 0 ? {} : { min: values[0]!, max: values.at(-1)! }),
      };
    }),
  }));

function addOf(stats: string, more: Partial<AddFile> = {}): AddFile {
  return { path: "a", partitionValues: {}, size: 1, modificationTime: 1, dataChange: true, stats, ...more };
}

function statsOf(found: {
  readonly rows: number;
  readonly columns: Parameters<typeof statisticsJson>[0]["columns"];
}) {
  return statisticsJson({
    schema,
    partitionColumns: [],
    configuration: {},
    numRecords: found.rows,
    columns: found.columns,
  });
}

test("the statistics that Landfall writes of rows are true of them", () => {
  fc.assert(
    fc.property(measured, (found) => {
      assert.deepEqual(judgeStatistics({ add: addOf(statsOf(found)), measured: found, columns }), []);
    }),
  );
});

test("the statistics of some rows are wrong for any row beyond their bounds, and for nulls that they do not count", () => {
  fc.assert(
    fc.property(measured, measured, (stated, found) => {
      const faults = judgeStatistics({ add: addOf(statsOf(stated)), measured: found, columns });
      const codes = new Set(faults.map(({ code }) => code));
      const [was, is] = [stated.columns[0]!, found.columns[0]!];
      const below = was.min !== undefined && is.min !== undefined && BigInt(is.min) < BigInt(was.min);
      const above = was.max !== undefined && is.max !== undefined && BigInt(is.max) > BigInt(was.max);
      const ofN = faults.filter(({ message }) => / of n[, ]/.test(message));
      assert.equal(
        ofN.some(({ code }) => code === "BOUNDS_WRONG"),
        below || above,
      );
      assert.equal(codes.has("ROWS_WRONG"), stated.rows !== found.rows);
      assert.equal(
        codes.has("NULLS_WRONG"),
        stated.columns.some((column, i) => column.nullCount !== found.columns[i]!.nullCount),
      );
    }),
  );
});

const ten = {
  rows: 10,
  columns: columns.map(({ path }) => ({ path, nullCount: 2, min: undefined, max: undefined })),
};

function judged(
  stats: object,
  of: { readonly min: string; readonly max: string },
  more: Partial<AddFile> = {},
): string[] {
  const columnsMeasured = ten.columns.map(({ path, nullCount }) =>
    path[0] === "n" ? { path, nullCount, ...of } : { path, nullCount },
  );
  const measuredRows = { rows: 10, columns: columnsMeasured };
  return judgeStatistics({
    add: addOf(stringifyJson(parseJson(JSON.stringify(stats))), more),
    measured: measuredRows,
    columns,
  }).map(({ code }) => code);
}

test("wide bounds need only hold, tight ones are values; deleted rows are counted with the others", () => {
  const bounds = { minValues: { n: 1 }, maxValues: { n: 9 } };
  const inner = { min: "3", max: "7" };
  assert.deepEqual(judged({ numRecords: 10, ...bounds }, inner), ["BOUNDS_LOOSE", "BOUNDS_LOOSE"]);
  assert.deepEqual(judged({ numRecords: 10, tightBounds: false, ...bounds }, inner), []);
  assert.deepEqual(judged({ numRecords: 10, tightBounds: false, ...bounds }, { min: "0", max: "9" }), [
    "BOUNDS_WRONG",
  ]);
  const deletionVector = { storageType: "i", pathOrInlineDv: "x", sizeInBytes: 1, cardinality: 4 };
  assert.deepEqual(judged({ numRecords: 14, tightBounds: false }, inner, { deletionVector }), []);
  assert.deepEqual(judged({ numRecords: 10, tightBounds: false }, inner, { deletionVector }), ["ROWS_WRONG"]);
});

test("a count of nulls beside wide bounds says something only where it is none or all", () => {
  const values = { min: "3", max: "7" };
  assert.deepEqual(judged({ numRecords: 10, nullCount: { n: 3 } }, values), ["NULLS_WRONG"]);
  assert.deepEqual(judged({ numRecords: 10, tightBounds: false, nullCount: { n: 3 } }, values), []);
  assert.deepEqual(judged({ numRecords: 10, tightBounds: false, nullCount: { n: 0 } }, values), [
    "NULLS_WRONG",
  ]);
  assert.deepEqual(judged({ numRecords: 10, tightBounds: false, nullCount: { n: 10 } }, values), [
    "NULLS_WRONG",
  ]);
});
