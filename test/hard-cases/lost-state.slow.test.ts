/** State that is lost, damaged, newer than this program, or of another table: healed where the truth is there, else named. */
import assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { holdAt, idsOf, ingestEnds, place, type Place } from "../support/hard-case.ts";
import { runLandfall } from "../support/run-landfall.ts";

const NAME = ["--pipeline", "p"];

function stateOf({ table }: Place, file: string): string {
  return join(table, "_landfall/p", file);
}

async function twoBatches(where: Place, more: readonly string[] = []): Promise<void> {
  arrive(join(where.source, "a.json"), lines({ id: 1 }));
  await ingestEnds([where.source, where.table, ...NAME, ...more], { code: 0 });
  arrive(join(where.source, "b.json"), lines({ id: 2 }));
  await ingestEnds([where.source, where.table, ...NAME, ...more], { code: 0 });
}

test("a lost ledger is rebuilt from the table, and nothing is read again", async (t) => {
  const where = place(t);
  await twoBatches(where);
  rmSync(stateOf(where, "ledger.db"));
  arrive(join(where.source, "c.json"), lines({ id: 3 }));
  await ingestEnds([where.source, where.table, ...NAME], { code: 0 });
  assert.deepEqual(await idsOf(where.table), ["1", "2", "3"]);
});

test("a damaged ledger is refused with its name, and is rebuilt once it is removed", async (t) => {
  const where = place(t);
  await twoBatches(where);
  writeFileSync(stateOf(where, "ledger.db"), "this is no ledger, and never was one".repeat(200));
  const text = await ingestEnds([where.source, where.table, ...NAME], { code: 3, error: "LEDGER_FAILED" });
  assert.ok(text.includes(stateOf(where, "ledger.db")), text);
  rmSync(stateOf(where, "ledger.db"));
  await ingestEnds([where.source, where.table, ...NAME], { code: 0 });
  assert.deepEqual(await idsOf(where.table), ["1", "2"]);
});

test("a ledger of a newer Landfall is refused and keeps its shape", async (t) => {
  const where = place(t);
  await twoBatches(where);
  const ledger = new DatabaseSync(stateOf(where, "ledger.db"));
  ledger.exec("PRAGMA user_version = 9000");
  ledger.close();
  arrive(join(where.source, "c.json"), lines({ id: 3 }));
  await ingestEnds([where.source, where.table, ...NAME], { code: 2, error: "STATE_NEWER" });
  const after = new DatabaseSync(stateOf(where, "ledger.db"), { readOnly: true });
  assert.equal(after.prepare("PRAGMA user_version").get()?.["user_version"], 9000);
  after.close();
  assert.deepEqual(await idsOf(where.table), ["1", "2"]);
});

test("a pipeline.json of a newer Landfall is refused by name", async (t) => {
  const where = place(t);
  await twoBatches(where);
  const file = stateOf(where, "pipeline.json");
  const identity = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...identity, schemaVersion: 2 }));
  const text = await ingestEnds([where.source, where.table, ...NAME], { code: 2, error: "STATE_NEWER" });
  assert.match(text, /pipeline\.json has format 2/);
});

test("a manifest that was edited is refused when a ledger is rebuilt from it", async (t) => {
  const where = place(t);
  await twoBatches(where);
  rmSync(stateOf(where, "ledger.db"));
  const { manifest } = firstCommit(where);
  const text = readFileSync(join(where.table, manifest), "utf8");
  writeFileSync(join(where.table, manifest), text.replace('"written":1', '"written":7'));
  await ingestEnds([where.source, where.table, ...NAME], { code: 2, error: "STATE_CORRUPT" });
  writeFileSync(join(where.table, manifest), text);
  await ingestEnds([where.source, where.table, ...NAME], { code: 0 });
  assert.deepEqual(await idsOf(where.table), ["1", "2"]);
});

test("a dropped table with the ledger elsewhere stops with the choices; without the ledger everything is read again", async (t) => {
  const where = place(t);
  const state = join(where.folder, "state");
  await twoBatches(where, ["--state", state]);
  rmSync(where.table, { recursive: true });
  const args = [where.source, where.table, ...NAME, "--state", state];
  const text = await ingestEnds(args, { code: 2, error: "TABLE_CHANGED_IDENTITY" });
  assert.match(text, /remove the ledger/);
  rmSync(state, { recursive: true });
  await ingestEnds(args, { code: 0 });
  assert.deepEqual(await idsOf(where.table), ["1", "2"]);
});

