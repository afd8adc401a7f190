/** Tables that a judge made by random operations, with what it read at each version (tools/judges/README.md, `randomTables`). */
import assert from "node:assert/strict";

import { isLandfallError, messageOf } from "../../src/base/landfall-error.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { seededRandom } from "../../src/operate/prove/seeded-random.ts";
import { openToRead, type DeltaTable } from "../../src/table/open-table.ts";
import type { TableSnapshot } from "../../src/table/table-snapshot.ts";
import { sortRows, withoutNestedNulls, type CanonicalRow } from "../support/canonical-rows.ts";
import { namedTypes, refusalOf, type NamedType } from "../support/canonical-values.ts";
import type { Judge } from "../support/judge.ts";
import { queriedRows } from "../support/queried-rows.ts";
import { randomCondition } from "../support/random-condition.ts";
import { readByLibrary, scannedRows } from "../support/read-by-library.ts";
import type { Tally } from "../support/tally.ts";
import type { RecordedChanges } from "./recorded-changes.ts";

export interface RecordedTable {
  readonly seed: number;
  readonly table: string;
  readonly statements: readonly {
    readonly operation: string;
    readonly version: number;
    readonly refused?: string;
  }[];
  readonly versions: readonly RecordedVersion[];
  /** Commits in its history. */
  readonly history: number;
  /** Of tables that Spark made with a change data feed. */
  readonly changes?: readonly RecordedChanges[];
  /** The version that the maker picks for a time in milliseconds since 1970; none where it refuses the time. Spark's alone. */
  readonly times?: readonly {
    readonly time: number;
    readonly version?: number;
    readonly refused?: string;
  }[];
}

export interface RecordedVersion {
  readonly version: number;
  readonly schema: readonly NamedType[];
  readonly rows: readonly CanonicalRow[];
  /** False where a vacuum may have taken files of it. */
  readonly readable: boolean;
}

/** What we say no to by name; nothing else may be refused. */
const REFUSED_BY_NAME = /as a shredded VARIANT, which Landfall does not read yet/;

/** Conditions that each version is read with. */
const CONDITIONS = 2;

/**
 * Every version, by `landfall/delta`: rows, schema and counts are those that were recorded, and so are the rows that random conditions
 * keep. The newest is read by a query, too. What came of each version is counted.
 */
export async function compareVersions(
  made: RecordedTable,
  { engine, scratchFolder, outcomes }: { engine: Engine; scratchFolder: string; outcomes: Tally },
): Promise<void> {
  await using table = openToRead(made.table, { memory: "512m", threads: 2 }).table;
  for (const recorded of made.versions) {
    const { version } = recorded;
    const where = storyOf(made, `seed ${made.seed}, version ${version}`);
    const expected = sortRows(recorded.rows.map(withPlainVariants(recorded)));
    let read;
    try {
      read = await readByLibrary(table, { version });
    } catch (error) {
      outcomes.count(...judgeError(error, made, recorded));
      continue;
    }
    assert.deepEqual(read.fields, namedTypes(recorded.schema), where);
    assert.deepEqual(read.rows, expected, where);
    assert.equal(await read.snapshot.count(), expected.length, where);
    await compareConditions(read.snapshot, { made, rows: expected, outcomes });
    if (recorded === made.versions.at(-1)) {
      const queried = await queriedRows({ table: made.table, fields: read.fields, engine, scratchFolder });
      assert.deepEqual(queried, expected, where);
    }
    outcomes.count("landfall read", "alike");
  }
  await compareHistory(table, made, outcomes);
}

/** The rows that a condition keeps are those of all rows, filtered without an engine; what is skipped and what is read are all files. */
async function compareConditions(
  snapshot: TableSnapshot,
  of: { readonly made: RecordedTable; readonly rows: readonly CanonicalRow[]; readonly outcomes: Tally },
): Promise<void> {
  const { made, rows, outcomes } = of;
  const random = seededRandom(made.seed * 1000 + snapshot.version);
  const { files: all } = await snapshot.files();
  for (let i = 0; i < CONDITIONS; i++) {
    const condition = randomCondition({ random, fields: snapshot.schema.fields, rows });
    if (condition === undefined) return;
    const { sql } = condition;
    const where = storyOf(made, `seed ${made.seed}, version ${snapshot.version}, where ${sql}`);
    const kept = rows.filter((row) => condition.of(row) === true);
    assert.deepEqual(await scannedRows(snapshot, { where: sql }), kept, where);
    const { files, skipped } = await snapshot.files({ where: sql });
    assert.equal(files.length + skipped.files, all.length, where);
    const names = new Set(all.map(({ path }) => path));
    assert.ok(
      files.every(({ path }) => names.has(path)),
      where,
    );
    outcomes.count("landfall read with a condition", skipped.files === 0 ? "of all files" : "of fewer files");
  }
}

