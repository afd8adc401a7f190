/** Two at once: on one ledger the second is refused; with a ledger each, the number and the commit's condition decide. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { holdAt, idsOf, ingestEnds, place } from "../support/hard-case.ts";
import { runLandfall } from "../support/run-landfall.ts";

test("a second process on the same ledger is told who holds the pipeline, and the first ends undisturbed", async (t) => {
  const { folder, source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1 }));
  const first = await holdAt(t, { point: "plan.after:1", args: ["ingest", source, table], folder });
  const refusal = await ingestEnds([source, table], { code: 4, error: "PIPELINE_HELD" });
  assert.match(refusal, new RegExp(`Process ${first.child.pid} `));
  first.release();
  assert.equal((await first.ended).code, 0);
  assert.deepEqual(await idsOf(table), ["1"]);
});

for (const point of [
  "plan.after:1",
  "stage.read:1",
  "stage.manifest:1",
  "stage.after:1",
  "commit.before:1",
]) {
  test(`a host that stood still at ${point} while another host committed the same files loses, and doubles nothing`, async (t) => {
    const { folder, source, table } = place(t);
    arrive(join(source, "a.json"), lines({ id: 1 }));
    arrive(join(source, "b.json"), lines({ id: 2 }));
    const state = (host: string): string[] => ["--state", join(folder, host)];
    const slow = await holdAt(t, { point, args: ["ingest", source, table, ...state("one")], folder });
    await ingestEnds([source, table, ...state("two")], { code: 0 });
    slow.release();
    const end = await slow.ended;
    assert.equal(end.code, 0, end.stderr);
    assert.match(end.stdout, /batch 1 was planned again: batch 1 was committed by another process/);
    assert.deepEqual(await idsOf(table), ["1", "2"]);
    arrive(join(source, "c.json"), lines({ id: 3 }));
    await ingestEnds([source, table, ...state("one")], { code: 0 });
    await ingestEnds([source, table, ...state("two")], { code: 0 });
    assert.deepEqual(await idsOf(table), ["1", "2", "3"]);
    assert.deepEqual(parquetFiles(table).length, 2, "the lost attempt's file is gone");
  });
}

test("a host that stood still after its commit finds its batch taken in by another host, and settles it all the same", async (t) => {
  const { folder, source, table } = place(t);
  arrive(join(source, "a.json"), lines({ id: 1 }));
  const args = ["ingest", source, table, "--state", join(folder, "one")];
  const slow = await holdAt(t, { point: "commit.after:1", args, folder });
  arrive(join(source, "b.json"), lines({ id: 2 }));
  await ingestEnds([source, table, "--state", join(folder, "two")], { code: 0 });
  slow.release();
  const end = await slow.ended;
  assert.equal(end.code, 0, end.stderr);
  await ingestEnds([source, table, "--state", join(folder, "one")], { code: 0 });
  assert.deepEqual(await idsOf(table), ["1", "2"]);
});

test("two hosts that race for many small batches double and lose nothing", async (t) => {
  const { folder, source, table } = place(t);
  const expected = Array.from({ length: 12 }, (_none, i) => String(100 + i));
  for (const id of expected) arrive(join(source, `${id}.json`), lines({ id: Number(id) }));
  const run = (host: string): ReturnType<typeof runLandfall> =>
    runLandfall(["ingest", source, table, "--state", join(folder, host), "--max-files-per-trigger", "2"]);
  const ends = await Promise.all([run("one"), run("two")]);
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0],
    ends.map(({ stderr }) => stderr).join("\n"),
  );
  assert.deepEqual(await idsOf(table), expected);
});

function parquetFiles(table: string): readonly string[] {
  return readdirSync(table).filter((name) => name.endsWith(".parquet"));
}
