/**
 * Processes of ours and Spark append to one table on local disk at the very same time. Spark's log store is not put-if-absent across processes there, so
 * that it may replace a commit of ours: how often that was noticed, and how often not, is told. What must hold whatever happens: Spark loses nothing,
 * nobody's row is there twice, and a row of ours is missing only where its version is another's commit now. LANDFALL_SPARK_COMMITS=200 for more by hand.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createTable } from "../../src/write/create-table.ts";
import type { AppendReport } from "../support/append-process.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const PROCESSES = 3;
const COMMITS = Number(process.env["LANDFALL_SPARK_COMMITS"] ?? 6);
/** Of Spark in the table's column `w`. */
const SPARK = 99;

test(
  `${PROCESSES} processes of ours and Spark at the same moment, ${COMMITS} commits of Spark`,
  { skip: judgeMissing("spark"), timeout: 3_600_000 },
  async (t) => {
    const place = join(temporaryFolder(t), "table");
    await using table = await createTable(place, {
      schema: "w BIGINT, id BIGINT",
      threads: 1,
      memory: "256m",
    });
    const spark = startJudge("spark", t);
    const ours = Array.from({ length: PROCESSES }, (_, writer) => appending(place, writer));
    t.after(() => ours.forEach(({ child }) => child.kill("SIGKILL")));
    for (let id = 0; id < COMMITS; id++)
      await spark.request({
        op: "executeAll",
        statements: [`INSERT INTO delta.\`${place}\` VALUES (${SPARK}, ${id})`],
      });
    const reports = await Promise.all(ours.map(({ finish }) => finish()));

    const there = new Map<string, number>();
    for await (const batch of (await table.snapshot()).scan())
      for (const row of batch.rows()) {
        const key = `${Number(row["w"])} ${Number(row["id"])}`;
        there.set(key, (there.get(key) ?? 0) + 1);
      }
    const twice = [...there].filter(([, times]) => times > 1);
    assert.deepEqual(twice, []);
    for (let id = 0; id < COMMITS; id++)
      assert.ok(there.has(`${SPARK} ${id}`), `Spark's row ${id} is not there`);
    const lost = reports.flatMap(({ versions }, writer) =>
      versions.filter((_, id) => !there.has(`${writer} ${id}`)),
    );
    for (const version of lost)
      assert.match(commitOf(place, version), /"engineInfo":"Apache-Spark/, `version ${version}`);
    const told = reports.reduce((sum, { versions }) => sum + versions.length, 0);
    const noticed = reports.reduce((sum, report) => sum + report.noticed, 0);
    assert.equal(there.size, told + COMMITS - lost.length);
    t.diagnostic(
      `${told} commits of ours beside ${COMMITS} of Spark: ${noticed + lost.length} replaced by Spark, of them ${noticed} noticed and committed again, ${lost.length} lost`,
    );
  },
);

function appending(
  place: string,
  writer: number,
): { readonly child: ChildProcess; readonly finish: () => Promise<AppendReport> } {
  const program = join(import.meta.dirname, "../support/append-process.ts");
  const child = spawn(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    program,
    place,
    String(writer),
  ]);
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  return {
    child,
    async finish() {
      child.stdin.end();
      const [out, err] = await said;
      assert.notEqual(out, "", `writer ${writer}: ${err}`);
      return JSON.parse(out) as AppendReport;
    },
  };
}

function commitOf(place: string, version: number): string {
  return readFileSync(join(place, "_delta_log", `${String(version).padStart(20, "0")}.json`), "utf8");
}
