/** A file that kills the engine's process: found by halves and quarantined, while every other file gets into the table. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { idsOf, place, type Place } from "../support/hard-case.ts";
import { runLandfall } from "../support/run-landfall.ts";

const POISON = { LANDFALL_FAULT: "engine.reads:1:poison=arsenic" };

async function ingest(where: Place, code: number, env = POISON): Promise<string> {
  const result = await runLandfall(["ingest", where.source, where.table, "--pipeline", "p"], { env });
  assert.equal(result.code, code, `${result.stdout}${result.stderr}`);
  return result.stdout + result.stderr;
}

async function files(where: Place, state: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await runLandfall(["files", "list", where.table, "--in", state, "--json"]);
  return (JSON.parse(stdout) as { files: Record<string, unknown>[] }).files;
}

test("one poisoned file among many is quarantined with the signal, and every other file is committed", async (t) => {
  const where = place(t);
  for (let i = 0; i < 7; i++) arrive(join(where.source, `${i}.json`), lines({ id: i }));
  arrive(join(where.source, "bad.json"), lines({ id: 99, name: "arsenic" }));
  await ingest(where, 1);
  assert.deepEqual(await idsOf(where.table), ["0", "1", "2", "3", "4", "5", "6"]);
  const { stdout } = await runLandfall(["files", "show", where.table, "bad.json", "--json"]);
  const [{ generations }] = (
    JSON.parse(stdout) as {
      files: [{ generations: { state: string; reason: string; timeline: { event: string }[] }[] }];
    }
  ).files;
  assert.equal(generations[0]!.state, "quarantined");
  assert.match(generations[0]!.reason, /SIGKILL.*died [2-9] times/);
  assert.equal((await runLandfall(["verify", where.table, "--data"])).code, 0);
  rmSync(join(where.table, "_landfall/p/ledger.db"));
  await ingest(where, 0);
  assert.equal((await files(where, "quarantined")).length, 1, "a rebuilt ledger knows it too");
});

test("a poisoned file that is alone is tried twice, and the first batch then makes the table without it", async (t) => {
  const where = place(t);
  arrive(join(where.source, "bad.json"), lines({ id: 99, name: "arsenic" }));
  const text = await ingest(where, 1);
  assert.equal(text.match(/was planned again/g)?.length ?? 0, 1, text);
  arrive(join(where.source, "good.json"), lines({ id: 1 }));
  await ingest(where, 0);
  assert.deepEqual(await idsOf(where.table), ["1"]);
});

test("two poisoned files are both found", async (t) => {
  const where = place(t);
  for (let i = 0; i < 4; i++) arrive(join(where.source, `${i}.json`), lines({ id: i }));
  for (const name of ["a-bad.json", "z-bad.json"])
    arrive(join(where.source, name), lines({ name: "arsenic" }));
  await ingest(where, 1);
  assert.deepEqual(await idsOf(where.table), ["0", "1", "2", "3"]);
  assert.equal((await files(where, "quarantined")).length, 2);
});
