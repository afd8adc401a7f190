/**
 * The same merges by Spark and by us, each on a copy of one table: the rows after it are the same, or both refuse. LANDFALL_MERGE_CASES says how
 * many, LANDFALL_SEED repeats a run, LANDFALL_MERGE_FROM goes on within one.
 */
import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { createTable, type CreateTableOptions } from "../../src/write/create-table.ts";
import type { MergeOptions } from "../../src/write/merge/merge-options.ts";
import type { RowToWrite } from "../../src/write/source/row-source.ts";
import { canonicalRowsIn } from "../support/canonical-columns.ts";
import { sortRows } from "../support/canonical-rows.ts";
import { judgeMissing, startJudge, type Judge, type JudgeRows } from "../support/judge.ts";
import { samplingEngine } from "../support/sampling-engine.ts";
import { tableOfEngine } from "../support/table-of-engine.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";

const CASES = Number(process.env["LANDFALL_MERGE_CASES"] ?? 60);
/** The number of the first, to go on after one that failed. */
const FROM = Number(process.env["LANDFALL_MERGE_FROM"] ?? 0);
const SEED = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
/** Cases whose tables Spark reads in one job: of small ones most of the time goes into jobs. */
const AT_ONCE = 20;
/** Rows that are marked as deleted are found only with statistics. */
const SETTINGS = { "spark.databricks.delta.stats.skipping": "true" };
const engine = testEngine();
/** Cases by turns: as small tables are merged, and as large ones. */
const engines = [engine, samplingEngine(engine)];

/** SQL that means the same to both. `"all"` is `*`. */
interface Clause {
  readonly kind: "matched" | "notMatched" | "bySource";
  readonly where: string | undefined;
  readonly act: "delete" | "all" | Readonly<Record<string, string>>;
}

interface Case {
  readonly keyType: keyof typeof KEYS;
  readonly partitionBy: readonly string[];
  readonly hasVectors: boolean;
  readonly target: readonly RowToWrite[];
  readonly source: readonly RowToWrite[];
  readonly clauses: readonly Clause[];
  readonly more: string;
}

const KEYS = {
  BIGINT: ["1", "2", "3", "9007199254740993", "-5"].map(BigInt),
  DOUBLE: [0, 1.5, NaN, Infinity, -2.25],
  "DECIMAL(12,3)": ["1.000", "1.001", "-7.500", "123456789.125"],
  STRING: ["a", "A", "a ", "é", "日本"],
  DATE: ["2026-01-01", "1969-12-31", "2000-02-29"],
  TIMESTAMP: ["2026-01-01T00:00:00.123456Z", "1969-12-31T23:59:59.999999Z"],
} as const;

const rowsOf = (keys: readonly unknown[], most: number): fc.Arbitrary<RowToWrite[]> =>
  fc.array(
    fc.record({
      k: fc.option(fc.constantFrom(...keys), { freq: 6 }),
      n: fc.option(fc.integer({ min: 0, max: 5 })),
      v: fc.option(fc.constantFrom("x", "y", "")),
      part: fc.constantFrom("p", "q", null),
      st: fc.option(
        fc.record({ a: fc.option(fc.integer({ min: 0, max: 2 })), b: fc.constantFrom("s", "t") }),
      ),
      list: fc.option(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 })),
    }),
    { maxLength: most },
  );

const matchedWhere = fc.constantFrom(
  "s.n > t.n",
  "t.v IS NULL",
  "s.part = 'q' OR t.part = 'p'",
  "t.k IS NOT NULL",
);
const clauses: fc.Arbitrary<Clause[]> = fc
  .record({
    matched: clauseList(
      "matched",
      matchedWhere,
      fc.constantFrom<Clause["act"]>(
        "delete",
        "all",
        { n: "s.n" },
        { part: "s.part", st: "s.st" },
        { list: "s.list", v: "'z'" },
      ),
    ),
    notMatched: clauseList(
      "notMatched",
      fc.constantFrom("s.n > 2", "s.v = 'x'"),
      fc.constantFrom<Clause["act"]>("all", { k: "s.k", n: "s.n + 1", part: "'p'" }),
    ),
    bySource: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Clause[]>([]) },
      {
        weight: 1,
        arbitrary: clauseList(
          "bySource",
          fc.constantFrom("t.n > 2", "t.part IS NULL"),
          fc.constantFrom<Clause["act"]>("delete", { n: "7" }, { part: "'q'" }),
        ),
      },
    ),
  })
  .map(({ matched, notMatched, bySource }) => [...matched, ...notMatched, ...bySource])
  .filter((list) => list.length > 0);

function clauseList(
  kind: Clause["kind"],
  wheres: fc.Arbitrary<string>,
  acts: fc.Arbitrary<Clause["act"]>,
): fc.Arbitrary<Clause[]> {
  return fc
    .tuple(fc.option(fc.record({ where: wheres, act: acts })), fc.option(acts))
    .map(([some, rest]) => [
      ...(some === null ? [] : [{ kind, ...some }]),
      ...(rest === null ? [] : [{ kind, where: undefined, act: rest }]),
    ]);
}

const cases: fc.Arbitrary<Case> = fc
  .constantFrom(...(Object.keys(KEYS) as (keyof typeof KEYS)[]))
  .chain((keyType) =>
    fc.record({
      keyType: fc.constant(keyType),
      partitionBy: fc.constantFrom<readonly string[]>([], ["part"], keyType === "DOUBLE" ? [] : ["k"]),
      hasVectors: fc.boolean(),
      target: rowsOf(KEYS[keyType], 12),
      source: fc.oneof(
        rowsOf(KEYS[keyType], 8),
        // Of each key one row, so that it is rarely refused.
        rowsOf(KEYS[keyType], 12).map((rows) =>
          rows.filter(({ k }, i) => rows.findIndex((row) => Object.is(row["k"], k)) === i),
        ),
      ),
      clauses,
      more: fc.constantFrom("", "", " AND t.part = 'p'", " AND s.n >= t.n"),
    }),
  );

