/**
 * We, Spark and delta-rs change one table in turn, by random operations: after each step we and delta-rs read what a plain model has, and at the end
 * Spark reads it at every version, with the same changes and a history in its own words. LANDFALL_SEED repeats a run, LANDFALL_STEPS and LANDFALL_TURN_TABLES (of
 * each kind) make it longer: `LANDFALL_STEPS=60 LANDFALL_TURN_TABLES=5 node --test test/judges/writers-in-turn.spark.test.ts`.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { seededRandom, type SeededRandom } from "../../src/operate/prove/seeded-random.ts";
import { createTable } from "../../src/write/create-table.ts";
import type { WritableTable } from "../../src/write/open-table.ts";
import { checkedFolder } from "../support/checked-folder.ts";
import { judgeMissing, startJudge, type Judge } from "../support/judge.ts";
import { plainRows, sortedRows, type PlainRow } from "../support/rows-table.ts";
import {
  compareFeed,
  compareHistory,
  numbered,
  readBySpark,
  sameColumnsFrom,
  type Known,
} from "./read-in-turn.ts";

const SEED = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
const STEPS = Number(process.env["LANDFALL_STEPS"] ?? 20);
const TABLES = Number(process.env["LANDFALL_TURN_TABLES"] ?? 1);
const KINDS: Readonly<
  Record<
    string,
    { readonly partitionBy?: readonly string[]; readonly properties?: Readonly<Record<string, string>> }
  >
> = {
  partitions: { partitionBy: ["part"] },
  "vectors and a change feed": {
    properties: { "delta.enableDeletionVectors": "true", "delta.enableChangeDataFeed": "true" },
  },
  "mapped columns, partitions and a change feed": {
    partitionBy: ["part"],
    properties: { "delta.columnMapping.mode": "name", "delta.enableChangeDataFeed": "true" },
  },
};

type Writer = "we" | "spark" | "delta-rs";
const WRITERS: readonly Writer[] = ["we", "we", "spark", "delta-rs"];
const PARTS = ["a", "b c", null];

interface Condition {
  readonly sql: string;
  readonly holds: (row: PlainRow) => boolean;
}

interface Step {
  readonly what: string;
  /** By each writer that has such an operation. */
  readonly by: Partial<Record<Writer, () => Promise<unknown>>>;
  readonly after: Known;
}

describe(`one table, three writers, seed ${SEED}`, { skip: judgeMissing("spark", "delta-rs") }, () => {
  let nth = 0;
  for (const [name, options] of Object.entries(KINDS))
    for (let i = 0; i < TABLES; i++) {
      const seed = SEED + nth++;
      test(`${name}, seed ${seed}`, async (t) => {
        const random = seededRandom(seed);
        const place = join(checkedFolder(t), "table");
        const [spark, deltaRs] = [startJudge("spark", t), startJudge("delta-rs", t)];
        const schema = "id BIGINT, n INT, part STRING";
        const { partitionBy, properties = {} } = options;
        await using table = await createTable(place, { schema, partitionBy, threads: 1, memory: "512m" });
        const empty: Known = { rows: [], more: [] };
        const versions = [empty];
        if ((await table.setProperties(properties)) !== undefined) versions.push(empty);
        const first = versions.length - 1;
        const story: string[] = [];
        for (let step = 0; step < STEPS; step++) {
          const writer = random.pick(WRITERS);
          const { what, by, after } = stepOf({ random, table, place, spark, deltaRs, versions, first, step });
          const known = versions.at(-1)!;
          const act = by[writer] ?? by.we!;
          const who = by[writer] === undefined ? "we" : writer;
          const isRefused = await act().then(
            () => false,
            (error: unknown) => {
              // What delta-rs cannot do to a table of a kind is no step; we and Spark can all of these.
              if (who !== "delta-rs")
                throw new Error(`${story.join("\n")}\n${who}: ${what}`, { cause: error });
              return true;
            },
          );
          story.push(`${step}: ${who} ${isRefused ? "not " : ""}${what}`);
          const now = isRefused ? known : after;
          const snapshot = await table.snapshot();
          // Spark and an optimize may make several versions of a step, or none.
          while (versions.length <= snapshot.version) versions.push(now);
          assert.deepEqual(await plainRows(snapshot.scan()), now.rows, story.join("\n"));
          const { rows } = await deltaRs.request({ op: "read", table: place, columns: ["id", "n", "part"] });
          assert.deepEqual(sortedRows(rows.map(numbered)), now.rows, `delta-rs:\n${story.join("\n")}`);
        }
        await readBySpark(spark, { place, versions, story });
        const from = sameColumnsFrom(versions, first);
        if (properties["delta.enableChangeDataFeed"] === "true" && from < versions.length)
          await compareFeed(spark, { table, place, story, from });
        await compareHistory(spark, { table, place });
        t.diagnostic(
          `${versions.length} versions; not by delta-rs: ${story.filter((line) => line.includes("delta-rs not")).length}`,
        );
      });
    }
});

