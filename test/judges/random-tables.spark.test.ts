/**
 * Tables that Spark made by random operations: at every version our rows are those that Spark read, and so are schema and counts.
 * delta-rs and chdb read them, too; who refuses what is told at the end. LANDFALL_SEED repeats a run, LANDFALL_TABLES says how many
 * tables (300 by hand: `LANDFALL_TABLES=300 LANDFALL_SEED=1 node --test test/judges/random-tables.spark.test.ts`).
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { isLandfallError, messageOf } from "../../src/base/landfall-error.ts";
import { sortRows, withoutNestedNulls, type CanonicalRow } from "../support/canonical-rows.ts";
import { namedTypes, refusalOf, type NamedType } from "../support/canonical-values.ts";
import { judgeMissing, startJudge, type Judge } from "../support/judge.ts";
import { readVersion } from "../support/read-version.ts";
import { testEngine } from "../support/test-engine.ts";
import { tally } from "../support/tally.ts";

const TABLES = Number(process.env["LANDFALL_TABLES"] ?? 30);
const AT_ONCE = 2;
const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
const seeds = Array.from({ length: TABLES }, (_, at) => seed + at);

/** What we say no to by name; nothing else may be refused. */
const REFUSED_BY_NAME =
  /it needs (?:the table feature (?:columnMapping|deletionVectors|v2Checkpoint|typeWidening|variantType)\b|a multi-part checkpoint)/;

interface RecordedTable {
  readonly seed: number;
  readonly table: string;
  readonly statements: readonly {
    readonly operation: string;
    readonly version: number;
    readonly refused?: string;
  }[];
  readonly versions: readonly {
    readonly version: number;
    readonly schema: readonly NamedType[];
    readonly rows: readonly CanonicalRow[];
    /** False where Spark itself no longer reads it, after a vacuum. */
    readonly readable: boolean;
  }[];
  readonly history: number;
}

const skip = judgeMissing("spark", "delta-rs", "chdb");

describe(`tables by Spark's random operations, seed ${seed}`, { skip }, () => {
  const engine = testEngine();
  const folder = mkdtempSync(join(tmpdir(), "landfall-random-"));
  const asked = new Map<number, Promise<{ readonly tables: readonly RecordedTable[] }>>();
  const outcomes = tally();
  let deltaRs: Judge;
  let chdb: Judge;
  before(() => {
    const spark = startJudge("spark");
    [deltaRs, chdb] = [startJudge("delta-rs"), startJudge("chdb")];
    // All at once: Spark makes the next ones while we read.
    for (let at = 0; at < TABLES; at += AT_ONCE) {
      const answer = spark.request<{ tables: RecordedTable[] }>({
        op: "randomTables",
        folder,
        seeds: seeds.slice(at, at + AT_ONCE),
      });
      // A failure is told by each test that waits for it.
      answer.catch(() => undefined);
      asked.set(at / AT_ONCE, answer);
    }
  });
  after(async () => {
    await Promise.all([deltaRs, chdb].map((judge) => judge.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [at, own] of seeds.entries()) {
    test(`table of seed ${own}: every version as Spark read it`, async (t) => {
      const { tables } = await asked.get(Math.floor(at / AT_ONCE))!;
      const made = tables.find((table) => table.seed === own)!;
      for (const version of made.versions) await compare(made, version);
      await Promise.all([compareWith(deltaRs, "delta-rs", made), compareWith(chdb, "chdb", made)]);
      rmSync(join(made.table, ".."), { recursive: true, force: true });
      for (const { operation, refused } of made.statements)
        if (refused !== undefined) outcomes.count(`Spark refused ${operation.split(" ")[0]}`, refused);
      t.diagnostic(`${made.statements.length} operations, ${made.versions.length} versions`);
    });
  }

  test("enough was compared, and what was refused was refused by a stated name", (t) => {
    for (const line of outcomes.lines()) t.diagnostic(line);
    const compared = outcomes.of("landfall read");
    assert.ok(compared >= TABLES, `${compared} versions compared`);
  });

  async function compare(made: RecordedTable, recorded: RecordedTable["versions"][number]): Promise<void> {
    const { version, readable } = recorded;
    const where = `seed ${made.seed}, version ${version}`;
    let read;
    try {
      read = await readVersion({ table: made.table, version, engine, scratchFolder: folder });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) {
        assert.match(refusal, REFUSED_BY_NAME, where);
        outcomes.count("landfall refused", refusal);
        return;
      }
      // What a vacuum took away is gone for all; it must be an error that can be told.
      if (readable || !isLandfallError(error)) throw new Error(story(made, where), { cause: error });
      outcomes.count("landfall: gone by a vacuum", error.code);
      return;
    }
    assert.deepEqual(read.fields, namedTypes(recorded.schema), story(made, where));
    assert.deepEqual(read.rows, sortRows(recorded.rows), story(made, where));
    if (read.numRecords !== undefined) assert.equal(read.numRecords, recorded.rows.length, where);
    outcomes.count("landfall read", "alike");
  }

  /** Only told: a judge that reads other rows than Spark is no fault of ours. */
  async function compareWith(judge: Judge, name: string, made: RecordedTable): Promise<void> {
    const newest = made.versions.at(-1)!;
    const types = Object.fromEntries(newest.schema.map((field) => [field.name, field.type]));
    try {
      const { rows } = await judge.request({
        op: "read",
        table: made.table,
        ...(name === "chdb" ? { types } : {}),
      });
      const same = isSame(withoutNestedNulls(rows, types), withoutNestedNulls(newest.rows, types));
      outcomes.count(`${name} read`, same ? "alike" : `other rows than Spark, seed ${made.seed}`);
    } catch (error) {
      outcomes.count(`${name} refused`, messageOf(error).replaceAll(made.table, "the table"));
    }
  }
});

function isSame(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

/** How the table came to be, for whoever looks for the fault. */
function story(made: RecordedTable, where: string): string {
  const lines = made.statements.map(
    ({ version, operation, refused }) =>
      `${version}: ${operation}${refused === undefined ? "" : ` (refused: ${refused})`}`,
  );
  return `${where} of a table made by\n${lines.join("\n")}\n(LANDFALL_TABLES=1 LANDFALL_SEED=${made.seed})`;
}
