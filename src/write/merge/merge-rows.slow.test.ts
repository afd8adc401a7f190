import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { PARTS, writeRowsTable } from "../../../test/support/rows-table.ts";
import { tableOfEngine } from "../../../test/support/table-of-engine.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { testEngine } from "../../../test/support/test-engine.ts";
import type { DeleteClause, InsertClause, UpdateBySourceClause, UpdateClause } from "./merge-options.ts";

const folder = temporaryFolder({ after });
const engine = testEngine();
const scratchFolder = join(folder, "scratch");
mkdirSync(scratchFolder);
let tables = 0;

/** No interface, so that it may be written as it is. */
type TargetRow = Readonly<{ id: number | null; n: number | null; part: string | null }>;

type SourceRow = TargetRow & { readonly op: string };

/** A clause, and what it means. */
interface Modelled<Clause, T, S> {
  readonly clause: Clause;
  readonly applies: (t: T, s: S) => boolean;
  /** Undefined: the row goes. */
  readonly becomes: ((t: T, s: S) => TargetRow) | undefined;
}

type Matched = Modelled<UpdateClause | DeleteClause, TargetRow, SourceRow>;
type NotMatched = Modelled<InsertClause, undefined, SourceRow>;
type BySource = Modelled<UpdateBySourceClause | DeleteClause, TargetRow, undefined>;

const SCHEMA = "id BIGINT, n INT, part STRING, op STRING";

const matchedConditions = fc.constantFrom<{
  readonly where: string;
  readonly holds: (t: TargetRow, s: SourceRow) => boolean;
}>(
  { where: "s.op = 'd'", holds: (_t, s) => s.op === "d" },
  { where: "s.n > t.n", holds: (t, s) => s.n !== null && t.n !== null && s.n > t.n },
  { where: "t.part = 'a' OR op = 'u'", holds: (t, s) => t.part === "a" || s.op === "u" },
);
const matchedActions = fc.constantFrom<Pick<Matched, "becomes"> & { readonly action: object }>(
  { action: { delete: true }, becomes: undefined },
  { action: { update: "all" }, becomes: (_t, { id, n, part }) => ({ id, n, part }) },
  { action: { update: { n: "s.n" } }, becomes: (t, s) => ({ ...t, n: s.n }) },
  {
    action: { update: { part: "s.part", n: "coalesce(t.n, 0) + 1" } },
    becomes: (t, s) => ({ ...t, part: s.part, n: (t.n ?? 0) + 1 }),
  },
);
const matched: fc.Arbitrary<Matched[]> = clauses(matchedConditions, matchedActions);

const notMatched: fc.Arbitrary<NotMatched[]> = clauses(
  fc.constantFrom<{ readonly where: string; readonly holds: (t: undefined, s: SourceRow) => boolean }>(
    { where: "s.op <> 'd'", holds: (_t, s) => s.op !== "d" },
    { where: "n IS NULL", holds: (_t, s) => s.n === null },
  ),
  fc.constantFrom<Pick<NotMatched, "becomes"> & { readonly action: object }>(
    { action: { insert: "all" }, becomes: (_t, { id, n, part }) => ({ id, n, part }) },
    {
      action: { insert: { id: "s.id", part: "'a'" } },
      becomes: (_t, { id }) => ({ id, n: null, part: "a" }),
    },
  ),
);

const bySource: fc.Arbitrary<BySource[]> = clauses(
  fc.constantFrom<{ readonly where: string; readonly holds: (t: TargetRow) => boolean }>(
    { where: "t.id % 5 = 0", holds: ({ id }) => id !== null && id % 5 === 0 },
    { where: "part IS NULL", holds: ({ part }) => part === null },
  ),
  fc.constantFrom<Pick<BySource, "becomes"> & { readonly action: object }>(
    { action: { delete: true }, becomes: undefined },
    { action: { update: { n: "5" } }, becomes: (t) => ({ ...t, n: 5 }) },
    { action: { update: { part: "'b é'" } }, becomes: (t) => ({ ...t, part: "b é" }) },
  ),
);

/** None to three, of which only the last may be for all rows. */
function clauses<Clause, T, S>(
  conditions: fc.Arbitrary<{ readonly where: string; readonly holds: (t: T, s: S) => boolean }>,
  actions: fc.Arbitrary<Pick<Modelled<Clause, T, S>, "becomes"> & { readonly action: object }>,
): fc.Arbitrary<Modelled<Clause, T, S>[]> {
  const one = (isForAll: boolean): fc.Arbitrary<Modelled<Clause, T, S>> =>
    fc.tuple(conditions, actions).map(([{ where, holds }, { action, becomes }]) => ({
      clause: (isForAll ? action : { ...action, where }) as Clause,
      applies: isForAll ? () => true : holds,
      becomes,
    }));
  return fc
    .tuple(fc.array(one(false), { maxLength: 2 }), fc.array(one(true), { maxLength: 1 }))
    .map(([some, rest]) => [...some, ...rest]);
}

const sources: fc.Arbitrary<SourceRow[]> = fc
  .record({
    rows: fc.array(
      fc.record({
        id: fc.option(fc.integer({ min: 0, max: 300 }), { freq: 8 }),
        n: fc.option(fc.integer({ min: 0, max: 12 })),
        part: fc.constantFrom(...PARTS),
        op: fc.constantFrom("u", "d", "x"),
      }),
      { maxLength: 60 },
    ),
    isUnique: fc.boolean(),
  })
  .map(({ rows, isUnique }) =>
    isUnique ? rows.filter(({ id }, i) => id === null || rows.findIndex((one) => one.id === id) === i) : rows,
  );

