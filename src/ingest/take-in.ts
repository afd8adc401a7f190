/**
 * Take-in: brings the ledger up to the truth, from the table's `txn`, done marks, log and manifests. Rebuilding a lost ledger is
 * take-in from zero: the same code (exactly-once rules, §2). It also notices a table that is not the one the ledger knows.
 */
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { findCommitInfo, type Action } from "../delta/actions.ts";
import { readCommit } from "../delta/log-storage.ts";
import type { TableState } from "../delta/table-state.ts";
import type { TableIdentity } from "../ledger/ledger.ts";
import type { Storage } from "../storage/storage.ts";
import { findWinners } from "./find-winner.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { declaredNameOf } from "./pipeline-name.ts";
import { takeInVacateRecords } from "./vacate-records.ts";
import { readManifestSha256, settleBatch, writeDoneMark } from "./settle-batch.ts";

/**
 * What the table's `txn` says of a pipeline that a full refresh has ended: no batch of it can be committed any more, whoever staged it and
 * however long ago, since a commit needs `txn` = number − 1.
 */
export const ENDED = -1;

/** True for the commit of a full refresh that ended the pipeline of that appId. */
export function endsPipeline(actions: readonly Action[], appId: string): boolean {
  return actions.some(
    (action) => "txn" in action && action.txn.appId === appId && Number(action.txn.version) === ENDED,
  );
}

/** The pipeline's batch number in the table; 0 before the first, ENDED after a full refresh. */
export function takenNumber(state: TableState | undefined, appId: string): number {
  return Number(state?.txns.get(appId)?.version ?? 0);
}

/**
 * Settles every batch that committed and that this ledger has not settled, in ascending order, and writes the done marks that
 * are missing. Answers the table's state that it rests on, how many batches it took in, and how many vacate records stand in files of
 * their own.
 *
 * @throws LandfallError TABLE_CHANGED_IDENTITY, HISTORY_LOST, STATE_CORRUPT
 */
export async function takeIn(context: PipelineContext): Promise<{
  readonly state: TableState | undefined;
  readonly batches: number;
  readonly vacateRecords: number;
}> {
  const { ledger, table, appId } = context;
  // The ledger first: a process that was paused here must not take what another one has brought forward for a table that went back.
  const known = await ledger.tableIdentity();
  const last = (await ledger.lastTakenIn())?.number ?? 0;
  const state = await table.refresh(context.signal);
  await checkTableIdentity(context, known, state);
  const top = takenNumber(state, appId);
  if (top === ENDED) throw startedOver(context);
  if (top < last)
    throw changedIdentity(context, `its txn says batch ${top}, the ledger has taken in batch ${last}`);
  if (state !== undefined && top > last) {
    const range = { from: last + 1, to: top, latestVersion: state.version };
    for await (const winner of findWinners(context, range)) {
      context.signal?.throwIfAborted();
      await settleBatch(context, winner);
    }
  }
  await resumeDoneMarks(context);
  const vacateRecords = await takeInVacateRecords(context);
  if (state !== undefined) await rememberTable(context, state);
  return { state, batches: top - last, vacateRecords };
}

/** A ledger that has taken in a number writes its done mark if it is missing, before the next number is planned. */
async function resumeDoneMarks(context: PipelineContext): Promise<void> {
  for (const batch of await context.ledger.batchesWithoutDoneMark()) {
    const version = batch.version ?? 0;
    const commit = await readCommit({ storage: context.table.storage, version });
    const landfall = commit && findCommitInfo(commit.actions)?.["landfall"];
    const named = (landfall as { readonly sha256?: string } | undefined)?.sha256;
    const { number, batchId } = batch;
    // Another program may have cleaned up the log meanwhile: the ledger still knows who won, and the manifest stands.
    const sha256 = named ?? (await readManifestSha256(context, { number, batchId }));
    await writeDoneMark(context, { number, batchId, version, sha256, done: false });
  }
}

async function rememberTable(context: PipelineContext, state: TableState): Promise<void> {
  const known = await context.ledger.tableIdentity();
  if (known !== undefined && known.version === state.version && known.tableId === state.metadata.id) return;
  const commit = await readCommit({ storage: context.table.storage, version: state.version });
  const txnId = (commit && findCommitInfo(commit.actions)?.txnId) ?? "";
  await context.ledger.setTableIdentity({ tableId: state.metadata.id, version: state.version, txnId });
  faultPoint("table.known");
}

/** Another process made a full refresh of the pipeline, or one of this host was cut off. */
export function startedOver(context: {
  readonly name: string;
  readonly table: { readonly storage: Storage };
}): LandfallError {
  const pipeline = declaredNameOf(context.name);
  const table = context.table.storage.location;
  return new LandfallError("PIPELINE_STARTED_OVER", {
    message: `A full refresh has taken the rows of "${pipeline}" out of ${table}: what was planned before it cannot be committed any more.`,
    hint: "Run again to go on with the files in the source; if this comes again, the refresh was cut off: run with --full-refresh to end it.",
    pipeline,
    table,
  });
}

interface ChangeContext {
  readonly name: string;
  readonly table: { readonly storage: Storage };
}

/**
 * Stops at a table that was dropped and made again, restored, or rewritten behind our back (exactly-once rules, §3). Only reads.
 *
 * @throws LandfallError TABLE_CHANGED_IDENTITY
 */
export async function checkTableIdentity(
  context: ChangeContext,
  known: TableIdentity | undefined,
  state: TableState | undefined,
): Promise<void> {
  if (known === undefined) return;
  if (state === undefined) throw changedIdentity(context, "the table is gone");
  if (state.metadata.id !== known.tableId) {
    throw changedIdentity(context, `its id is ${state.metadata.id}, the ledger knows ${known.tableId}`);
  }
  if (state.version < known.version) {
    throw changedIdentity(
      context,
      `it is at version ${state.version}, the ledger has seen version ${known.version}`,
    );
  }
  for (let version = known.version; version <= state.version; version++) {
    const commit = await readCommit({ storage: context.table.storage, version });
    if (commit === undefined) continue;
    const info = findCommitInfo(commit.actions);
    if (version === known.version) {
      if ((info?.txnId ?? "") !== known.txnId) {
        throw changedIdentity(context, `another commit stands in the place of version ${version}`);
      }
    } else if (info?.operation === "RESTORE") {
      throw changedIdentity(context, `version ${version} restored the table to an earlier state`);
    }
  }
}

function changedIdentity(context: ChangeContext, what: string): LandfallError {
  const table = context.table.storage.location;
  return new LandfallError("TABLE_CHANGED_IDENTITY", {
    message: `${table} is not the table that the ledger of "${context.name}" knows: ${what}.`,
    hint:
      "If the table was restored or made again on purpose, remove the pipeline's state " +
      `(${table}/_landfall/${context.name}, and the ledger in its --state folder where it has one) to read every file again into it; else put the table back from a backup.`,
    pipeline: context.name,
    table,
  });
}