for (const ledger of ["kept", "lost"] as const) {
  test(`a log that was taken away with the ledger ${ledger} stops with the choices, and goes on when it is put back`, async (t) => {
    const where = place(t);
    await twoBatches(where);
    renameSync(join(where.table, "_delta_log"), join(where.folder, "aside"));
    if (ledger === "lost") rmSync(stateOf(where, "ledger.db"));
    const args = [where.source, where.table, ...NAME];
    await ingestEnds(args, { code: 2, error: "TABLE_CHANGED_IDENTITY" });
    renameSync(join(where.folder, "aside"), join(where.table, "_delta_log"));
    await ingestEnds(args, { code: 0 });
    assert.deepEqual(await idsOf(where.table), ["1", "2"]);
  });

  test(`a log that was put back to an earlier version with the ledger ${ledger} stops with the choices`, async (t) => {
    const where = place(t);
    await twoBatches(where);
    rmSync(join(where.table, "_delta_log/00000000000000000001.json"));
    if (ledger === "lost") rmSync(stateOf(where, "ledger.db"));
    const args = [where.source, where.table, ...NAME];
    const text = await ingestEnds(args, { code: 2, error: "TABLE_CHANGED_IDENTITY" });
    assert.match(text, /remove the pipeline's state/);
  });
}

test("a done mark that was never written is written by the next run, also when the log has been cleaned up by then", async (t) => {
  const where = place(t);
  arrive(join(where.source, "a.json"), lines({ id: 1 }));
  const args = ["ingest", where.source, where.table, ...NAME];
  const killed = await runLandfall(args, { env: { LANDFALL_FAULT: "settle.after:1" } });
  assert.equal(killed.signal, "SIGKILL");
  const { batchId, sha256 } = firstCommit(where);
  // What a clean-up by another program leaves: the state in a checkpoint, and no commit.
  const log = join(where.table, "_delta_log");
  const first = readFileSync(join(log, "00000000000000000000.json"), "utf8");
  writeFileSync(
    join(log, "00000000000000000001.json"),
    `${JSON.stringify({ commitInfo: { timestamp: 1, operation: "CLEANED", txnId: "other" } })}\n${first
      .split("\n")
      .filter((line) => line !== "" && !line.includes('"commitInfo"'))
      .join("\n")}\n`,
  );
  writeFileSync(
    join(log, "00000000000000000000.json"),
    first
      .split("\n")
      .filter((line) => !line.includes('"commitInfo"'))
      .join("\n"),
  );
  await ingestEnds(args.slice(1), { code: 0 });
  const mark = JSON.parse(
    readFileSync(stateOf(where, `batches/0000000001-${batchId}.done.json`), "utf8"),
  ) as object;
  assert.deepEqual({ ...mark }, { schemaVersion: 1, number: 1, batchId, version: 0, sha256 });
});

test("a ledger that is lost while a batch is open heals to the same rows", async (t) => {
  const where = place(t);
  arrive(join(where.source, "a.json"), lines({ id: 1 }));
  const args = ["ingest", where.source, where.table, ...NAME];
  const held = await holdAt(t, { point: "stage.after:1", args, folder: where.folder });
  held.child.kill("SIGKILL");
  await held.ended;
  for (const end of ["", "-wal", "-shm"]) rmSync(stateOf(where, `ledger.db${end}`), { force: true });
  await ingestEnds(args.slice(1), { code: 0 });
  assert.deepEqual(await idsOf(where.table), ["1"]);
});

function firstCommit({ table }: Place): {
  readonly batchId: string;
  readonly manifest: string;
  readonly sha256: string;
} {
  const [line] = readFileSync(join(table, "_delta_log/00000000000000000000.json"), "utf8")
    .split("\n")
    .filter((text) => text.includes('"commitInfo"'));
  return (
    JSON.parse(line!) as {
      commitInfo: { landfall: { batchId: string; manifest: string; sha256: string } };
    }
  ).commitInfo.landfall;
}