const merges = fc
  .record({ source: sources, matched, notMatched, bySource: fc.oneof(fc.constant<BySource[]>([]), bySource) })
  .filter((merge) => merge.matched.length + merge.notMatched.length + merge.bySource.length > 0);

interface Outcome {
  readonly rows: readonly TargetRow[];
  readonly changes: readonly (readonly [string, TargetRow])[];
}

/** What a merge by `t.id = s.id` is; "ambiguous" where it says no one thing. */
function mergedByModel(
  target: readonly TargetRow[],
  merge: {
    source: readonly SourceRow[];
    matched: readonly Matched[];
    notMatched: readonly NotMatched[];
    bySource: readonly BySource[];
  },
): Outcome | "ambiguous" {
  const rows: TargetRow[] = [];
  const changes: (readonly [string, TargetRow])[] = [];
  const isSame = (a: TargetRow, b: TargetRow): boolean => rowText(a) === rowText(b);
  const change = (t: TargetRow, after: TargetRow | undefined): void => {
    if (after !== undefined) rows.push(after);
    if (after === undefined) changes.push(["delete", t]);
    else if (!isSame(t, after)) changes.push(["update_preimage", t], ["update_postimage", after]);
  };
  const [first] = merge.matched;
  const isSoleDelete =
    merge.matched.length === 1 && first!.becomes === undefined && !("where" in (first!.clause as object));
  for (const t of target) {
    const pairs = merge.source.filter(({ id }) => id !== null && id === t.id);
    if (pairs.length === 0) {
      const clause = merge.bySource.find((one) => one.applies(t, undefined));
      if (clause === undefined) rows.push(t);
      else change(t, clause.becomes?.(t, undefined));
      continue;
    }
    const found = pairs.flatMap((s) => {
      const clause = merge.matched.find((one) => one.applies(t, s));
      return clause === undefined ? [] : [{ s, clause }];
    });
    const isMatchedOnly = merge.notMatched.length + merge.bySource.length === 0;
    const addsOnly = merge.matched.length + merge.bySource.length === 0;
    const counted = isMatchedOnly || addsOnly ? found : pairs;
    if (counted.length > 1 && !isSoleDelete) return "ambiguous";
    const [only] = found;
    if (only === undefined) rows.push(t);
    else change(t, only.clause.becomes?.(t, only.s));
  }
  const ids = new Set(target.map(({ id }) => id));
  for (const s of merge.source) {
    if (s.id !== null && ids.has(s.id)) continue;
    const clause = merge.notMatched.find((one) => one.applies(undefined, s));
    if (clause === undefined) continue;
    const row = clause.becomes!(undefined, s);
    rows.push(row);
    changes.push(["insert", row]);
  }
  return { rows, changes };
}

function rowText({ id, n, part }: TargetRow): string {
  return JSON.stringify([id, n, part]);
}

function plain(row: Readonly<Record<string, unknown>>): TargetRow {
  const { id, n, part } = row;
  return { id: id === null ? null : Number(id), n: n as number | null, part: part as string | null };
}

function sorted(rows: readonly TargetRow[]): string[] {
  return rows.map(rowText).sort();
}

test("merges leave what a plain model leaves, tell what they changed, and change nothing a second time", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ isPartitioned: fc.boolean(), hasVectors: fc.boolean(), hasFeed: fc.boolean() }),
      fc.array(merges, { minLength: 1, maxLength: 4 }),
      async (kind, steps) => {
        const place = join(folder, `t${tables++}`);
        let rows: readonly TargetRow[] = await writeRowsTable(place, { ...kind, files: 6 });
        const table = tableOfEngine({ table: place, engine, scratchFolder });
        let version = 0;
        for (const merge of steps) {
          const expected = mergedByModel(rows, merge);
          const merging = table.merge(merge.source, {
            on: "t.id = s.id",
            schema: SCHEMA,
            whenMatched: merge.matched.map(({ clause }) => clause),
            whenNotMatched: merge.notMatched.map(({ clause }) => clause),
            whenNotMatchedBySource: merge.bySource.map(({ clause }) => clause),
          });
          if (expected === "ambiguous") {
            await assert.rejects(merging, (error) => isLandfallError(error, "MERGE_AMBIGUOUS"));
            continue;
          }
          const committed = await merging;
          const counts = new Map<string, number>();
          for (const [type] of expected.changes) counts.set(type, (counts.get(type) ?? 0) + 1);
          if (expected.changes.length === 0) {
            assert.equal(committed, undefined);
            continue;
          }
          rows = expected.rows;
          version++;
          const { metrics } = committed!;
          assert.deepEqual(
            [
              committed!.version,
              metrics["numTargetRowsInserted"],
              metrics["numTargetRowsUpdated"],
              metrics["numTargetRowsDeleted"],
              metrics["numSourceRows"],
            ],
            [
              version,
              counts.get("insert") ?? 0,
              counts.get("update_postimage") ?? 0,
              counts.get("delete") ?? 0,
              merge.source.length,
            ],
          );
          const found: TargetRow[] = [];
          for await (const batch of (await table.snapshot()).scan())
            for (const row of batch.rows()) found.push(plain(row));
          assert.deepEqual(sorted(found), sorted(rows));
          if (!kind.hasFeed) continue;
          const told: string[] = [];
          for await (const batch of table.changes({ from: version }))
            for (const row of batch.rows())
              told.push(`${row["_change_type"] as string} ${rowText(plain(row))}`);
          const changes = expected.changes.map(([type, row]) => `${type} ${rowText(row)}`);
          assert.deepEqual(told.sort(), changes.sort());
        }
      },
    ),
    { numRuns: Number(process.env["LANDFALL_RUNS"] ?? 10) },
  );
});
