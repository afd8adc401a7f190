import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import fc from "fast-check";
import {
  filesWith,
  makePrunedTable,
  PRUNED_SCHEMA,
  putCommit,
  text,
  type SqlRow,
} from "../../test/support/pruned-table.ts";
import { putForeignCheckpoint } from "../../test/support/foreign-checkpoint.ts";
import { testEngine } from "../../test/support/test-engine.ts";
import { openDuckdb, type Duckdb } from "../engine/duckdb.ts";
import type { Storage } from "../storage/storage.ts";
import type { AddFile, RemoveFile } from "./actions.ts";
import type { ParquetAccess } from "./checkpoint-rows.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { countRows } from "./count-rows.ts";
import { planScan, type ScanPlan } from "./plan-scan.ts";
import { readSnapshot } from "./snapshot.ts";
import { readTableState } from "./table-state.ts";

const engine = testEngine();
const folder = mkdtempSync(join(tmpdir(), "landfall-test-"));
const scratchFolder = join(folder, "scratch");
const parquet = { port: engine, scratchFolder };
let duckdb: Duckdb;
let closeDuckdb = (): void => {};

before(async () => {
  mkdirSync(scratchFolder);
  const instance = await openDuckdb({
    memoryBytes: 256 * 1024 ** 2,
    threads: 1,
    spillFolder: join(folder, "spill"),
    spillBytes: 1024 ** 2,
  });
  duckdb = await instance.session();
  closeDuckdb = () => instance.close();
});

after(() => {
  closeDuckdb();
  rmSync(folder, { recursive: true });
});

/** Values of each column, and what it is compared with: near each other, so that they meet. */
const LONG_TEXT = "a".repeat(31);
const VALUES: Readonly<Record<string, readonly string[]>> = {
  i: ["-2147483648", "-1", "0", "1", "7", "2147483647"],
  l: ["-9223372036854775808", "-5", "0", "9007199254740992", "9007199254740993", "9223372036854775807"],
  d: ["'NaN'", "'-Infinity'", "-0.0", "0.0", "0.1", "1e300", "16777217", "-5.5"],
  f: ["'NaN'", "'Infinity'", "-0.0", "0.1", "1.5", "16777216", "-3e38"],
  dec: ["-99999999.99", "-0.01", "0", "0.1", "12.30", "99999999.99"],
  big: ["-1", "12345678901234567890.1234", "12345678901234567890.1235", "0.0001"],
  s: [
    "",
    "a",
    "ab",
    "abc",
    "Z",
    "\ud83d\ude00",
    "\uffee",
    "\uffee x",
    "it's",
    "a%b",
    "a_b",
    "a\\b",
    `${LONG_TEXT}b`,
    `${LONG_TEXT}bc`,
    `${LONG_TEXT}b\ud83d\ude00z`,
    `${LONG_TEXT}\ud83d\ude00\ud83d\ude00`,
  ].map(text),
  day: ["'1582-10-04'", "'1969-12-31'", "'2024-02-29'", "'2024-03-01'", "'9999-12-31'"],
  ts: [
    "'1969-12-31 23:59:59.999999'",
    "'2024-01-01 00:00:00.123'",
    "'2024-01-01 00:00:00.123456'",
    "'2024-01-01 00:00:00.124'",
  ],
  ntz: [
    "'1969-12-31 23:59:59.999999'",
    "'2024-01-01 00:00:00.123'",
    "'2024-01-01 00:00:00.123456'",
    "'2024-01-01 00:00:00.124'",
  ],
  b: ["true", "false"],
  x: ["-1", "0", "3", "4"],
  yz: ["'a'", "'b'"],
  p: ["'north'", "'south'", "'s\ud83d\ude00'"],
  q: ["'2024-01-01 00:00:00.123456'", "'2023-12-31 23:00:00'"],
};
const TYPES = new Map(PRUNED_SCHEMA.fields.map(({ name, type }) => [name, type]));

const valueOf = (name: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant("NULL") },
    { weight: 4, arbitrary: fc.constantFrom(...VALUES[name]!) },
  );

/** Rows of one file; a column may be all null, and those of a file lie in one partition. */
const fileOf: fc.Arbitrary<readonly SqlRow[]> = fc
  .record({ p: valueOf("p"), q: valueOf("q"), rows: fc.array(rowOf(), { minLength: 1, maxLength: 4 }) })
  .map(({ p, q, rows }) => rows.map((row) => [...row, p, q]));

