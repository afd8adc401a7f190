/** A ledger put back from a backup of any age: take-in brings it up to what the table and its files of state say. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { fileOf, memoryFlow, type MemoryFlow } from "../../test/support/memory-flow.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { onFaultPoint } from "../base/fault-point.ts";
import type { Arrival, Observation } from "../ledger/ledger.ts";
import { memoryLedger, type MemoryLedger } from "../ledger/memory-ledger.ts";
import { writeDecision } from "./decision.ts";
import type { OnOverwrite } from "./plan-batch.ts";
import { voidOpenBatches } from "./recover.ts";
import type { StageFiles } from "./stage-batch.ts";
import { takeIn } from "./take-in.ts";
import { takeInDecisions } from "./take-in-decisions.ts";
import { recordVacate } from "./vacate-records.ts";

const KEYS = ["a", "b", "c"] as const;
type Key = (typeof KEYS)[number];

/** One thing that happens to a pipeline in its life. */
type Happening =
  /** A new generation lies there: a later one than all before. A size of 13 is quarantined. */
  | { readonly kind: "write"; readonly key: Key; readonly poison: boolean }
  | { readonly kind: "remove" | "return"; readonly key: Key }
  | { readonly kind: "run" }
  /** `known`: the ledger hears of it at once; else the next run takes it in. */
  | { readonly kind: "takeBack" | "adopt"; readonly key: Key; readonly known: boolean }
  /** Archived, or as far as the record and the ledger's knowledge of it. */
  | { readonly kind: "tidy"; readonly key: Key; readonly whole: boolean };

const key = fc.constantFrom(...KEYS);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), key, poison: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("remove" as const, "return" as const), key }) },
  { weight: 5, arbitrary: fc.constant({ kind: "run" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("takeBack" as const, "adopt" as const),
      key,
      known: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("tidy" as const), key, whole: fc.boolean() }) },
);

interface Life {
  readonly flow: MemoryFlow;
  readonly ledger: MemoryLedger;
  readonly onOverwrite: OnOverwrite;
  readonly written: Map<Key, Observation>;
  clock: number;
}

const POISON = 13;
const DECISIONS_FROM = 1_800_000_000_000;

/** Reads as the flow does, and quarantines what has the size. */
const judging =
  (flow: MemoryFlow): StageFiles =>
  async (batch) => {
    const isBad = (name: string): boolean => flow.files.get(name)?.size === POISON;
    const good = await flow.stageFiles({ ...batch, files: batch.files.filter((file) => !isBad(file.key)) });
    const none = { read: 0, written: 0, rescued: 0, rejected: 0, crc32: 0 };
    const bad = batch.files
      .filter((file) => isBad(file.key))
      .map((file) => {
        return {
          key: file.key,
          outcome: "quarantined" as const,
          reason: "poison",
          bytes: file.size,
          ...none,
        };
      });
    const dataFiles = good.files.length === 0 ? [] : good.dataFiles;
    const staged = [...good.files, ...bad];
    return {
      ...good,
      dataFiles,
      files: batch.files.map((file) => staged.find((one) => one.key === file.key)!),
    };
  };

const runOn = ({ flow, onOverwrite }: Life, ledger: MemoryLedger): Promise<unknown> =>
  flow.run({
    ledger,
    onOverwrite,
    limits: { maxFiles: 2, maxBytes: 1e9 },
    fold: { batches: 2, bytes: 1e6 },
    stageFiles: judging(flow),
  });

async function happen(life: Life, what: Happening): Promise<void> {
  const { flow, ledger, written } = life;
  const context = flow.context(ledger);
  if (what.kind === "run") return void (await runOn(life, ledger));
  const now = flow.files.get(what.key);
  const generations = await ledger.generations(what.key);
  const standing = generations.findLast(
    ({ outcome, batchId }) => outcome !== undefined && batchId !== undefined,
  );
  switch (what.kind) {
    case "write": {
      const file = fileOf(what.key, ++life.clock * 1000, what.poison ? POISON : 5);
      written.set(what.key, file);
      return void flow.files.set(what.key, file);
    }
    case "remove":
      return void flow.files.delete(what.key);
    case "return": {
      const last = written.get(what.key);
      return void (last === undefined || flow.files.set(what.key, last));
    }
    case "takeBack":
      if (standing === undefined) return;
      return decide(life, what.known, {
        kind: "forget",
        arrivals: [{ key: standing.key, generation: standing.generation, batchId: standing.batchId! }],
      });
    case "adopt":
      return now === undefined ? undefined : decide(life, what.known, { kind: "adopt", arrivals: [now] });
    case "tidy": {
      const lies =
        standing !== undefined && standing.state === "committed" && now?.generation === standing.generation;
      if (!lies) return;
      const { number, batchId } = (await ledger.batch(standing.batchId!))!;
      const to = "/archive";
      await recordVacate(context, { number, batchId, action: "archive", to, arrivals: [standing] });
      if (!what.whole) return;
      flow.files.delete(what.key);
      return ledger.tidied([{ ...standing, outcome: "archived" }], 1);
    }
    default:
      return what satisfies never;
  }
}

