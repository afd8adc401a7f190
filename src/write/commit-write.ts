/**
 * The one way in which an operation becomes a version: planned from the newest snapshot, tried, judged against whoever came first, and
 * planned again where the two cannot both stand (delta.io, "Concurrency control").
 */
import { conflictBackoff } from "../base/conflict-backoff.ts";
import { faultPoint } from "../base/fault-point.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { Action } from "../delta/actions.ts";
import { readBack, tryCommit } from "../delta/commit.ts";
import { inCommitTimestampOf } from "../delta/in-commit-timestamp.ts";
import { isolationOf, type IsolationLevel } from "../delta/conflicts/isolation-level.ts";
import {
  judgeConflict,
  type Conflict,
  type JudgeConflictOptions,
} from "../delta/conflicts/judge-conflict.ts";
import { checkWritable } from "../delta/features.ts";
import { localRoot } from "../delta/locate-file.ts";
import { readCommit } from "../delta/log-storage.ts";
import { stateAfter, type TableState } from "../delta/table-state.ts";
import type { TableParts } from "../table/table-access.ts";
import { conflictError } from "./conflict-error.ts";
import { maintainLog } from "./maintain-log.ts";
import { stampActions } from "./stamp-actions.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite, WritePlan } from "./write-plan.ts";