function stepOf(using: {
  readonly random: SeededRandom;
  readonly table: WritableTable;
  readonly place: string;
  readonly spark: Judge;
  readonly deltaRs: Judge;
  readonly versions: readonly Known[];
  /** From which the table has its properties. */
  readonly first: number;
  readonly step: number;
}): Step {
  const { random, table, place, spark, deltaRs, versions, first, step } = using;
  const known = versions.at(-1)!;
  const { rows, more } = known;
  const at = `delta.\`${place}\``;
  const execute = (sql: string) => (): Promise<unknown> => spark.request({ op: "execute", sql });
  const added = rowsOf(random, step);
  const where = conditionOf(random, step);
  const matched = rows.filter(where.holds);
  const left = rows.filter((row) => !where.holds(row));
  const become = (next: readonly PlainRow[]): Known => ({ rows: sortedRows(next), more });
  const changed = (row: PlainRow): PlainRow => ({ ...row, n: row.n === null ? null : row.n + 1 });
  const kind = random.below(16);
  if (kind < 5 || rows.length === 0)
    return {
      what: `append ${added.length}`,
      by: {
        we: () => table.append(added.map((row) => ({ ...row }))),
        spark: execute(`INSERT INTO ${at} (id, n, part) VALUES ${added.map(valuesOf).join(", ")}`),
        "delta-rs": () =>
          deltaRs.request({ op: "append", table: place, rows: added.map((row) => canonical(row, more)) }),
      },
      after: become([...rows, ...added]),
    };
  if (kind < 8)
    return {
      what: `delete ${where.sql}`,
      by: {
        we: () => table.delete({ where: where.sql }),
        spark: execute(`DELETE FROM ${at} WHERE ${where.sql}`),
        "delta-rs": () => deltaRs.request({ op: "delete", table: place, where: where.sql }),
      },
      after: become(left),
    };
  if (kind < 11)
    return {
      what: `update ${where.sql}`,
      by: {
        we: () => table.update({ set: { n: "n + 1" }, where: where.sql }),
        spark: execute(`UPDATE ${at} SET n = n + 1 WHERE ${where.sql}`),
        "delta-rs": () =>
          deltaRs.request({ op: "update", table: place, set: { n: "n + 1" }, where: where.sql }),
      },
      after: become([...left, ...matched.map(changed)]),
    };
  if (kind < 13)
    return {
      what: "optimize",
      by: {
        we: () => table.optimize(),
        spark: execute(`OPTIMIZE ${at}`),
        "delta-rs": () => deltaRs.request({ op: "optimize", table: place }),
      },
      after: known,
    };
  if (kind < 14) {
    const version = first + random.below(versions.length - first);
    return {
      what: `restore ${version}`,
      by: {
        we: () => table.restore({ version }),
        spark: execute(`RESTORE ${at} TO VERSION AS OF ${version}`),
      },
      after: versions[version]!,
    };
  }
  if (kind < 15)
    return {
      what: `overwrite by ${added.length}`,
      by: { we: () => table.overwrite(added.map((row) => ({ ...row }))) },
      after: become(added),
    };
  const column = `c${step}`;
  return {
    what: `add the column ${column}`,
    by: {
      we: () => table.addColumns(`${column} STRING`),
      spark: execute(`ALTER TABLE ${at} ADD COLUMNS (${column} STRING)`),
    },
    after: { rows, more: [...more, column] },
  };
}

function rowsOf(random: SeededRandom, step: number): PlainRow[] {
  return Array.from({ length: 1 + random.below(12) }, (_, i) => ({
    id: step * 100 + i,
    n: random.chance(0.2) ? null : random.below(10),
    part: random.pick(PARTS),
  }));
}

function conditionOf(random: SeededRandom, step: number): Condition {
  const [by, from] = [2 + random.below(8), random.below((step + 1) * 100)];
  return random.pick<Condition>([
    { sql: `id % ${by} = 1`, holds: ({ id }) => id % by === 1 },
    { sql: `id >= ${from} AND id < ${from + 150}`, holds: ({ id }) => id >= from && id < from + 150 },
    { sql: "part = 'b c'", holds: ({ part }) => part === "b c" },
    { sql: "part IS NULL AND n > 4", holds: ({ part, n }) => part === null && n !== null && n > 4 },
    { sql: "n IS NULL", holds: ({ n }) => n === null },
  ]);
}

function valuesOf({ id, n, part }: PlainRow): string {
  return `(${id}, ${n ?? "NULL"}, ${part === null ? "NULL" : `'${part}'`})`;
}

function canonical({ id, n, part }: PlainRow, more: readonly string[]): Record<string, unknown> {
  return { id: `${id}`, n, part, ...Object.fromEntries(more.map((name) => [name, null])) };
}