/** One after the other: of two in one millisecond nobody could say which a person decided first. */
async function decide(
  life: Life,
  known: boolean,
  content: Parameters<typeof writeDecision>[0]["content"],
): Promise<void> {
  const { flow, ledger } = life;
  await writeDecision({ storage: flow.storage, pipeline: "p", content, at: DECISIONS_FROM + ++life.clock });
  if (known) await takeInDecisions(flow.context(ledger));
}

/** What does not follow from the next look at the source. Where a file went stands in no record, that its name was vacated does. */
async function lasting(ledger: MemoryLedger): Promise<unknown> {
  const line = ({
    key: name,
    generation,
    state,
    rule,
    reason,
    batchId,
    vacated,
    outcome,
  }: Arrival): unknown => {
    const said = state === "archived" ? "committed" : state;
    return { name, generation, state: said, rule, reason, batchId, vacated, outcome };
  };
  const arrivals = (await ledger.arrivals({})).filter(
    ({ batchId, rule }) => batchId !== undefined || rule === "adopted",
  );
  const batches = (await ledger.batches(1000)).filter(({ state }) => state === "settled");
  return {
    arrivals: arrivals.map(line),
    batches: batches
      .map(({ number, batchId, version }) => ({ number, batchId, version }))
      .sort((a, b) => a.number - b.number),
    decisions: await ledger.decisions(),
    open: await ledger.openBatches(),
  };
}

async function broughtUp(flow: MemoryFlow, ledger: MemoryLedger): Promise<void> {
  const context = flow.context(ledger);
  await takeIn(context);
  await takeInDecisions(context);
  await voidOpenBatches(context);
}

/** The same table and source once more, to go on from in another way. */
function copyOf(t: TestContext, life: Life): Life {
  const flow = memoryFlow(temporaryFolder(t));
  for (const [name, file] of life.flow.files) flow.files.set(name, file);
  for (const [name, object] of life.flow.storage.objects) flow.storage.objects.set(name, object);
  return { ...life, flow, written: new Map(life.written) };
}

/** Rows by their generation, whatever commit they came with. */
const rowsOf = ({ flow }: Life): readonly string[] => flow.rows().flat().sort();

test("whatever a ledger's backup did not see, take-in and the next run come to what they would have come to without it", async (t) => {
  const onOverwrite = fc.constantFrom<OnOverwrite>("ignore", "append");
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 3, maxLength: 14 }),
      onOverwrite,
      fc.nat(120),
      async (happenings, overwrite, moment) => {
        const flow = memoryFlow(temporaryFolder(t));
        const life: Life = {
          flow,
          ledger: memoryLedger(),
          onOverwrite: overwrite,
          written: new Map(),
          clock: 0,
        };
        let backup = memoryLedger();
        let passed = 0;
        // Also in the middle of a batch: after any durable step of it.
        onFaultPoint(() => void (++passed <= moment && (backup = life.ledger.copy())));
        try {
          for (const what of happenings) await happen(life, what);
        } finally {
          onFaultPoint(undefined);
        }
        const other = copyOf(t, life);
        await broughtUp(flow, life.ledger);
        await broughtUp(other.flow, backup);
        assert.deepEqual(await lasting(backup), await lasting(life.ledger));
        const anew = memoryLedger();
        const third = copyOf(t, life);
        await broughtUp(third.flow, anew);
        assert.deepEqual(await lasting(anew), await lasting(life.ledger));
        await runOn(life, life.ledger);
        await runOn(other, backup);
        assert.deepEqual(rowsOf(other), rowsOf(life));
      },
    ),
    { numRuns: 100 },
  );
});

test("a name that was vacated, whose outcome was taken back and that was read again, is not vacated any more", async (t) => {
  const flow = memoryFlow(temporaryFolder(t));
  const life: Life = { flow, ledger: memoryLedger(), onOverwrite: "ignore", written: new Map(), clock: 0 };
  const a = { key: "a", poison: false, whole: false, known: true } as const;
  for (const kind of ["write", "run", "tidy"] as const) await happen(life, { ...a, kind });
  const backup = life.ledger.copy();
  for (const kind of ["takeBack", "run"] as const) await happen(life, { ...a, kind });
  await broughtUp(flow, backup);
  assert.deepEqual(await lasting(backup), await lasting(life.ledger));
  assert.equal((await backup.generations("a"))[0]?.vacated, false);
  // Under `ignore` a later content stays out, whichever ledger judges it.
  await happen(life, { ...a, kind: "write" });
  const before = rowsOf(life);
  await runOn(life, backup);
  assert.deepEqual(rowsOf(life), before);
});
