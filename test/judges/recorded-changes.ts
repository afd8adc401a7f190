/** The changes of a table that Spark made by random operations, as Spark read them (tools/judges/README.md, `randomTables`). */
import assert from "node:assert/strict";

import { isLandfallError, messageOf } from "../../src/base/landfall-error.ts";
import { openTable } from "../../src/delta.ts";
import { canonicalRowsIn } from "../support/canonical-columns.ts";
import { sortRows, type CanonicalRow } from "../support/canonical-rows.ts";
import { refusalOf, type NamedType } from "../support/canonical-values.ts";
import type { Tally } from "../support/tally.ts";
import { storyOf, withPlainVariants, type RecordedTable } from "./recorded-table.ts";

export interface RecordedChanges {
  /** Versions. */
  readonly from: number;
  readonly to: number;
  readonly schema?: readonly NamedType[];
  readonly rows?: readonly CanonicalRow[];
  /** Why Spark would not read them. */
  readonly refused?: string;
}

/** Our changes are those that Spark read. Where it refused, what we do is told; where we refuse alone, it is counted or a fault. */
export async function compareChanges(made: RecordedTable, outcomes: Tally): Promise<void> {
  await using table = openTable(made.table, { threads: 1 });
  for (const recorded of made.changes ?? []) {
    const { from, to, schema, rows, refused } = recorded;
    const where = `seed ${made.seed}, changes from ${from} to ${to}`;
    let read: CanonicalRow[];
    try {
      read = await canonicalRowsIn(table.changes({ from, to }));
    } catch (error) {
      outcomes.count(...judgeError(error, recorded, storyOf(made, where)));
      continue;
    }
    if (rows === undefined || schema === undefined) {
      outcomes.count("changes that Spark alone refused", refused ?? "");
      continue;
    }
    // Spark shows the columns of the newest version, which may be more than those at the end of the range.
    const plain = withPlainVariants({ schema });
    const asTheirs = sortRows(
      read.map((row) => plain(Object.fromEntries(schema.map(({ name }) => [name, row[name] ?? null])))),
    );
    const theirs = sortRows(rows.map(plain));
    assert.deepEqual(asTheirs, theirs, storyOf(made, where));
    outcomes.count("changes read", rows.length === 0 ? "alike, and none" : "alike");
  }
}

function judgeError(error: unknown, { rows }: RecordedChanges, story: string): [string, string] {
  const refusal = refusalOf(error);
  if (rows === undefined) return ["changes that both refused", messageOf(error).replaceAll(/\d+/g, "…")];
  if (refusal !== undefined) return ["changes refused", refusal];
  // Spark gives rows under a schema in which some of their columns are gone.
  if (isLandfallError(error, "CHANGES_UNLIKE_SCHEMA"))
    return ["changes that Landfall alone refused", messageOf(error).replaceAll(/\d+|\/\S+/g, "…")];
  throw new Error(`${messageOf(error)}\n${story}`, { cause: error });
}