/** What the maker says of the table's past: how many commits, and which version a time means. */
async function compareHistory(table: DeltaTable, made: RecordedTable, outcomes: Tally): Promise<void> {
  const history = await table.history();
  assert.equal(history.length, made.history, `commits of seed ${made.seed}`);
  for (const { time, version, refused } of made.times ?? []) {
    const where = storyOf(made, `seed ${made.seed}, at ${time} (${refused ?? `version ${version}`})`);
    const found = await versionOf(table, time);
    assert.equal(found, version, where);
    outcomes.count("landfall: version of a time", found === undefined ? "outside of the history" : "alike");
  }
}

/** Undefined for a time before or after the history. */
async function versionOf(table: DeltaTable, timestamp: number): Promise<number | undefined> {
  try {
    return (await table.snapshot({ timestamp })).version;
  } catch (error) {
    if (isLandfallError(error, "TABLE_VERSION_MISSING")) return undefined;
    throw error;
  }
}

function judgeError(error: unknown, made: RecordedTable, recorded: RecordedVersion): [string, string] {
  const where = `seed ${made.seed}, version ${recorded.version}`;
  const refusal = refusalOf(error);
  if (refusal !== undefined) {
    assert.match(refusal, REFUSED_BY_NAME, where);
    return ["landfall refused", refusal];
  }
  // What a vacuum took away is gone for all; the error names it.
  if (recorded.readable || !isLandfallError(error, "OBJECT_MISSING"))
    throw new Error(`${messageOf(error)}\n${storyOf(made, where)}`, { cause: error });
  return ["landfall: gone by a vacuum", error.code];
}

/**
 * Documents are compared as data, not as text. Spark's files say which columns are variants, and of those DuckDB has one null for a variant
 * of JSON's null and for none (docs/support-matrix.md).
 */
export function withPlainVariants({
  schema,
}: Pick<RecordedVersion, "schema">): (row: CanonicalRow) => CanonicalRow {
  const variants = schema.filter(({ type }) => type === "variant").map(({ name }) => name);
  if (variants.length === 0) return (row) => row;
  return (row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        variants.includes(name) && typeof value === "string" ? plainDocument(value) : value,
      ]),
    );
}

function plainDocument(text: string): string | null {
  const value: unknown = JSON.parse(text);
  return value === null ? null : JSON.stringify(value);
}

/** Another judge on the newest version. Only told: one that reads other rows than the maker is no fault of ours. */
export async function compareJudge(
  made: RecordedTable,
  { judge, name, outcomes }: { judge: Judge; name: "delta-rs" | "chdb"; outcomes: Tally },
): Promise<void> {
  const newest = made.versions.at(-1)!;
  const types = Object.fromEntries(newest.schema.map((field) => [field.name, field.type]));
  try {
    const asked = { op: "read", table: made.table, ...(name === "chdb" ? { types } : {}) };
    const { rows } = await judge.request(asked);
    const isAlike = isSame(withoutNestedNulls(rows, types), withoutNestedNulls(newest.rows, types));
    outcomes.count(`${name} read`, isAlike ? "alike" : `other rows than the maker, seed ${made.seed}`);
  } catch (error) {
    outcomes.count(`${name} refused`, messageOf(error).replaceAll(made.table, "the table"));
  }
}

export function countRefused(made: RecordedTable, outcomes: Tally): void {
  for (const { operation, refused } of made.statements)
    if (refused !== undefined) outcomes.count(`the maker refused ${operation.split(" ")[0]}`, refused);
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

/** How the table came to be, for whoever looks for the fault. */
export function storyOf(made: RecordedTable, where: string): string {
  const lines = made.statements.map(
    ({ version, operation, refused }) =>
      `${version}: ${operation}${refused === undefined ? "" : ` (refused: ${refused})`}`,
  );
  return `${where} of a table made by\n${lines.join("\n")}\n(LANDFALL_TABLES=1 LANDFALL_SEED=${made.seed})`;
}