function rowOf(): fc.Arbitrary<SqlRow> {
  const plain = PRUNED_SCHEMA.fields
    .map(({ name }) => name)
    .filter((name) => !["st", "p", "q"].includes(name));
  return fc
    .tuple(fc.tuple(...plain.map(valueOf)), valueOf("x"), valueOf("yz"), fc.boolean())
    .map(([values, x, yz, hasStruct]) => [...values, hasStruct ? `{'x': ${x}, 'y.z': ${yz}}` : "NULL"]);
}

/** Conditions as people write them. Literals are of the column's own kind and of others, where the engine casts. */
const NUMBERS = [
  "0",
  "1",
  "-1",
  "0.1",
  "0.10",
  "12.3",
  "5.5",
  "1e2",
  "9007199254740993",
  "16777217",
  "12345678901234567890.12345",
];
const DATES = [
  "DATE '2024-03-01'",
  "'2024-02-29'::date",
  "TIMESTAMP '2024-01-01 00:00:00.1234'",
  "TIMESTAMPTZ '2024-01-01 01:00:00.123456+01'",
];
const COLUMNS = [
  "i",
  "l",
  "d",
  "f",
  "dec",
  "big",
  "s",
  "day",
  "ts",
  "ntz",
  "b",
  "st.x",
  "t.st.x",
  `st."y.z"`,
  "p",
  "t.q",
  "Q",
];

function literalsOf(column: string): fc.Arbitrary<string> {
  const name = column.includes("y.z") ? "yz" : column.replace(/^.*\./, "").toLowerCase();
  const own = fc.constantFrom(...VALUES[name]!);
  const type = TYPES.get(name) ?? (name === "x" ? "long" : "string");
  const others =
    type === "string" || type === "boolean"
      ? []
      : /^"(date|timestamp)/.test(JSON.stringify(type))
        ? [fc.constantFrom(...DATES)]
        : [fc.constantFrom(...NUMBERS)];
  return fc.oneof(own, ...others);
}

const comparison: fc.Arbitrary<string> = fc.constantFrom(...COLUMNS).chain((column) => {
  const literal = literalsOf(column);
  return fc.oneof(
    fc
      .tuple(fc.constantFrom("=", "<>", "<", "<=", ">", ">="), literal, fc.boolean())
      .map(([op, value, turned]) => (turned ? `${value} ${op} ${column}` : `${column} ${op} ${value}`)),
    fc
      .tuple(literal, literal, fc.boolean())
      .map(([low, high, not]) => `${column} ${not ? "NOT " : ""}BETWEEN ${low} AND ${high}`),
    fc
      .tuple(fc.array(fc.oneof(literal, fc.constant("NULL")), { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([values, not]) => `${column} ${not ? "NOT " : ""}IN (${values.join(", ")})`),
    fc.constantFrom(`${column} IS NULL`, `${column} IS NOT NULL`),
  );
});
const likeness: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("s", "p"),
    fc.constantFrom(
      "'a%'",
      "'ab'",
      "''",
      "'%'",
      "'s%'",
      `'${LONG_TEXT}b%'`,
      "'a_b'",
      "'a\\%'",
      "'\ud83d\ude00%'",
      "'\uffee%'",
    ),
    fc.constantFrom("LIKE", "NOT LIKE", "^@"),
  )
  .map(([column, pattern, op]) => `${column} ${op} ${pattern}`);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    {
      weight: 4,
      arbitrary: fc.oneof(comparison, comparison, likeness, fc.constant("b"), fc.constant("length(s) > 2")),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => `(${a}) AND (${b})`),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => `(${a}) OR (${b})`),
    },
    { weight: 1, arbitrary: tie("condition").map((a) => `NOT (${a})`) },
  ),
}));

async function plan(storage: Storage, sql: string): Promise<ScanPlan> {
  const state = (await readTableState({ storage, parquet }))!;
  const predicate = await engine.predicateOf({ sql, schema: PRUNED_SCHEMA });
  return planScan({ storage, parquet, state, predicate });
}

const pathsOf = ({ files }: ScanPlan): string[] => files.map((add) => add.path).toSorted();

/** As other writers state them: bounds that are wider than the values, counts that are not there. */
function loosened(stats: string): string | undefined {
  const { numRecords, minValues, maxValues, nullCount } = JSON.parse(stats) as Record<string, object>;
  const { s: _min, l: _low, ...min } = minValues as Record<string, unknown>;
  const { big: _max, ...max } = maxValues as Record<string, unknown>;
  const { i: _null, ...nulls } = nullCount as Record<string, unknown>;
  return JSON.stringify({
    numRecords,
    tightBounds: false,
    minValues: { ...min, i: -2147483648, dec: "garbage", day: 5 },
    maxValues: { ...max, s: "\u{10ffff}", st: null },
    nullCount: nulls,
  });
}