export interface CommitWriteOptions {
  /**
   * Makes the plan of the newest snapshot; undefined: there is nothing to do. Called again, for a newer snapshot, after a conflict. Its files
   * are durable when it answers.
   */
  readonly plan: (state: TableState, using: PlanningWith) => Promise<WritePlan | undefined>;
  /** Writer features that the operation honours where a table uses them, beside those that any commit does. */
  readonly honoured?: ReadonlySet<string>;
  /** Default: as the table's property says, else `Serializable`. */
  readonly isolation?: IsolationLevel | undefined;
  /** How often it is planned at most. Default: 15. */
  readonly attempts?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PlanningWith {
  readonly parts: TableParts;
  readonly signal: AbortSignal;
  /** From 1 on. */
  readonly attempt: number;
}

const ATTEMPTS = 15;
/** Lost races in a row before it waits: others may be many, and each wins once. */
const AT_ONCE = 3;

/** Features that every commit honours by what is stamped on it. */
export const HONOURED_BY_STAMPS: ReadonlySet<string> = new Set(["inCommitTimestamp", "rowTracking"]);

/**
 * Undefined where the plan found nothing to do: then no version is made.
 *
 * @throws LandfallError of the class of the conflict that the last attempt met (`CONFLICT_…`), after which nothing has changed;
 * TABLE_FEATURE_UNSUPPORTED; of the plan; storage errors, after which the newest version tells whether it stands
 */
export function commitWrite(
  context: WriteContext,
  options: CommitWriteOptions,
): Promise<CommittedWrite | undefined> {
  const { attempts = ATTEMPTS } = options;
  return context.access.ask(options.signal, async (parts, signal) => {
    for (let attempt = 1; ; attempt++) {
      if (attempt > 1) await context.clock.sleep(conflictBackoff(attempt - 1), signal);
      const state = await context.newest(parts, signal);
      checkWritable(state, new Set([...HONOURED_BY_STAMPS, ...(options.honoured ?? [])]));
      const plan = await options.plan(state, { parts, signal, attempt });
      if (plan === undefined) return undefined;
      const end = await commitPlan(context, { ...options, parts, signal, state, plan });
      if ("metrics" in end) return end;
      await removeWritten(parts, plan);
      if (attempt >= attempts) throw conflictError(end, { table: parts.storage.location, plan });
    }
  });
}

type Lost = Conflict & { readonly after: number };
type PlanEnd = CommittedWrite | Lost;

interface CommitPlanOptions extends PlanningRun {
  readonly isolation?: IsolationLevel | undefined;
  readonly plan: WritePlan;
  /** The table that it was planned for. */
  readonly state: TableState;
}

interface PlanningRun {
  readonly parts: TableParts;
  readonly signal: AbortSignal;
}

/** Tries one version after another, past all commits that are not in its way. */
async function commitPlan(context: WriteContext, options: CommitPlanOptions): Promise<PlanEnd> {
  const { parts, signal, plan, state: base } = options;
  const { storage } = parts;
  const { configuration } = base.metadata;
  const isolation = isolationOf({ asked: options.isolation, configuration, actions: plan.actions });
  const judged: Judged = {
    state: base,
    root: localRoot(storage),
    actions: plan.actions,
    reads: plan.reads,
    isolation,
  };
  const txnId = uuidv7(context.clock.now());
  let state = base;
  for (let lost = 0; ; lost++) {
    signal.throwIfAborted();
    if (lost > AT_ONCE) await context.clock.sleep(conflictBackoff(lost - AT_ONCE) / 10, signal);
    if (lost > 0) {
      const passed = await afterNewer(state, { judged, parts, signal });
      if ("code" in passed) return passed;
      state = passed;
    }
    const version = state.version + 1;
    const actions = stampActions({
      plan,
      state,
      readVersion: base.version,
      isolation,
      now: context.clock.now(),
      engineInfo: context.engineInfo,
      txnId,
      timestampBefore: await inCommitTimestampOf({ storage, state }),
    });
    faultPoint("write.before");
    const tried = await tryCommit({ storage, version, actions });
    const winner = tried.outcome === "taken" ? tried.winner : await clobberedBy(parts, version, txnId);
    const at = { version, table: storage.location };
    if (winner === undefined) {
      faultPoint("write.committed");
      const after = stateAfter(state, { ...at, actions });
      await maintainLog(context, { parts, before: state, actions, state: after, signal });
      return { version, metrics: countsOf(plan) };
    }
    const passed = afterWinner(state, winner, { judged, table: storage.location });
    if ("code" in passed) return passed;
    state = passed;
  }
}

type Judged = Omit<JudgeConflictOptions, "winner">;

/** All commits that came by now are passed before the next attempt: one after an attempt each, a writer that never pauses would stay ahead. */
async function afterNewer(
  from: TableState,
  { judged, parts, signal }: PlanningRun & { readonly judged: Judged },
): Promise<TableState | Lost> {
  const { storage } = parts;
  for (let state = from; ;) {
    signal.throwIfAborted();
    const commit = await readCommit({ storage, version: state.version + 1 });
    if (commit === undefined) return state;
    const passed = afterWinner(state, commit.actions, { judged, table: storage.location });
    if ("code" in passed) return passed;
    state = passed;
  }
}

function afterWinner(
  state: TableState,
  winner: readonly Action[],
  { judged, table }: { readonly judged: Judged; readonly table: string },
): TableState | Lost {
  const version = state.version + 1;
  const conflict = judgeConflict({ ...judged, winner });
  return conflict === undefined
    ? stateAfter(state, { version, actions: winner, table })
    : { ...conflict, after: version };
}

/** The commit that stands in the place of ours by now: of a writer that does not put it there only if absent. Undefined: ours stands. */
async function clobberedBy(
  { storage, onNotice }: TableParts,
  version: number,
  txnId: string,
): Promise<readonly Action[] | undefined> {
  if ((await readBack({ storage, version, txnId })) === "ours") return undefined;
  const commit = await readCommit({ storage, version });
  onNotice?.({
    table: storage.location,
    file: `version ${version}`,
    message: `Another writer replaced version ${version} of ${storage.location} after it had been committed; it is committed again. Writers that overwrite versions cannot work beside others on this storage.`,
  });
  return commit?.actions ?? [];
}

function countsOf({ operationMetrics }: WritePlan): Record<string, number> {
  return Object.fromEntries(Object.entries(operationMetrics).map(([name, count]) => [name, Number(count)]));
}

async function removeWritten({ storage }: TableParts, { written }: WritePlan): Promise<void> {
  if (written.length > 0) await storage.delete(written);
}
