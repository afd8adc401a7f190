/** Tables that a judge made by random operations, with what it read at each version (tools/judges/README.md, `randomTables`). */
import assert from "node:assert/strict";

import { isLandfallError, messageOf } from "../../src/base/landfall-error.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { sortRows, withoutNestedNulls, type CanonicalRow } from "../support/canonical-rows.ts";
import { namedTypes, refusalOf, type NamedType } from "../support/canonical-values.ts";
import type { Judge } from "../support/judge.ts";
import { readVersion } from "../support/read-version.ts";
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

/** Every version: our rows, schema and counts are those that were recorded. What came of each version is counted. */
export async function compareVersions(
  made: RecordedTable,
  { engine, scratchFolder, outcomes }: { engine: Engine; scratchFolder: string; outcomes: Tally },
): Promise<void> {
  for (const recorded of made.versions) {
    const { version } = recorded;
    const where = `seed ${made.seed}, version ${version}`;
    let read;
    try {
      read = await readVersion({ table: made.table, version, engine, scratchFolder });
    } catch (error) {
      outcomes.count(...judgeError(error, made, recorded));
      continue;
    }
    assert.deepEqual(read.fields, namedTypes(recorded.schema), storyOf(made, where));
    assert.deepEqual(
      read.rows,
      sortRows(recorded.rows.map(withPlainVariants(recorded))),
      storyOf(made, where),
    );
    if (read.numRecords !== undefined) assert.equal(read.numRecords, recorded.rows.length, where);
    outcomes.count("landfall read", "alike");
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

/** Documents are compared as data, not as text. */
export function withPlainVariants({
  schema,
}: Pick<RecordedVersion, "schema">): (row: CanonicalRow) => CanonicalRow {
  const variants = schema.filter(({ type }) => type === "variant").map(({ name }) => name);
  if (variants.length === 0) return (row) => row;
  return (row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        variants.includes(name) && typeof value === "string" ? JSON.stringify(JSON.parse(value)) : value,
      ]),
    );
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