function sparkSql(of: Case, target: string, source: string): string {
  const lines = of.clauses.map(({ kind, where, act }) => {
    const when = { matched: "MATCHED", notMatched: "NOT MATCHED", bySource: "NOT MATCHED BY SOURCE" }[kind];
    return `WHEN ${when}${where === undefined ? "" : ` AND (${where})`} THEN ${actionSql(kind, act)}`;
  });
  return `MERGE INTO delta.\`${target}\` t USING delta.\`${source}\` s ON t.k = s.k${of.more} ${lines.join(" ")}`;
}

function actionSql(kind: Clause["kind"], act: Clause["act"]): string {
  if (act === "delete") return "DELETE";
  if (act === "all") return kind === "notMatched" ? "INSERT *" : "UPDATE SET *";
  const set = Object.entries(act);
  return kind === "notMatched"
    ? `INSERT (${set.map(([name]) => name).join(", ")}) VALUES (${set.map(([, sql]) => sql).join(", ")})`
    : `UPDATE SET ${set.map(([name, sql]) => `${name} = ${sql}`).join(", ")}`;
}

function ourClauses(
  of: Case,
): Pick<MergeOptions, "whenMatched" | "whenNotMatched" | "whenNotMatchedBySource"> {
  const list = (kind: Clause["kind"]): readonly object[] =>
    of.clauses
      .filter((clause) => clause.kind === kind)
      .map(({ where, act }) => {
        const action =
          act === "delete" ? { delete: true } : kind === "notMatched" ? { insert: act } : { update: act };
        return where === undefined ? action : { ...action, where };
      });
  return {
    whenMatched: list("matched") as never,
    whenNotMatched: list("notMatched") as never,
    whenNotMatchedBySource: list("bySource") as never,
  };
}

interface Merged {
  readonly told: string;
  /** Rows of our table as we read them. */
  readonly own: JudgeRows["rows"];
  /** Tables. */
  readonly ours: string;
  readonly spark: string;
}

async function rowsIn(spark: Judge, tables: readonly string[]): Promise<readonly JudgeRows["rows"][]> {
  if (tables.length === 0) return [];
  const answer = await spark.request<{ readonly tables: readonly Pick<JudgeRows, "rows">[] }>({
    op: "readAll",
    tables,
    settings: SETTINGS,
  });
  return answer.tables.map(({ rows }) => sortRows(rows));
}

const title = `Spark's MERGE and ours leave the same rows: ${CASES} cases, seed ${SEED}`;
test(title, { skip: judgeMissing("spark"), timeout: 3_600_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const scratchFolder = join(folder, "scratch");
  mkdirSync(scratchFolder);
  const spark = startJudge("spark", t);
  const made = async (
    table: string,
    options: CreateTableOptions,
    own = engine,
  ): Promise<ReturnType<typeof tableOfEngine>> => {
    await (await createTable(table, options)).close();
    return tableOfEngine({ table, engine: own, scratchFolder });
  };
  let refused = 0;
  /** Undefined where both refuse. */
  const mergeByBoth = async (one: Case, i: number): Promise<Merged | undefined> => {
    const schema = `k ${one.keyType}, n INT, v STRING, part STRING, st STRUCT<a: INT, b: STRING>, list ARRAY<INT>`;
    const place = (name: string): string => join(folder, `${i}-${name}`);
    const properties = { "delta.enableDeletionVectors": String(one.hasVectors) };
    const asked = { schema, partitionBy: one.partitionBy, properties };
    const target = await made(place("ours"), asked, engines[i % engines.length]);
    // Two files, so that one may go untouched.
    await target.append(one.target.slice(0, 5));
    await target.append(one.target.slice(5));
    const source = await made(place("source"), { schema });
    await source.append(one.source);
    cpSync(place("ours"), place("spark"), { recursive: true });
    const sql = sparkSql(one, place("spark"), place("source"));
    const told = `case ${i}: ${sql}`;
    const bySpark = await spark.request({ op: "executeAll", statements: [sql], settings: SETTINGS }).then(
      () => "merged",
      (error: Error) => error.message,
    );
    const scan = (await source.snapshot()).scan();
    const merging = target.merge(scan, { on: `t.k = s.k${one.more}`, ...ourClauses(one) });
    if (bySpark !== "merged") {
      assert.match(bySpark, /DELTA_MULTIPLE_SOURCE_ROW_MATCHING/, told);
      await assert.rejects(merging, (error) => isLandfallError(error, "MERGE_AMBIGUOUS"), told);
      refused++;
      return undefined;
    }
    await merging;
    const own = sortRows(await canonicalRowsIn((await target.snapshot()).scan()));
    return { told, own, ours: place("ours"), spark: place("spark") };
  };
  const all = fc.sample(cases, { numRuns: CASES, seed: SEED });
  for (let from = FROM; from < all.length; from += AT_ONCE) {
    const merged: Merged[] = [];
    for (const [i, one] of all.slice(from, from + AT_ONCE).entries()) {
      const done = await mergeByBoth(one, from + i);
      if (done !== undefined) merged.push(done);
    }
    const rows = await rowsIn(spark, [...merged.map((one) => one.spark), ...merged.map((one) => one.ours)]);
    for (const [i, { told, own }] of merged.entries()) {
      assert.deepEqual(own, rows[i], told);
      assert.deepEqual(rows[merged.length + i], rows[i], told);
    }
  }
  assert.ok(CASES - FROM < 30 || (refused > 0 && refused < (CASES - FROM) / 2), `${refused} were refused`);
});
