/** The ledger against a ledger rebuilt from the truth: each arrival and each batch (exactly-once rules, §6). */
import type { Clock } from "../../base/clock.ts";
import { isLandfallError, type LandfallError } from "../../base/landfall-error.ts";
import { displayKey } from "../../base/path-bytes.ts";
import type { TableState } from "../../delta/table-state.ts";
import { decisionKey } from "../../ingest/state-keys.ts";
import { listDecisions } from "../../ingest/take-in-decisions.ts";
import type { PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { checkTableIdentity } from "../../ingest/take-in.ts";
import { compareIds } from "../../ledger/arrival-id.ts";
import type { Arrival, Batch, LedgerSummary, TableIdentity } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import { everyArrival } from "../list-files.ts";
import { rebuildLedger } from "../rebuild-ledger.ts";
import type { TableView } from "../table-view.ts";
import { compareArrival } from "./compare-arrival.ts";
import type { Findings } from "./finding.ts";

/** What the ledger said before the log was read: the log is never behind it unless something is wrong. */
export interface LedgerBefore {
  readonly lastTakenIn: number;
  readonly table: TableIdentity | undefined;
  /** Settled batches whose done mark it has still to write. */
  readonly marksDue: ReadonlySet<number>;
  /** Decisions that it has taken in. */
  readonly decisions: ReadonlySet<string>;
}

export async function ledgerBefore(ledger: LedgerReader): Promise<LedgerBefore> {
  return {
    lastTakenIn: (await ledger.lastTakenIn())?.number ?? 0,
    table: await ledger.tableIdentity(),
    marksDue: new Set((await ledger.batchesWithoutDoneMark()).map(({ number }) => number)),
    decisions: new Set(await ledger.decisions()),
  };
}

export interface CheckLedgerOptions {
  readonly view: TableView;
  readonly pipeline: PipelineIdentity;
  readonly ledger: LedgerReader;
  readonly before: LedgerBefore;
  readonly state: TableState | undefined;
  /** The pipeline's number in the table's `txn`. */
  readonly top: number;
  /** A run is under way. */
  readonly running: boolean;
  readonly clock: Clock;
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}

export async function checkLedger(options: CheckLedgerOptions): Promise<LedgerSummary> {
  const { view, pipeline, ledger, findings } = options;
  await checkIdentity(options);
  const rebuilt = await view.scratchLedger();
  try {
    await checkDecisions(options);
    await rebuildLedger({ ...options, into: rebuilt, decisions: options.before.decisions });
    await compareBatches(options, rebuilt);
    await compareArrivals(options, rebuilt);
  } catch (error) {
    if (!isUnrebuildable(error)) throw error;
    // What is in the way has been found already, as a rule; then this is its effect and no fault of its own.
    const known = findings.has(...CAUSES);
    findings.add(known ? "unprovable" : "fault", "LEDGER_NOT_COMPARED", {
      what: `The ledger cannot be compared, and could not be rebuilt if it were lost${known ? ", as long as the faults above stand." : `: ${error.message}`}`,
      where: `ledger of ${pipeline.name}`,
      ...(known || error.hint === undefined ? {} : { hint: error.hint }),
    });
  } finally {
    await rebuilt.close();
  }
  return ledger.summary();
}

const CAUSES = [
  "LOG_DAMAGED",
  "BATCH_UNKNOWN",
  "MANIFEST_MISSING",
  "MANIFEST_DAMAGED",
  "FOLDED_DAMAGED",
  "DONE_MARK_WRONG",
  "VACATE_RECORD_DAMAGED",
] as const;

function isUnrebuildable(error: unknown): error is LandfallError {
  return (
    isLandfallError(error, "HISTORY_LOST") ||
    isLandfallError(error, "STATE_CORRUPT") ||
    isLandfallError(error, "TABLE_LOG_CORRUPT")
  );
}

async function checkIdentity(options: CheckLedgerOptions): Promise<void> {
  const { view, pipeline, before, state, top, findings } = options;
  const where = `ledger of ${pipeline.name}`;
  try {
    const context = {
      name: pipeline.name,
      ledger: { tableIdentity: async () => before.table },
      table: { storage: view.storage },
    };
    // A log that cannot be read has been reported as such.
    if (state !== undefined || !findings.has("LOG_DAMAGED"))
      await checkTableIdentity(context, await context.ledger.tableIdentity(), state);
  } catch (error) {
    if (!isLandfallError(error, "TABLE_CHANGED_IDENTITY")) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    findings.add("fault", "TABLE_CHANGED", { what: error.message, where, ...hint });
    return;
  }
  if (before.lastTakenIn > top) {
    findings.add("fault", "TABLE_CHANGED", {
      what: `The ledger has taken in batch ${before.lastTakenIn}; the table's txn says ${top}.`,
      where,
      hint: "The table is at an earlier state than what was committed: was it restored, or a commit removed?",
    });
  } else if (before.lastTakenIn < top && !options.running) {
    findings.add("note", "LEDGER_BEHIND", {
      what: `The ledger knows batches up to ${before.lastTakenIn}, the table has ${top}: the next run takes the rest in.`,
      where,
    });
  }
}

/** Those that the ledger has not taken in are left out of the comparison; those that are gone cannot be. */
async function checkDecisions({ view, pipeline, before, findings }: CheckLedgerOptions): Promise<void> {
  const standing = new Set(await listDecisions(view.storage, pipeline.name));
  const lost = [...before.decisions].filter((id) => !standing.has(id));
  for (const id of lost) {
    findings.add("fault", "DECISION_MISSING", {
      what: "The ledger has taken in a decision that is gone: a rebuilt ledger would not know of it.",
      where: decisionKey(pipeline.name, id),
      hint: "Restore it from a backup.",
    });
  }
  const waiting = [...standing].filter((id) => !before.decisions.has(id));
  if (waiting.length > 0) {
    findings.add("note", "DECISION_WAITING", {
      what: `${waiting.length === 1 ? "A decision has" : `${waiting.length} decisions have`} been written that the ledger does not know yet: the next run takes ${waiting.length === 1 ? "it" : "them"} in.`,
      where: decisionKey(pipeline.name, waiting[0]!),
    });
  }
}

async function compareBatches(options: CheckLedgerOptions, rebuilt: LedgerReader): Promise<void> {
  const { ledger, before, findings, pipeline } = options;
  const settled = async (from: LedgerReader): Promise<Map<number, Batch>> =>
    new Map(
      (await from.batches(Number.MAX_SAFE_INTEGER))
        .filter((batch) => batch.state === "settled")
        .map((batch) => [batch.number, batch]),
    );
  const known = await settled(ledger);
  for (const [number, truth] of await settled(rebuilt)) {
    if (number > before.lastTakenIn) continue;
    const batch = known.get(number);
    const sameVersion = batch?.version === truth.version || findings.has("DONE_MARK_WRONG");
    if (batch?.batchId === truth.batchId && sameVersion) continue;
    const says =
      batch === undefined ? "nothing" : `version ${batch.version ?? "unknown"} as ${batch.batchId}`;
    findings.add("fault", "LEDGER_BATCH_DIFFERS", {
      what: `The ledger says of batch ${number}: ${says}; the table has it at version ${truth.version ?? "unknown"} as ${truth.batchId}.`,
      where: `batch ${number} of ${pipeline.name}`,
      hint: REBUILD,
    });
  }
}

const REBUILD = "Remove the ledger: the next run rebuilds it from the table.";

/** Both ledgers list in one order, so that they are walked side by side. */
async function compareArrivals(options: CheckLedgerOptions, rebuilt: LedgerReader): Promise<void> {
  const { ledger, signal } = options;
  const numberOf = batchNumbers(ledger, rebuilt);
  const sums = emptySums();
  const kept = await ledger.summary();
  const mine = everyArrival(ledger);
  const theirs = everyArrival(rebuilt);
  let left = await mine.next();
  let right = await theirs.next();
  while (left.done !== true || right.done !== true) {
    signal?.throwIfAborted();
    const order = left.done === true ? 1 : right.done === true ? -1 : compareIds(left.value, right.value);
    const standing = order <= 0 && left.done !== true ? left.value : undefined;
    const truth = order >= 0 && right.done !== true ? right.value : undefined;
    await judge(options, { standing, truth, numberOf });
    if (standing !== undefined) count(sums, standing);
    if (order <= 0) left = await mine.next();
    if (order >= 0) right = await theirs.next();
  }
  // A run that began meanwhile moves both: then there is nothing to compare.
  if (JSON.stringify(kept) === JSON.stringify(await ledger.summary())) compareSums(options, kept, sums);
}

type NumberOf = (batchId: string) => Promise<number | undefined>;

function batchNumbers(...ledgers: readonly LedgerReader[]): NumberOf {
  const numbers = new Map<string, number | undefined>();
  return async (batchId) => {
    if (!numbers.has(batchId)) {
      let number: number | undefined;
      for (const ledger of ledgers) number ??= (await ledger.batch(batchId))?.number;
      numbers.set(batchId, number);
    }
    return numbers.get(batchId);
  };
}

async function judge(
  options: CheckLedgerOptions,
  pair: {
    readonly standing: Arrival | undefined;
    readonly truth: Arrival | undefined;
    readonly numberOf: NumberOf;
  },
): Promise<void> {
  const { before, top, ledger, findings, pipeline } = options;
  const { standing, truth, numberOf } = pair;
  const number = async (arrival: Arrival | undefined): Promise<number> =>
    arrival?.batchId === undefined ? 0 : ((await numberOf(arrival.batchId)) ?? 0);
  // Not taken in yet, or committed while this was under way: neither is a difference.
  if ((await number(truth)) > before.lastTakenIn || (await number(standing)) > top) return;
  const where = `${displayKey((standing ?? truth)!.key)} of ${pipeline.name}`;
  if (standing?.state === "claimed") {
    const batch = standing.batchId === undefined ? undefined : await ledger.batch(standing.batchId);
    const open = batch?.state === "planned" || batch?.state === "staged" || batch?.state === "committed";
    // The batch may have ended between the two looks.
    const still = (await ledger.get(standing))?.state === "claimed";
    if (open || !still) return;
    findings.add("fault", "CLAIM_WITHOUT_BATCH", {
      what: `The file is claimed by a batch that is ${batch?.state ?? "unknown"}: no run would ever take it.`,
      where,
      hint: REBUILD,
    });
    return;
  }
  const difference = compareArrival(standing, truth);
  // A decision that was taken in meanwhile moves the ledger alone.
  if (difference !== undefined && (await ledger.decisions()).length === before.decisions.size)
    findings.add("fault", difference.code, { what: difference.what, where, hint: REBUILD });
}

interface Sums {
  readonly states: Map<string, number>;
  read: number;
  written: number;
  rescued: number;
  rejected: number;
  corrupt: number;
}

function emptySums(): Sums {
  return { states: new Map(), read: 0, written: 0, rescued: 0, rejected: 0, corrupt: 0 };
}

function count(sums: Sums, { state, outcome }: Arrival): void {
  sums.states.set(state, (sums.states.get(state) ?? 0) + 1);
  sums.read += outcome?.read ?? 0;
  sums.written += outcome?.written ?? 0;
  sums.rescued += outcome?.rescued ?? 0;
  sums.rejected += outcome?.rejected ?? 0;
  sums.corrupt += outcome?.corrupt ?? 0;
}

/** `status` shows sums that the ledger keeps apart from its files. */
function compareSums(options: CheckLedgerOptions, { states, rows }: LedgerSummary, sums: Sums): void {
  const wrong = [
    ...Object.entries(states).map(([state, kept]) => [state, kept, sums.states.get(state) ?? 0] as const),
    ["rows read", rows.read, sums.read] as const,
    ["rows written", rows.written, sums.written] as const,
    ["rows rescued", rows.rescued, sums.rescued] as const,
    ["rows rejected", rows.rejected, sums.rejected] as const,
    ["rows of corrupt records", rows.corrupt, sums.corrupt] as const,
  ].filter(([, kept, counted]) => kept !== counted);
  for (const [name, kept, counted] of wrong) {
    options.findings.add("fault", "LEDGER_SUMS_DIFFER", {
      what: `The ledger keeps the sum ${kept} for ${name}; its files come to ${counted}.`,
      where: `ledger of ${options.pipeline.name}`,
      hint: REBUILD,
    });
  }
}
