/**
 * Ten processes of ours and delta-rs change one table at once: nothing is lost, nothing doubled, whatever was refused was a conflict, and each of our
 * commits obeys the protocol. `LANDFALL_COMMITS=5000 LANDFALL_SEED=1 node --test test/judges/many-writers.judge.test.ts` for more by hand.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createTable } from "../../src/write/create-table.ts";
import { openTable } from "../../src/write/open-table.ts";
import { seededRandom } from "../../src/operate/prove/seeded-random.ts";
import { checkCommitsBelow } from "../support/checked-folder.ts";
import { judgeMissing, startJudge, type Judge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { COUNTERS, type WriterReport } from "../support/writer-process.ts";

const WRITERS = 10;
const COMMITS = Number(process.env["LANDFALL_COMMITS"] ?? 200);
const SEED = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
/** Of delta-rs in the table's column `w`. */
const DELTA_RS = 99;
const LIMITS = { threads: 1, memory: "512m" };

interface Kind {
  readonly name: string;
  readonly commits: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly besideDeltaRs: boolean;
}

const KINDS: readonly Kind[] = [
  { name: "rewritten files, beside delta-rs", commits: COMMITS, properties: {}, besideDeltaRs: true },
  {
    name: "deletion vectors, a change feed, row ids and in-commit timestamps",
    commits: Math.ceil(COMMITS / 5),
    properties: {
      "delta.enableDeletionVectors": "true",
      "delta.enableChangeDataFeed": "true",
      "delta.feature.rowTracking": "supported",
      "delta.enableInCommitTimestamps": "true",
    },
    besideDeltaRs: false,
  },
];

for (const { name, commits, properties, besideDeltaRs } of KINDS)
  test(
    `${WRITERS} processes at once: ${name}, seed ${SEED}`,
    { skip: judgeMissing("delta-rs") },
    async (t) => {
      const place = join(temporaryFolder(t), "table");
      await using table = await createTable(place, {
        schema: "w BIGINT, id BIGINT, v BIGINT",
        ...LIMITS,
      });
      await table.setProperties(properties);
      await table.append(Array.from({ length: COUNTERS }, (_, id) => ({ w: 0, id, v: 0 })));
      const first = (await table.snapshot()).version;

      const each = Math.ceil(commits / WRITERS);
      const beside = besideDeltaRs ? writeByDeltaRs(startJudge("delta-rs", t), place, 2 * each) : undefined;
      const reports = await Promise.all(
        Array.from({ length: WRITERS }, (_, i) => run([place, i + 1, SEED + i, each].map(String))),
      );
      const byDeltaRs = await beside;

      const refusals: Record<string, number> = {};
      for (const report of reports)
        for (const [code, count] of Object.entries(report.refusals))
          refusals[code] = (refusals[code] ?? 0) + count;
      t.diagnostic(
        `refused and asked again: ${JSON.stringify(refusals)}; delta-rs: ${byDeltaRs === undefined ? "not there" : `${byDeltaRs.refused}, of ${byDeltaRs.commits} commits ${byDeltaRs.merges} merges`}`,
      );

      const expected = [
        ...Array.from({ length: COUNTERS }, (_, id) => [
          0,
          id,
          reports.reduce((sum, { raised }) => sum + raised[id]!, 0),
        ]),
        ...reports.flatMap(({ rows }, i) => rows.map(([id, v]) => [i + 1, id, v])),
        ...[...(byDeltaRs?.rows ?? [])].map(([id, v]) => [DELTA_RS, id, v]),
      ];
      assert.deepEqual(await rowsOf(place), sorted(expected));

      const told = reports.flatMap(({ versions }) => versions);
      assert.equal(new Set(told).size, told.length, "one version was told to two writers");
      const made = told.length + reports.reduce((sum, { optimized }) => sum + optimized, 0);
      const log = readdirSync(join(place, "_delta_log")).filter((file) => /^\d{20}\.json$/.test(file));
      assert.deepEqual(
        log.sort().map((file) => parseInt(file, 10)),
        Array.from({ length: first + 1 + made + (byDeltaRs?.commits ?? 0) }, (_, version) => version),
      );
      assert.ok(checkCommitsBelow(place) >= made);
      assert.deepEqual((await table.check({ data: true })).findings, []);
      const judge = startJudge("delta-rs", t);
      if (besideDeltaRs) {
        const { rows } = await judge.request({ op: "read", table: place });
        assert.deepEqual(sorted(rows.map(({ w, id, v }) => [w, id, v].map(Number))), sorted(expected));
      }
    },
  );

/** It ends with an error where the writer does. */
async function run(args: readonly string[]): Promise<WriterReport> {
  const program = join(import.meta.dirname, "../support/writer-process.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args]);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.notEqual(out, "", `writer ${args[1]}: ${err}`);
  return JSON.parse(out) as WriterReport;
}

/** Appends rows, deletes and merges some of them. It is faster than ours, and without an end would rewrite under them what they rewrite. */
async function writeByDeltaRs(
  judge: Judge,
  table: string,
  count: number,
): Promise<{
  readonly rows: ReadonlyMap<number, number>;
  readonly commits: number;
  readonly merges: number;
  readonly refused: number;
}> {
  const random = seededRandom(SEED);
  const rows = new Map<number, number>();
  const rowOf = (id: number, v: number): Record<string, string> => ({
    w: String(DELTA_RS),
    id: String(id),
    v: String(v),
  });
  let [commits, merges, refused, next] = [0, 0, 0, 1];
  while (commits < count) {
    const id = rows.size > 0 && random.chance(0.6) ? random.pick([...rows.keys()]) : undefined;
    const isMerge = random.chance(0.5);
    try {
      if (id === undefined) {
        await judge.request({ op: "append", table, rows: [rowOf(next, 0)] });
        rows.set(next++, 0);
      } else if (isMerge) {
        const source = [rowOf(id, commits), rowOf(next, 1)];
        await judge.request({
          op: "merge",
          table,
          rows: source,
          on: "t.w = s.w AND t.id = s.id",
          deleteWhere: "s.v < 0",
        });
        rows.set(id, commits).set(next++, 1);
        merges++;
      } else {
        await judge.request({ op: "delete", table, where: `w = ${DELTA_RS} AND id = ${id}` });
        rows.delete(id);
      }
      commits++;
    } catch (error) {
      // delta-rs gives up where another's commit is in its way.
      assert.match(String(error), /CommitFailedError/);
      refused++;
    }
  }
  return { rows, commits, merges, refused };
}

function sorted(rows: readonly (readonly number[])[]): number[][] {
  return rows.map((row) => [...row]).sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
}

async function rowsOf(place: string): Promise<number[][]> {
  await using table = openTable(place, LIMITS);
  const rows: number[][] = [];
  for await (const batch of (await table.snapshot()).scan())
    for (const row of batch.rows()) rows.push([row["w"], row["id"], row["v"]].map(Number));
  return sorted(rows);
}
