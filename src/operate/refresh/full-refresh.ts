/**
 * A full refresh: the pipeline's rows leave the table in one commit, and the pipeline gets a new id and a state of its own, so that the next
 * run reads every file in the source anew. The commit is what decides (ADR 16): it sets the old id's `txn` to ENDED, so that no batch of it
 * can follow, whoever staged it. What comes after the commit is made of the old state and may be done again, by anybody.
 */
import { isoInstant } from "../../base/clock.ts";
import { isJsonObject } from "../../base/lossless-json.ts";
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import { findCommitInfo, type Action } from "../../delta/actions.ts";
import { readBack, tryCommit } from "../../delta/commit.ts";
import { readCommit } from "../../delta/log-storage.ts";
import { removeOf } from "../../delta/remove-of.ts";
import { copyAdoption } from "../../ingest/decision.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { readPipelineIdentity, type PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { declaredNameOf, nameAfterRefresh } from "../../ingest/pipeline-name.ts";
import { STATE_SCHEMA_VERSION } from "../../ingest/state-file.ts";
import { baselineKey, pipelineKey } from "../../ingest/state-keys.ts";
import { ENDED, endsPipeline, takeIn, takenNumber } from "../../ingest/take-in.ts";
import { handedOnDecisions } from "./kept-out-files.ts";
import { REFRESH_ROWS, type RefreshPlan, type RefreshRows } from "./plan-refresh.ts";

/** How a commit tells that it ended a pipeline: `commitInfo.landfall.fullRefresh`. */
export interface RefreshCommit {
  readonly version: number;
  /** The id that the pipeline has from then on. */
  readonly to: string;
  readonly rows: RefreshRows;
}

/** The commit that ended the pipeline of an appId; undefined for any other. */
export function refreshCommitOf(
  actions: readonly Action[],
  at: { readonly appId: string; readonly version: number },
): RefreshCommit | undefined {
  const landfall = findCommitInfo(actions)?.["landfall"];
  const told = isJsonObject(landfall) ? landfall["fullRefresh"] : undefined;
  if (!endsPipeline(actions, at.appId) || !isJsonObject(told)) return undefined;
  const { to, rows } = told;
  const known = REFRESH_ROWS.find((one) => one === rows);
  return typeof to === "string" && known !== undefined ? { version: at.version, to, rows: known } : undefined;
}

const MAX_ATTEMPTS = 10;

/**
 * Takes the rows out and gives the pipeline its new state; resolves to the version that did. The caller holds the pipeline's lease.
 *
 * @param options.plan is called again for every snapshot that the commit is tried on
 * @throws LandfallError as `planRefresh`; CONFLICTS_UNENDED; of take-in
 */
export async function fullRefresh(
  context: PipelineContext,
  options: {
    readonly rows: RefreshRows;
    readonly plan: () => Promise<RefreshPlan | undefined>;
    readonly engineInfo: string;
  },
): Promise<RefreshCommit> {
  const { storage } = context.table;
  const to = context.newId();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const { state } = await takeIn(context);
    const plan = await options.plan();
    if (plan === undefined) break;
    const { snapshot } = plan;
    // A batch that came between take-in and this snapshot is taken in first: its files are known by its done mark, which may be missing
    // also where another process has told this very ledger of the batch.
    if (takenNumber(snapshot, context.appId) !== takenNumber(state, context.appId)) continue;
    const version = snapshot.version + 1;
    const actions = refreshActions(context, { ...options, plan, to });
    const tried = await tryCommit({ storage, version, actions });
    if (tried.outcome === "taken") continue;
    if ((await readBack({ storage, version, txnId: to })) !== "ours") continue;
    const commit = { version, to, rows: options.rows };
    await finishRefresh(context, commit);
    return commit;
  }
  throw new LandfallError("CONFLICTS_UNENDED", {
    message: `The full refresh could not be committed: other writers committed first, at each of ${MAX_ATTEMPTS} attempts.`,
    hint: "Nothing was changed: run again when the table is less busy.",
    table: storage.location,
  });
}

