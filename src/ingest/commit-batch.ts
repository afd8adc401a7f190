/**
 * The commit of a staged batch. At every snapshot that it is tried on, rebases included, the table's `txn` must be number − 1: our
 * number under our batchId is ours already; anything else makes the plan void (exactly-once rules, §3.4).
 */
import { conflictBackoff } from "../base/conflict-backoff.ts";
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";
import type { Action, AddFile, Metadata, Protocol } from "../delta/actions.ts";
import { readBack, tryCommit } from "../delta/commit.ts";
import { checkWritable } from "../delta/features.ts";
import type { TableState } from "../delta/table-state.ts";
import { findWinner } from "./find-winner.ts";
import { batchCommitInfo, type OwnCommit } from "./own-commit.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { ENDED, startedOver, takenNumber } from "./take-in.ts";

/** A batch whose files are durable and whose manifest stands. */
export interface StagedBatch {
  readonly commit: OwnCommit;
  /** Adds of the data files; none for a batch that changes nothing. */
  readonly adds: readonly AddFile[];
  readonly rows: number;
  readonly bytes: number;
  /** The table as the batch was staged on; undefined for a table to be created. */
  readonly base: TableState | undefined;
  /** Of a new table, or one that new columns or wider types ask for. */
  readonly protocol?: Protocol;
  /** Of a new table, or the metadata with the batch's new columns and wider types. */
  readonly metadata?: Metadata;
}

export type CommitOutcome =
  | { readonly outcome: "committed"; readonly version: number }
  /** The plan is void: release its claims, take in, plan anew. `numberTaken`: the number is committed under another batchId. */
  | { readonly outcome: "void"; readonly reason: string; readonly numberTaken: boolean };

const MAX_ATTEMPTS = 30;

/** @throws LandfallError CONFLICTS_UNENDED, TABLE_CHANGED_IDENTITY, TABLE_FEATURE_UNSUPPORTED, storage errors */
export async function commitBatch(
  context: PipelineContext,
  batch: StagedBatch,
  options: { readonly engineInfo: string },
): Promise<CommitOutcome> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await context.clock.sleep(conflictBackoff(attempt), context.signal);
    const state = await context.table.refresh();
    const verdict = await judge(context, batch, state);
    if (verdict !== "try") return verdict;
    const version = (state?.version ?? -1) + 1;
    faultPoint("commit.before");
    const tried = await tryCommit({
      storage: context.table.storage,
      version,
      actions: actionsOf(context, batch, options.engineInfo),
    });
    if (tried.outcome === "taken") continue;
    faultPoint("commit.after");
    const back = await readBack({ storage: context.table.storage, version, txnId: batch.commit.batchId });
    faultPoint("commit.readback");
    if (back === "ours") return { outcome: "committed", version };
    context.emit({ type: "commit.clobbered", number: batch.commit.number, version });
    const reason = `another writer replaced version ${version} after this batch had committed it`;
    return { outcome: "void", reason, numberTaken: false };
  }
  throw new LandfallError("CONFLICTS_UNENDED", {
    message: `Batch ${batch.commit.number} could not be committed: other writers committed first, at each of ${MAX_ATTEMPTS} attempts.`,
    hint: "Nothing is lost: run again when the table is less busy.",
    table: context.table.storage.location,
    batch: batch.commit.number,
  });
}

/** What the table's present state says of the plan. */
async function judge(
  context: PipelineContext,
  batch: StagedBatch,
  state: TableState | undefined,
): Promise<CommitOutcome | "try"> {
  const { number, batchId } = batch.commit;
  const top = takenNumber(state, context.appId);
  if (top === ENDED) throw startedOver(context);
  if (state !== undefined && top >= number) {
    const winner = await findWinner(context, { number, latestVersion: state.version });
    if (winner.batchId === batchId) return { outcome: "committed", version: winner.version };
    return {
      outcome: "void",
      reason: `batch ${number} was committed by another process`,
      numberTaken: true,
    };
  }
  if (top !== number - 1) {
    throw new LandfallError("TABLE_CHANGED_IDENTITY", {
      message: `The table's transaction number of this pipeline (txn) is ${top}, and batch ${number} is to be committed: the table was put back to an earlier state.`,
      hint: "The table was restored or made again meanwhile; run again to see the choices.",
      table: context.table.storage.location,
      batch: number,
    });
  }
  if (!isSameShape(batch.base, state)) {
    const reason = "the table's schema or protocol was changed by another writer";
    return { outcome: "void", reason, numberTaken: false };
  }
  if (state !== undefined) checkWritable(state);
  return "try";
}

/** True when rows staged on `base` are right on `now`: appends by others change nothing for an append. */
export function isSameShape(base: TableState | undefined, now: TableState | undefined): boolean {
  if (base === undefined || now === undefined) return base === now;
  return (
    base.metadata.id === now.metadata.id &&
    base.metadata.schemaString === now.metadata.schemaString &&
    base.metadata.partitionColumns.join("\n") === now.metadata.partitionColumns.join("\n") &&
    JSON.stringify(base.metadata.configuration) === JSON.stringify(now.metadata.configuration) &&
    JSON.stringify(base.protocol) === JSON.stringify(now.protocol)
  );
}

function actionsOf(context: PipelineContext, batch: StagedBatch, engineInfo: string): Action[] {
  const now = context.clock.now();
  return [
    {
      commitInfo: batchCommitInfo({
        now,
        engineInfo,
        commit: batch.commit,
        pipeline: context.name,
        partitionBy: batch.metadata?.partitionColumns ?? batch.base?.metadata.partitionColumns ?? [],
        files: batch.adds.length,
        rows: batch.rows,
        bytes: batch.bytes,
      }),
    },
    ...(batch.protocol ? [{ protocol: batch.protocol }] : []),
    ...(batch.metadata ? [{ metaData: batch.metadata }] : []),
    { txn: { appId: context.appId, version: batch.commit.number, lastUpdated: now } },
    ...batch.adds.map((add) => ({ add })),
  ];
}
