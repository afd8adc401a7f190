/** The two adapters against each other: whatever is asked of them, in whatever order, they answer alike. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { LandfallError } from "../base/landfall-error.ts";
import { compareIds } from "./arrival-id.ts";
import type { CandidateChoice, ArrivalId, Ledger, ManifestOutcome, Observation } from "./ledger.ts";
import { memoryLedger } from "./memory-ledger.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";
import { ARRIVAL_STATES } from "./states.ts";

type Command = (ledger: Ledger) => Promise<unknown>;

/** Few names, so that commands meet; one generation of each kind that is stored apart. */
const OBSERVATIONS: readonly Observation[] = ["a/1", "a/2", "b", "\u{1F600}", "\uFFFD"].flatMap((key) => [
  { key, generation: "5-100", size: 5, modifiedNs: "100" },
  { key, generation: "7-90", size: 7, modifiedNs: "90" },
  { key, generation: "etag-5", size: 5, modifiedNs: "95" },
  { key, generation: "6-100", size: 5, modifiedNs: "-3" },
]);
const observation = fc.constantFrom(...OBSERVATIONS);
const observations = fc.array(observation, { maxLength: 6 });
const ids = fc.array(
  observation.map(({ key, generation }): ArrivalId => ({ key, generation })),
  { maxLength: 4 },
);
const batchId = fc.constantFrom("b1", "b2", "b3", "b4", "b5", "b6");
const number = fc.integer({ min: 1, max: 4 });
const at = fc.integer({ min: 1, max: 9 });
const rule = fc.constantFrom("gone", "overwritten", "grown", "touched", "adopted");
const decision = fc.option(fc.constantFrom({ id: "d1", kind: "retry" }, { id: "d2", kind: "forget" }), {
  nil: undefined,
});
const reason = fc.option(fc.constantFrom("why", "no JSON"), { nil: undefined });
const counts = fc
  .tuple(fc.nat(9), fc.nat(4_294_967_295), fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(2))
  .map(([bytes, crc32, read, written, rescued, rejected, corrupt]) => ({
    bytes,
    crc32,
    read,
    written,
    rescued,
    rejected,
    ...(corrupt === 0 ? {} : { corrupt }),
  }));
const outcome = fc
  .tuple(observation, fc.constantFrom("committed", "quarantined", "skipped"), rule, reason, counts)
  .map(([seen, state, rule, reason, counts]): ManifestOutcome => ({
    ...seen,
    state,
    counts,
    ...(state === "skipped" ? { rule } : {}),
    ...(reason === undefined ? {} : { reason }),
  }));

