import assert from "node:assert/strict";
import { test } from "node:test";
import { LandfallError } from "../base/landfall-error.ts";
import type { IngestEvent } from "../ingest/events.ts";
import { memoryLedger } from "../ledger/memory-ledger.ts";
import { fileOf, memoryFlow } from "../../test/support/memory-flow.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { errorLine, eventLine, noticeLine } from "./log-line.ts";

function lineOf(event: IngestEvent): Record<string, unknown> {
  return JSON.parse(eventLine({ at: 0, pipeline: "p", event }) ?? assert.fail(event.type)) as Record<
    string,
    unknown
  >;
}

test("a run's events are lines, with the batch's id, counts and version", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  flow.files.set("a", fileOf("a", 1));
  const events: IngestEvent[] = [];
  await flow.run({ ledger: memoryLedger(), emit: (event) => events.push(event) });
  const lines = events.flatMap((event) => eventLine({ at: 0, pipeline: "p", event }) ?? []);
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    parsed.map(({ event }) => event),
    ["listing.done", "batch.planned", "batch.staged", "batch.committed", "round.done"],
  );
  const committed = parsed.find(({ event }) => event === "batch.committed")!;
  assert.deepEqual(
    [committed["schemaVersion"], committed["at"], committed["pipeline"]],
    [1, "1970-01-01T00:00:00.000Z", "p"],
  );
  assert.deepEqual([committed["batch"], committed["version"]], [1, 0]);
  assert.equal(committed["batchId"], parsed.find(({ event }) => event === "batch.planned")!["batchId"]);
  assert.ok(lines.every((line) => !line.includes("\n")));
});

test("progress and rounds in which nothing happened are not logged", () => {
  const quiet = { batches: 0, discovered: 0, waiting: 3, unreadable: 0, milliseconds: 1 };
  for (const event of [
    { type: "listing.progress", seen: 1 },
    { type: "batch.progress", phase: "scan", done: 1, total: 2 },
    { type: "round.done", ...quiet },
  ] as const)
    assert.equal(eventLine({ at: 0, pipeline: "p", event }), undefined);
  assert.equal(lineOf({ type: "round.done", ...quiet, discovered: 1 })["discovered"], 1);
});

test("names of files cannot break a line, and secrets do not stand in it", () => {
  const line = lineOf({
    type: "arrival.quarantined",
    key: "a%0A%22.json",
    number: 3,
    reason: "at s3://k:s@b/x",
  });
  assert.deepEqual(
    [line["file"], line["batch"], line["reason"]],
    ["a%0A%22.json", 3, "at s3://REDACTED@b/x"],
  );
  const error = new LandfallError("STORAGE_FAILED", {
    message: "https://h/x?X-Amz-Signature=abc refused",
    table: "/t",
    file: "a%20b",
    batch: 2,
  });
  const told = JSON.parse(errorLine({ at: 0, error, pipeline: "p" })) as Record<string, unknown>;
  const { schemaVersion: _v, at: _at, hint, ...rest } = told;
  assert.equal(typeof hint, "string");
  assert.deepEqual(rest, {
    level: "error",
    event: "error",
    pipeline: "p",
    message: "https://h/x?X-Amz-Signature=REDACTED refused",
    code: "STORAGE_FAILED",
    retryable: true,
    table: "/t",
    batch: 2,
    file: "a b",
  });
  const retried = lineOf({ type: "round.failed", error, failures: 2, milliseconds: 4000 });
  assert.deepEqual(
    [retried["level"], retried["code"], retried["failures"], retried["retryInMilliseconds"]],
    ["error", "STORAGE_FAILED", 2, 4000],
  );
});

test("a fault of ours has its stack, and a notice its sentence", () => {
  const told = JSON.parse(errorLine({ at: 0, error: new TypeError("x is no y") })) as Record<string, unknown>;
  assert.equal(told["code"], "INTERNAL");
  assert.match(String(told["stack"]), /TypeError: x is no y/);
  assert.equal((JSON.parse(noticeLine({ at: 0, message: "m" })) as Record<string, unknown>)["message"], "m");
});
