/** Metrics of the real flow over memory, and what they say when things go wrong. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { systemClock } from "../base/clock.ts";
import { LandfallError } from "../base/landfall-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LedgerLook } from "../ledger/ledger-look.ts";
import { memoryLedger } from "../ledger/memory-ledger.ts";
import { fileOf, memoryFlow } from "../../test/support/memory-flow.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { METRICS } from "./metric-definitions.ts";
import { openTelemetry, type Telemetry } from "./open-telemetry.ts";
import { silentOf, unreadyOf } from "./pipeline-states.ts";
import type { RunListener } from "./listener.ts";

async function telemetry(t: TestContext): Promise<Telemetry> {
  const opened = await openTelemetry({
    version: "1.2.3",
    clock: systemClock,
    ledgerMs: 20,
    warn: (text) => assert.fail(text),
  });
  t.after(() => opened.close());
  return opened;
}

/** Each series with its value. */
async function seriesOf(opened: Telemetry): Promise<ReadonlyMap<string, number>> {
  const lines = (await opened.metricsText())
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

function open(opened: Telemetry, ledger: Ledger, name = "p"): RunListener {
  const listener = opened.listen({ name });
  listener.opened({ name, summary: () => ledger.summary(), lastTakenIn: () => ledger.lastTakenIn() });
  return listener;
}

test("a run is counted: files, rows, batches, times, and what the ledger and the table have come to", async (t) => {
  const opened = await telemetry(t);
  const ledger = memoryLedger();
  const listener = open(opened, ledger);
  const before = await seriesOf(opened);
  assert.equal(
    before.get('landfall_rows_written_total{pipeline="p"}'),
    0,
    "a rise can be seen from the first row on",
  );
  assert.equal(before.get('landfall_newest_committed_timestamp_seconds{pipeline="p"}'), undefined);
  const flow = memoryFlow(temporaryFolder(t));
  for (const [name, at] of [
    ["a", 1_000],
    ["b", 2_500],
  ] as const)
    flow.files.set(name, fileOf(name, at));
  await flow.run({ ledger, emit: (event) => listener.emit(event), limits: { maxFiles: 1, maxBytes: 1e9 } });
  const series = await seriesOf(opened);
  for (const [name, value] of [
    ['landfall_files_total{pipeline="p",outcome="committed"}', 2],
    ['landfall_files_total{pipeline="p",outcome="quarantined"}', 0],
    ['landfall_files_discovered_total{pipeline="p"}', 2],
    ['landfall_rows_read_total{pipeline="p"}', 2],
    ['landfall_rows_written_total{pipeline="p"}', 2],
    ['landfall_read_bytes_total{pipeline="p"}', 10],
    ['landfall_batches_total{pipeline="p",outcome="committed"}', 2],
    ['landfall_rounds_total{pipeline="p",outcome="done"}', 1],
    ['landfall_batch_duration_seconds_count{pipeline="p"}', 2],
    ['landfall_stage_duration_seconds_count{pipeline="p",stage="commit"}', 2],
    ['landfall_stage_duration_seconds_count{pipeline="p",stage="list"}', 1],
    ['landfall_ledger_files{pipeline="p",state="committed"}', 2],
    ['landfall_files_waiting{pipeline="p"}', 0],
    ['landfall_oldest_waiting_age_seconds{pipeline="p"}', 0],
    ['landfall_newest_seen_timestamp_seconds{pipeline="p"}', 2.5],
    ['landfall_newest_committed_timestamp_seconds{pipeline="p"}', 2.5],
    ['landfall_last_batch_number{pipeline="p"}', 2],
    ['landfall_table_version{pipeline="p"}', 1],
    ['landfall_up{pipeline="p"}', 1],
    ['landfall_build_info{version="1.2.3"}', 1],
  ] as const)
    assert.equal(series.get(name), value, name);
  assert.equal(series.get('landfall_oldest_waiting_timestamp_seconds{pipeline="p"}'), undefined);
});

test("compactions and clean-ups of the log are counted, with files, bytes and times", async (t) => {
  const opened = await telemetry(t);
  const listener = open(opened, memoryLedger());
  const before = await seriesOf(opened);
  assert.equal(before.get('landfall_compaction_files_total{pipeline="p",side="before"}'), 0);
  const counts = { filesBefore: 60, filesAfter: 2, bytesBefore: 6000, bytesAfter: 2500, milliseconds: 1500 };
  listener.emit({ type: "compaction.committed", version: 7, ...counts });
  listener.emit({ type: "compaction.committed", version: 9, ...counts, filesBefore: 50 });
  listener.emit({ type: "compaction.void", reason: "another writer was at work" });
  listener.emit({ type: "log.cleaned", before: 5, files: 11, milliseconds: 250 });
  const series = await seriesOf(opened);
  for (const [name, value] of [
    ['landfall_compactions_total{pipeline="p",outcome="committed"}', 2],
    ['landfall_compactions_total{pipeline="p",outcome="void"}', 1],
    ['landfall_compaction_files_total{pipeline="p",side="before"}', 110],
    ['landfall_compaction_files_total{pipeline="p",side="after"}', 4],
    ['landfall_compaction_bytes_total{pipeline="p",side="before"}', 12_000],
    ['landfall_compaction_bytes_total{pipeline="p",side="after"}', 5000],
    ['landfall_compaction_duration_seconds_sum{pipeline="p"}', 3],
    ['landfall_log_files_removed_total{pipeline="p"}', 11],
    ['landfall_stage_duration_seconds_sum{pipeline="p",stage="cleanup"}', 0.25],
  ] as const)
    assert.equal(series.get(name), value, name);
});

test("what waits has an age, and a file from the future is no newer than now", async (t) => {
  const opened = await telemetry(t);
  const ledger = memoryLedger();
  const listener = open(opened, ledger);
  await ledger.observe([fileOf("a", 1)], Date.now() - 60_000);
  listener.emit({
    type: "listing.done",
    seen: 1,
    discovered: 1,
    waiting: 0,
    milliseconds: 1,
    newestModifiedAt: Date.now() * 2,
  });
  const series = await seriesOf(opened);
  assert.equal(series.get('landfall_files_waiting{pipeline="p"}'), 1);
  assert.ok(series.get('landfall_oldest_waiting_age_seconds{pipeline="p"}')! >= 60);
  assert.ok(series.get('landfall_newest_seen_timestamp_seconds{pipeline="p"}')! <= Date.now() / 1000);
});

test("of one that has ended, and of one that could not be opened, its ledger tells what waits; a value that is no more is not told on", async (t) => {
  const opened = await telemetry(t);
  const ledger = memoryLedger();
  const file = fileOf("a", 1);
  await ledger.observe([file], Date.now() - 60_000);
  const lookAtRest = async (name: string): Promise<LedgerLook | undefined> =>
    name === "none" ? undefined : { summary: await ledger.summary(), last: await ledger.lastTakenIn() };
  const ended = opened.listen({ name: "ended", lookAtRest });
  ended.opened({ name: "ended", summary: () => assert.fail(), lastTakenIn: () => assert.fail() });
  const error = new LandfallError("PIPELINE_HELD", { message: "somebody else runs it" });
  ended.ended(error);
  opened.listen({ name: "refused", lookAtRest }).ended(error);
  opened.listen({ name: "none", lookAtRest }).ended(error);
  opened.listen({ name: "cannot tell" }).ended(error);
  let series = await seriesOf(opened);
  for (const name of ["ended", "refused"]) {
    assert.equal(series.get(`landfall_up{pipeline="${name}"}`), 0);
    assert.equal(series.get(`landfall_files_waiting{pipeline="${name}"}`), 1);
    assert.ok(series.get(`landfall_oldest_waiting_age_seconds{pipeline="${name}"}`)! >= 60);
    assert.ok(series.get(`landfall_oldest_waiting_timestamp_seconds{pipeline="${name}"}`)! > 1e9);
  }
  for (const name of ["none", "cannot tell"]) {
    assert.equal(series.get(`landfall_up{pipeline="${name}"}`), 0);
    assert.equal(series.get(`landfall_oldest_waiting_age_seconds{pipeline="${name}"}`), undefined);
  }
  await ledger.skip([{ key: file.key, generation: file.generation, rule: "touched" }], 2);
  series = await seriesOf(opened);
  assert.equal(series.get('landfall_oldest_waiting_age_seconds{pipeline="ended"}'), 0);
  assert.equal(series.get('landfall_oldest_waiting_timestamp_seconds{pipeline="ended"}'), undefined);
});

test("failures are counted by code and show in up and in readiness, until a round is done again", async (t) => {
  const opened = await telemetry(t);
  const ledger = memoryLedger();
  const listener = open(opened, ledger);
  const error = new LandfallError("STORAGE_FULL", { message: "no room" });
  const planned = { number: 1, batchId: "x", files: 1, bytes: 1, newestModifiedAt: 1, milliseconds: 1 };
  listener.emit({ type: "batch.planned", ...planned });
  listener.emit({ type: "round.failed", error, failures: 1, milliseconds: 1000 });
  let series = await seriesOf(opened);
  assert.equal(series.get('landfall_errors_total{pipeline="p",code="STORAGE_FULL"}'), 1);
  assert.equal(
    series.get('landfall_batches_total{pipeline="p",outcome="void"}'),
    1,
    "the batch came to nothing",
  );
  assert.equal(series.get('landfall_rounds_total{pipeline="p",outcome="failed"}'), 1);
  assert.equal(series.get('landfall_up{pipeline="p"}'), 0);
  assert.deepEqual(unreadyOf(opened.states.all()), ["p: its last round failed with STORAGE_FULL"]);
  listener.emit({
    type: "round.done",
    batches: 0,
    discovered: 0,
    waiting: 0,
    unreadable: 0,
    milliseconds: 1,
  });
  series = await seriesOf(opened);
  assert.equal(series.get('landfall_up{pipeline="p"}'), 1);
  assert.deepEqual(unreadyOf(opened.states.all()), []);
  listener.ended(error);
  series = await seriesOf(opened);
  assert.equal(series.get('landfall_errors_total{pipeline="p",code="STORAGE_FULL"}'), 2);
  assert.equal(series.get('landfall_up{pipeline="p"}'), 0);
  assert.deepEqual(unreadyOf(opened.states.all()), ["p: it ended with STORAGE_FULL"]);
});

test("a ledger that hangs or is closed leaves the rest of the metrics, and is not alive", async (t) => {
  const opened = await telemetry(t);
  const closed = memoryLedger();
  await closed.close();
  open(opened, closed, "closed");
  open(opened, { ...memoryLedger(), lastTakenIn: () => new Promise(() => {}) }, "hangs");
  const series = await seriesOf(opened);
  for (const name of ["closed", "hangs"]) {
    assert.equal(series.get(`landfall_up{pipeline="${name}"}`), 1);
    assert.equal(series.get(`landfall_files_waiting{pipeline="${name}"}`), undefined);
  }
  const silent = await silentOf(opened.states.all(), { milliseconds: 20 });
  assert.equal(silent.length, 2);
  assert.match(silent.join(), /^closed: its ledger refuses.*hangs: its ledger has not answered/);
});

test("names of pipelines cannot break out of a label", async (t) => {
  const opened = await telemetry(t);
  open(opened, memoryLedger(), 'a"} 1\nlandfall_up{pipeline="\\');
  const text = await opened.metricsText();
  assert.ok(
    text.includes('landfall_up{pipeline="a\\"} 1\\nlandfall_up{pipeline=\\"\\\\"} 1'),
    text.slice(0, 400),
  );
});

test("two of a process count apart, and every metric is one of those that are defined", async (t) => {
  const [one, other] = [await telemetry(t), await telemetry(t)];
  open(one, memoryLedger());
  assert.deepEqual([...(await seriesOf(other)).keys()], ['landfall_build_info{version="1.2.3"}']);
  const types = (await one.metricsText()).matchAll(/^# TYPE (\S+) (\S+)$/gm);
  for (const [, name, kind] of types) assert.equal(METRICS[name as keyof typeof METRICS].kind, kind, name);
});