const listing: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(observations, at).map(
    ([seen, at]): Command =>
      (ledger) =>
        ledger.observe(seen, at),
  ),
  fc.tuple(observations, at).map(
    ([seen, at]): Command =>
      (ledger) =>
        ledger.baseline(seen, at),
  ),
  fc.tuple(observations, at).map(
    ([young, at]): Command =>
      (ledger) =>
        ledger.setWaiting(young, at),
  ),
);
const planning: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(ids, rule, reason, at).map(
    ([ids, rule, reason, at]): Command =>
      (ledger) =>
        ledger.skip(
          ids.map((id) => ({ ...id, rule, ...(reason === undefined ? {} : { reason }) })),
          at,
        ),
  ),
  fc.tuple(number, batchId, at, ids).map(
    ([number, batchId, at, ids]): Command =>
      (ledger) =>
        ledger.plan({ number, batchId, at }, ids),
  ),
  // Plans of what a ledger offers go through, plans of anything mostly do not.
  fc.tuple(number, batchId, at, fc.nat(4)).map(
    ([number, batchId, at, limit]): Command =>
      async (ledger) =>
        ledger.plan(
          { number, batchId, at },
          (await ledger.candidates(limit)).map(({ key, generation }) => ({ key, generation })),
        ),
  ),
  fc.tuple(batchId, fc.constantFrom("staged", "committed"), fc.option(number, { nil: undefined })).map(
    ([batchId, to, version]): Command =>
      (ledger) =>
        ledger.advance(batchId, to, version),
  ),
  fc.tuple(batchId, at, fc.option(fc.constantFrom("SIGKILL", "SIGSEGV"), { nil: undefined })).map(
    ([batchId, at, engineDied]): Command =>
      (ledger) =>
        ledger.voidBatch(batchId, at, engineDied),
  ),
);
const settling: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(number, batchId, at, fc.array(outcome, { maxLength: 5 })).map(
    ([number, batchId, at, outcomes]): Command =>
      (ledger) =>
        ledger.settle({ number, batchId, version: number, at, outcomes }),
  ),
  fc
    .tuple(batchId, at, fc.array(outcome, { maxLength: 5 }))
    .map(([batchId, at, more]): Command => async (ledger) => {
      const number = (await ledger.batch(batchId))?.number ?? 1;
      const claimed = await ledger.claimed(batchId);
      const outcomes = claimed.slice(1).map(({ key, generation, size, modifiedNs }): ManifestOutcome => {
        const counts = { bytes: size, crc32: 1, read: 2, written: 2, rescued: 0, rejected: 0 };
        return { key, generation, size, modifiedNs, state: "committed", counts };
      });
      await ledger.settle({ number, batchId, version: number, at, outcomes: [...outcomes, ...more] });
    }),
  number.map(
    (number): Command =>
      (ledger) =>
        ledger.markDone(number),
  ),
);
const record = fc.constantFrom("r1", "r2");
const kind = fc.constantFrom("committed", "quarantined");
const afterwards: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(record, batchId, ids).map(
    ([record, batchId, ids]): Command =>
      (ledger) =>
        ledger.vacate(record, batchId, ids),
  ),
  fc.tuple(kind, number).map(
    ([kind, number]): Command =>
      (ledger) =>
        ledger.batchTidied(kind, number),
  ),
  fc.tuple(ids, fc.constantFrom("archived", "deleted", "moved", "failed"), at).map(
    ([ids, outcome, at]): Command =>
      (ledger) =>
        ledger.tidied(
          ids.map((id) => ({ ...id, outcome, ...(outcome === "deleted" ? {} : { detail: `${at}` }) })),
          at,
        ),
  ),
  fc
    .tuple(ids, batchId, fc.constantFrom("forgotten", "undone"), at, decision, observations)
    .map(([ids, batchId, state, at, decision, adopted]): Command => (ledger) => {
      const outcomes = ids.map((id) => ({ ...id, batchId, state }));
      return decision === undefined
        ? ledger.takeBack(outcomes, at)
        : ledger.decide(
            [
              {
                ...decision,
                outcomes,
                adopted: adopted.map((file, i) => (i % 2 === 0 ? file : { ...file, crc32: i })),
              },
            ],
            at,
          );
    }),
);
const choice: fc.Arbitrary<CandidateChoice> = fc.record(
  {
    order: fc.constantFrom("oldest", "newest", "name"),
    keyPrefix: fc.constantFrom("", "a", "a/", "\u{1F600}"),
    modifiedFromNs: observation.map(({ modifiedNs }) => modifiedNs),
    modifiedBeforeNs: observation.map(({ modifiedNs }) => modifiedNs),
  },
  { requiredKeys: [] },
);
const lookUp: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(kind, fc.nat(2), fc.nat(3)).map(
    ([kind, after, limit]): Command =>
      (ledger) =>
        ledger.untidiedBatches(kind, after, limit),
  ),
  fc.constant<Command>((ledger) => ledger.unknownVacateRecords(["r1", "r2"])),
  fc.tuple(fc.nat(5), choice).map(
    ([limit, choice]): Command =>
      (ledger) =>
        ledger.candidates(limit, choice),
  ),
  fc.tuple(batchId, observation).map(
    ([fromBatchId, { modifiedNs }]): Command =>
      (ledger) =>
        ledger.bytesRead({ fromBatchId, modifiedBeforeNs: modifiedNs }),
  ),
  fc
    .record(
      {
        states: fc.uniqueArray(fc.constantFrom(...ARRIVAL_STATES), { maxLength: 3 }),
        keyPrefix: fc.constantFrom("", "a", "a/", "\u{1F600}"),
        limit: fc.nat(4),
        after: observation.map(({ key, generation }) => ({ key, generation })),
      },
      { requiredKeys: [] },
    )
    .map(
      (filter): Command =>
        (ledger) =>
          ledger.arrivals(filter),
    ),
  fc.constant<Command>((ledger) => ledger.summary()),
);

/** What the ledger answers, or the code and words of its refusal. */
async function answerOf(ledger: Ledger, command: Command): Promise<unknown> {
  try {
    return (await command(ledger)) ?? "done";
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    return { refused: error.code };
  }
}

/** Everything that can be asked of a ledger. */
async function everything(ledger: Ledger): Promise<unknown> {
  const timelines = OBSERVATIONS.map(({ key, generation }) => ledger.events({ key, generation }));
  return {
    arrivals: await ledger.arrivals({}),
    candidates: await ledger.candidates(100),
    batches: await ledger.batches(100),
    open: await ledger.openBatches(),
    last: await ledger.lastTakenIn(),
    notDone: await ledger.batchesWithoutDoneMark(),
    generations: await ledger.generations("a/1"),
    events: await Promise.all(timelines),
    summary: await ledger.summary(),
    decisions: await ledger.decisions(),
  };
}

test("ledgers: any sequence of calls gives the same answers and the same content in memory and in SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "landfall-model-"));
  const sqlite = await openSqliteLedger({ path: join(folder, "ledger.db") });
  const command = fc.oneof(
    { arbitrary: listing, weight: 3 },
    { arbitrary: planning, weight: 4 },
    { arbitrary: settling, weight: 4 },
    { arbitrary: afterwards, weight: 2 },
    { arbitrary: lookUp, weight: 1 },
  );
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 30 }), async (commands) => {
        await sqlite.clear();
        const memory = memoryLedger();
        await memory.observe(OBSERVATIONS.slice(0, 6), 1);
        await sqlite.observe(OBSERVATIONS.slice(0, 6), 1);
        for (const command of commands) {
          assert.deepEqual(await answerOf(sqlite, command), await answerOf(memory, command));
        }
        assert.deepEqual(await everything(sqlite), await everything(memory));
        const waiting = (await memory.arrivals({ states: ["waiting"] })).map(({ key }) => key);
        assert.equal(new Set(waiting).size, waiting.length, "a key waits once");
      }),
      { numRuns: 150 },
    );
  } finally {
    await sqlite.close();
    await rm(folder, { recursive: true });
  }
});

test("ledgers: ids are ordered as their UTF-8 bytes are", () => {
  const text = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed());
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(
        Math.sign(compareIds({ key: a, generation: b }, { key: b, generation: a })),
        Buffer.compare(Buffer.from(a), Buffer.from(b)),
      );
    }),
  );
});