function refreshActions(
  context: PipelineContext,
  options: {
    readonly plan: RefreshPlan;
    readonly rows: RefreshRows;
    readonly to: string;
    readonly engineInfo: string;
  },
): Action[] {
  const { plan, rows, to, engineInfo } = options;
  const now = context.clock.now();
  return [
    {
      commitInfo: {
        timestamp: now,
        operation: "DELETE",
        operationParameters: { predicate: rows === "all" ? '["true"]' : "[]" },
        isBlindAppend: false,
        operationMetrics: {
          numRemovedFiles: String(plan.removed.files),
          ...(plan.removed.rows === undefined ? {} : { numDeletedRows: String(plan.removed.rows) }),
        },
        engineInfo,
        txnId: to,
        landfall: {
          pipeline: declaredNameOf(context.name),
          fullRefresh: { from: context.pipelineId, to, rows },
        },
      },
    },
    { txn: { appId: context.appId, version: ENDED, lastUpdated: now } },
    ...plan.removes.map((add) => ({ remove: removeOf(add, { now, dataChange: true }) })),
  ];
}

/** True where the pipeline was ended by a refresh that has not come to its end. */
export async function isCutOff(context: PipelineContext): Promise<boolean> {
  return takenNumber(await context.table.refresh(context.signal), context.appId) === ENDED;
}

/**
 * Ends a refresh that was cut off after its commit: the commit says all that is needed.
 *
 * @throws LandfallError HISTORY_LOST where the log no longer holds the commit
 */
export async function resumeRefresh(context: PipelineContext): Promise<RefreshCommit> {
  const { storage } = context.table;
  const state = await context.table.refresh(context.signal);
  for (let version = state?.version ?? -1; version >= 0; version--) {
    context.signal?.throwIfAborted();
    const read = await readCommit({ storage, version });
    if (read === undefined) break;
    const commit = refreshCommitOf(read.actions, { appId: context.appId, version });
    if (commit === undefined) continue;
    await finishRefresh(context, commit);
    return commit;
  }
  throw new LandfallError("HISTORY_LOST", {
    message: `A full refresh of "${declaredNameOf(context.name)}" was cut off, and the Delta log no longer holds its commit, which says what is to be kept.`,
    hint: "Restore the log from a backup, or begin a new pipeline (--pipeline) over this table.",
    table: storage.location,
  });
}

/** The identity last: where it stands, what the new state begins with stands, too. */
async function finishRefresh(context: PipelineContext, commit: RefreshCommit): Promise<void> {
  const { storage } = context.table;
  const next = nameAfterRefresh(context.name);
  const old = await readPipelineIdentity(storage, context.name);
  await keepOut(context, next, commit.rows);
  const identity: PipelineIdentity = {
    schemaVersion: STATE_SCHEMA_VERSION,
    pipelineId: commit.to,
    name: next,
    source: old?.source ?? "",
    createdAt: isoInstant(context.clock.now()),
    refreshOf: context.pipelineId,
  };
  await storage.put(pipelineKey(next), `${JSON.stringify(identity, undefined, 2)}\n`, { ifAbsent: true });
}

/**
 * What a person kept out stays out: the baseline, and files that another loader has read, as long as the rows of that loader stay in the
 * table. All other decisions are about outcomes that are gone.
 */
async function keepOut(context: PipelineContext, next: string, rows: RefreshRows): Promise<void> {
  const { storage } = context.table;
  try {
    const baseline = await storage.get(baselineKey(context.name));
    await storage.put(baselineKey(next), baseline, { ifAbsent: true });
  } catch (error) {
    if (!isLandfallError(error, "OBJECT_MISSING")) throw error;
  }
  for (const decision of await handedOnDecisions(context, rows))
    await copyAdoption({ storage, from: context.name, to: next, decision });
}
