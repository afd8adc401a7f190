import assert from "node:assert/strict";
import { test } from "node:test";
import { healthProblems } from "./health.ts";
import type { PipelineStatus } from "./status.ts";

const NOW = 1_000_000;
const LEASE = { pid: 7, host: "h", since: 0, heartbeatAt: NOW - 10_000, holder: "alive" } as const;
const SUMMARY = {
  states: {},
  skipped: {},
  rows: { read: 0, written: 0, rescued: 0, rejected: 0, corrupt: 0 },
};
const WELL = {
  pipeline: "p",
  source: "/in",
  lease: LEASE,
  ledger: { state: "present" },
  summary: SUMMARY,
  batches: [],
} as unknown as PipelineStatus;

function problems(...pipelines: readonly PipelineStatus[]): string[] {
  const isThere = (source: string): boolean => source === "/in";
  return healthProblems({ table: "/t", pipelines }, { now: NOW, maxLag: 60_000, isThere });
}

test("a pipeline is well while somebody runs it, and nothing waits for long", () => {
  assert.deepEqual(problems(WELL), []);
  assert.deepEqual(problems({ ...WELL, summary: { ...SUMMARY, oldestWaitingAt: NOW - 60_000 } }), []);
});

test("what is wrong is said, of each pipeline", () => {
  const { lease: _lease, ...free } = WELL;
  assert.deepEqual(problems(), ["no pipeline feeds this table"]);
  assert.deepEqual(problems(free), ["p: no process runs it"]);
  assert.deepEqual(problems({ ...WELL, lease: { ...LEASE, holder: "dead" } }), [
    "p: process 7, which ran it, has died",
  ]);
  assert.deepEqual(problems({ ...WELL, lease: { ...LEASE, heartbeatAt: NOW - 120_000 } }), [
    "p: process 7 has given no sign of life for 2 min 00 s",
  ]);
  const late = { ...WELL, summary: { ...SUMMARY, oldestWaitingAt: NOW - 61_000 } };
  assert.deepEqual(problems(WELL, { ...late, pipeline: "q" }), ["q: a file has waited for 1 min 01 s"]);
});

test("a source that is gone from under its process is said, where this host can tell", () => {
  const away = { ...WELL, source: "/away" };
  assert.deepEqual(problems(away), ["p: its source /away is not there"]);
  assert.deepEqual(problems({ ...away, lease: { ...LEASE, host: "other", holder: "unknown" } }), []);
});