/** More and others by hand. */
const RUNS = Number(process.env["LANDFALL_PRUNE_RUNS"] ?? "4");
const SEED = Number(process.env["LANDFALL_PRUNE_SEED"] ?? "20261122");

const KINDS = [
  { name: "our own statistics", statistics: undefined },
  // JSON.parse has no long numbers; what it bends is left out of them.
  { name: "loose statistics", statistics: loosened },
  { name: "no statistics", statistics: () => undefined },
] as const;

/** Ten files of a sorted column each after the other, all of one partition but the last. */
async function sortedTable(): Promise<{ storage: Storage; adds: readonly AddFile[] }> {
  const rowOfNumber = (i: number): SqlRow => {
    const text = `'row ${String(i).padStart(4, "0")}'`;
    const plain = [i, i * 10, i + 0.5, "NULL", `${i}.25`, "NULL", text, `DATE '2024-01-01' + ${i}`];
    const times = [`TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL ${i} HOURS`, "NULL", "true"];
    const last = i >= 90 ? "'south'" : "'north'";
    return [...plain.map(String), ...times, `{'x': ${i}, 'y.z': ${text}}`, last, "NULL"];
  };
  const files = Array.from({ length: 10 }, (_, file) =>
    Array.from({ length: 10 }, (_row, row) => rowOfNumber(file * 10 + row)),
  );
  return makePrunedTable({ folder, duckdb, files });
}

const SORTED: readonly (readonly [sql: string, files: readonly number[]])[] = [
  ["i = 42", [4]],
  ["i < 10", [0]],
  ["85 <= i", [8, 9]],
  ["i BETWEEN 19 AND 20.5", [1, 2]],
  ["l IN (10, 990)", [0, 9]],
  ["NOT (l > 95)", [0]],
  ["d <= 9", [0]],
  ["dec = 33.25", [3]],
  ["s LIKE 'row 005%'", [5]],
  ["s = 'row 0071'", [7]],
  ["starts_with(s, 'none')", []],
  ["day >= DATE '2024-03-31'", [9]],
  ["day = '2024-01-01'::date + 0 OR i = 0", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ["ts < TIMESTAMP '2024-01-01 09:00:00.001'", [0]],
  ["st.x = 61 AND length(s) > 0", [6]],
  ["st['y.z'] > 'row 0089'", [9]],
  ["p = 'south'", [9]],
  ["p <> 'north' OR i = 3", [0, 9]],
  ["q IS NOT NULL", []],
  ["f IS NULL AND i IS NOT NULL AND i = 12", [1]],
  ["big > 3", []],
  ["b AND i = 3", [0]],
];

test("of sorted files only those are planned that can hold such rows, from commits and from the checkpoints of all kinds", async () => {
  const kinds = [
    undefined,
    { kind: "classic" },
    { kind: "multiPart", parts: 3 },
    { kind: "uuid", format: "parquet", sidecars: 2 },
    { kind: "uuid", format: "json", sidecars: 2 },
    { kind: "uuid", format: "json" },
  ] as const;
  for (const as of kinds) {
    const { storage, adds } = await sortedTable();
    if (as !== undefined)
      await putForeignCheckpoint({ storage, parquet, snapshot: (await readSnapshot({ storage }))!, as });
    for (const [sql, files] of SORTED) {
      const found = await plan(storage, sql);
      assert.deepEqual(pathsOf(found), files.map((i) => adds[i]!.path).toSorted(), `${as?.kind}: ${sql}`);
      assert.equal(found.considered.files, 10);
      assert.equal(found.skipped.files, 10 - files.length);
    }
  }
});

test("the engine leaves out what it can judge, and files that later commits touch are counted once", async () => {
  const { storage, adds } = await sortedTable();
  const version = adds.length;
  await writeCheckpoint({ storage, parquet, version, now: Date.now() });
  const [first, second, third] = adds as [AddFile, AddFile, AddFile];
  await putCommit(storage, version + 1, [{ remove: removeOf(first) }]);
  // The same file again, by another writer's way to write its path, and a new one of its name elsewhere.
  const other = { ...second, path: second.path.replace("_", "%5F") };
  const elsewhere = { ...third, path: `other/${third.path}`, size: 7 };
  await putCommit(storage, version + 2, [{ remove: removeOf(other) }, { add: { ...elsewhere } }]);
  const lines: number[] = [];
  const counting: ParquetAccess = {
    scratchFolder,
    port: {
      ...engine,
      async toJsonLines(options) {
        const totals = await engine.toJsonLines(options);
        if (options.adds !== undefined)
          lines.push(readFileSync(options.jsonPath, "utf8").trim().split("\n").length);
        return totals;
      },
    },
  };
  const state = (await readTableState({ storage, parquet }))!;
  const predicate = await engine.predicateOf({ sql: "i >= 95 OR i = 25", schema: PRUNED_SCHEMA });
  const found = await planScan({ storage, parquet: counting, state, predicate });
  assert.deepEqual(pathsOf(found), [third.path, adds[9]!.path, elsewhere.path].toSorted());
  assert.deepEqual(found.considered, {
    files: 9,
    bytes: adds.slice(2).reduce((sum, add) => sum + add.size, 7),
  });
  assert.deepEqual(found.skipped, {
    files: 6,
    bytes: adds.slice(3, 9).reduce((sum, add) => sum + add.size, 0),
  });
  // All files are called alike but for their folders, so those with the name of a touched one come through.
  assert.deepEqual(lines, [10]);
  assert.equal(await countRows({ storage, parquet, state }), 90);
});

test("of a checkpoint that nothing touches only adds that may match come out of the engine, and rows are counted without them", async () => {
  const { storage, adds } = await sortedTable();
  await writeCheckpoint({ storage, parquet, version: adds.length, now: Date.now() });
  const state = (await readTableState({ storage, parquet }))!;
  const jsonPath = join(scratchFolder, "adds.json");
  const table = { schema: PRUNED_SCHEMA, partitionColumns: ["p", "q"] };
  for (const [sql, files] of SORTED) {
    const predicate = await engine.predicateOf({ sql, schema: PRUNED_SCHEMA });
    const totals = await engine.toJsonLines({
      parquetPath: storage.localPath!(
        `_delta_log/${String(adds.length).padStart(20, "0")}.checkpoint.parquet`,
      ),
      jsonPath,
      columns: ["add"],
      adds: { table, predicate, names: [], countsRows: true },
    });
    const lines = readFileSync(jsonPath, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    assert.equal(lines.length, files.length, sql);
    const bytes = adds.reduce((sum, add) => sum + add.size, 0);
    assert.deepEqual(totals, { files: 10, bytes, rowsLeftOut: 100 - 10 * files.length });
  }
  const vector = {
    storageType: "u",
    pathOrInlineDv: "x".repeat(20),
    offset: 1,
    sizeInBytes: 4,
    cardinality: 4,
  };
  assert.equal(await countRows({ storage, parquet, state }), 100);
  await putCommit(storage, adds.length + 1, [
    { remove: removeOf(adds[0]!) },
    { add: { ...adds[0]!, deletionVector: vector } },
  ]);
  const later = (await readTableState({ storage, parquet }))!;
  assert.equal(await countRows({ storage, parquet, state: later }), 96);
  const { stats: _stats, ...silent } = adds[1]!;
  await putCommit(storage, adds.length + 2, [{ add: silent }]);
  const last = (await readTableState({ storage, parquet }))!;
  assert.equal(await countRows({ storage, parquet, state: last }), undefined);
});

function removeOf({ path, partitionValues, size }: AddFile): RemoveFile {
  return { path, dataChange: true, deletionTimestamp: 1, extendedFileMetadata: true, partitionValues, size };
}

for (const { name, statistics } of KINDS) {
  test(`no file with a row that a condition keeps is skipped, from commits and from a checkpoint: ${name}`, async () => {
    let planned = 0;
    let skipped = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fileOf, { minLength: 2, maxLength: 6 }),
        fc.array(condition, { minLength: 20, maxLength: 20 }),
        async (files, conditions) => {
          const made = await makePrunedTable({ folder, duckdb, files, ...(statistics && { statistics }) });
          const { storage, adds } = made;
          const plans: string[][] = [];
          const used: string[] = [];
          for (const sql of conditions) {
            let truth: number[];
            try {
              truth = await filesWith(duckdb, sql);
            } catch {
              // Literals that the engine refuses to cast or to compare.
              continue;
            }
            const found = await plan(storage, sql);
            const paths = pathsOf(found);
            for (const number of truth)
              assert.ok(paths.includes(adds[number]!.path), `${sql} skips file ${number}`);
            assert.equal(found.considered.files, adds.length);
            assert.equal(found.skipped.files, adds.length - paths.length);
            const bytes = found.files.reduce((sum, add) => sum + add.size, found.skipped.bytes);
            assert.equal(found.considered.bytes, bytes);
            planned += paths.length;
            skipped += found.skipped.files;
            plans.push(paths);
            used.push(sql);
          }
          const version = adds.length;
          await writeCheckpoint({ storage, parquet, version, now: Date.now() });
          for (const [i, sql] of used.entries())
            assert.deepEqual(pathsOf(await plan(storage, sql)), plans[i], sql);
        },
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
    if (name === "our own statistics")
      assert.ok(skipped > planned / 5, `${skipped} skipped, ${planned} planned`);
  });
}
