/** One batch, from its plan to its done mark. */
import { faultPoint } from "../base/fault-point.ts";
import { stopwatch } from "../base/stopwatch.ts";
import type { TableState } from "../delta/table-state.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Candidate } from "../ledger/ledger.ts";
import { batchCounts } from "./batch-counts.ts";
import { commitBatch } from "./commit-batch.ts";
import type { BatchCounts, BatchStage, StageMilliseconds } from "./events.ts";
import type { Manifest } from "./manifest.ts";
import { modifiedAt } from "../sources/stability.ts";
import { lastBatchSchema } from "./last-batch-schema.ts";
import { removeOwnAttempt } from "./lost-attempts.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { settleBatch } from "./settle-batch.ts";
import { checksum } from "./compare-overwritten.ts";
import { ATTEMPTS } from "./plan-batch.ts";
import { quarantined } from "../engine/quarantined.ts";
import { stageBatch, type StageBatchOptions, type StageFiles, type StageOutcome } from "./stage-batch.ts";

export type BatchOutcome =
  | {
      readonly outcome: "committed";
      readonly number: number;
      readonly version: number;
      readonly counts: BatchCounts;
    }
  /** Void: nothing of it counts; its arrivals are discovered again. */
  | { readonly outcome: "void"; readonly number: number; readonly reason: string }
  /** The engine's process died over its files, which are discovered again, with an attempt counted for each. */
  | { readonly outcome: "died"; readonly number: number }
  /** Another process on this ledger claimed some of its arrivals first: nothing was planned, staged or written. */
  | { readonly outcome: "overtaken"; readonly number: number };

export interface RunBatchOptions extends Pick<
  StageBatchOptions,
  "source" | "stageFiles" | "reader" | "newTable" | "thresholds"
> {
  /** The declaration has a transform. Default: false. */
  readonly transforms?: boolean;
  readonly arrivals: readonly Candidate[];
  /** From take-in: the plan rests on it. */
  readonly state: TableState | undefined;
  readonly engineInfo: string;
}

/**
 * A file that stands alone and over which the engine's process died often enough is quarantined here with how it died, in this very batch.
 *
 * @throws whatever stage and commit throw; the batch is void then, and its arrivals are discovered again
 */
export async function runBatch(context: PipelineContext, options: RunBatchOptions): Promise<BatchOutcome> {
  const { ledger, clock } = context;
  const started = clock.now();
  const watch = stopwatch<BatchStage>();
  // The number comes from what this ledger has taken in, never from the table's txn or from done marks (rules, §3.2).
  const last = await ledger.lastTakenIn();
  const number = (last?.number ?? 0) + 1;
  const batchId = context.newId();
  faultPoint("plan.before");
  const planned = await ledger.plan({ number, batchId, at: started }, options.arrivals);
  if (planned === "overtaken") {
    const reason = "another process of this pipeline was quicker to plan the same files";
    context.emit({ type: "batch.void", number, batchId, reason });
    return { outcome: planned, number };
  }
  const bytes = options.arrivals.reduce((total, arrival) => total + arrival.size, 0);
  const newestModifiedAt = options.arrivals.reduce((newest, one) => Math.max(newest, modifiedAt(one)), 0);
  const files = options.arrivals.length;
  const milliseconds = watch.lap("plan");
  context.emit({ type: "batch.planned", number, batchId, files, bytes, newestModifiedAt, milliseconds });
  faultPoint("plan.after");
  try {
    const batchSchema = options.transforms === true ? await lastBatchSchema(context, last) : undefined;
    const staged = await stageOrQuarantine(context, { ...options, number, batchId, batchSchema });
    if ("died" in staged) {
      const { died } = staged;
      await ledger.voidBatch(batchId, clock.now(), died);
      context.emit({ type: "batch.void", number, batchId, reason: died });
      return { outcome: "died", number };
    }
    watch.lap("files");
    await ledger.advance(batchId, "staged");
    faultPoint("stage.known");
    const counts = batchCounts(staged.manifest);
    if (staged.batch.base === undefined && staged.batch.metadata === undefined)
      return await giveUpUnread(context, { number, batchId, manifest: staged.manifest });
    context.emit({
      type: "batch.staged",
      number,
      batchId,
      files: counts.files,
      rows: counts.rowsWritten,
    });
    const committed = await commitBatch(context, staged.batch, options);
    if (committed.outcome === "void") {
      await ledger.voidBatch(batchId, clock.now());
      // The winner may have removed our manifest before we had put the files that it names: only we still know them.
      if (committed.numberTaken) await removeOwnAttempt(context, staged.manifest);
      context.emit({ type: "batch.void", number, batchId, reason: committed.reason });
      return { outcome: "void", number, reason: committed.reason };
    }
    const { version } = committed;
    await ledger.advance(batchId, "committed", version);
    watch.lap("commit");
    faultPoint("commit.known");
    const { sha256 } = staged.batch.commit;
    const manifest = await settleBatch(context, { number, batchId, version, sha256, done: false }, watch);
    report(context, manifest, staged);
    const stages = stagesOf(watch.laps, staged.milliseconds);
    context.emit({
      type: "batch.committed",
      number,
      batchId,
      version,
      counts,
      milliseconds: clock.now() - started,
      stages,
    });
    return { outcome: "committed", number, version, counts };
  } catch (error) {
    // Does nothing to a batch that has settled; one that committed without our knowing is found by the next take-in.
    await ledger.voidBatch(batchId, clock.now()).catch(() => {});
    throw error;
  }
}

type StagedOrDied = StageOutcome | { readonly died: string };

async function stageOrQuarantine(
  context: PipelineContext,
  options: StageBatchOptions & Pick<RunBatchOptions, "arrivals">,
): Promise<StagedOrDied> {
  try {
    return await stageBatch(context, options);
  } catch (error) {
    if (!isLandfallError(error, "ENGINE_DIED")) throw error;
    const [only, ...others] = options.arrivals;
    const attempts = (only?.attempts ?? 0) + 1;
    if (others.length > 0 || attempts < ATTEMPTS) return { died: error.message };
    // Throws when the engine dies over nothing: then no file is to blame.
    const stageFiles = quarantining(options.stageFiles, `${error.message} It died ${attempts} times.`);
    return stageBatch(context, { ...options, stageFiles });
  }
}

/** Stages nothing of the files, which are quarantined: an empty batch shows that the engine lives, and what columns the table has. */
function quarantining(stageFiles: StageFiles, reason: string): StageFiles {
  return async (batch) => {
    const empty = await stageFiles({ ...batch, files: [] });
    const files = await Promise.all(
      batch.files.map(async ({ key, path }) =>
        quarantined({ key, ...(await checksum(path, batch.signal)) }, reason),
      ),
    );
    return { ...empty, files };
  };
}

/** The engine's share is taken out of the time of staging. */
function stagesOf(laps: StageMilliseconds, engine: StageMilliseconds): StageMilliseconds {
  const elsewhere = Object.values(engine).reduce((total, milliseconds) => total + milliseconds, 0);
  return { ...laps, ...engine, files: Math.max(0, (laps.files ?? 0) - elsewhere) };
}

/**
 * Every file of a batch that would have made the table is gone: nothing says what columns it should have, and a log that begins
 * without a schema cannot be read. What is gone needs no commit, since a listing that sees it again brings it back.
 */
async function giveUpUnread(
  context: PipelineContext,
  batch: { readonly number: number; readonly batchId: string; readonly manifest: Manifest },
): Promise<BatchOutcome> {
  const { number, batchId, manifest } = batch;
  const reason = "every file of it is gone, and there is no table yet";
  const at = context.clock.now();
  await context.ledger.voidBatch(batchId, at);
  await context.ledger.skip(
    manifest.arrivals.map(({ key, generation, reason: why }) => ({
      key,
      generation,
      rule: "gone" as const,
      ...(why === undefined ? {} : { reason: why }),
    })),
    at,
  );
  report(context, manifest, { notes: [], addedColumns: [], widenedColumns: [] });
  context.emit({ type: "batch.void", number, batchId, reason });
  return { outcome: "void", number, reason };
}

function report(
  context: PipelineContext,
  manifest: Manifest,
  { notes, addedColumns, widenedColumns }: Pick<StageOutcome, "notes" | "addedColumns" | "widenedColumns">,
): void {
  if (addedColumns.length > 0 || widenedColumns.length > 0)
    context.emit({ type: "schema.changed", added: addedColumns, widened: widenedColumns });
  for (const text of notes) context.emit({ type: "note", text });
  const keys = manifest.ignoredKeys;
  if (keys !== undefined) context.emit({ type: "values.ignored", keys });
  for (const arrival of manifest.arrivals) {
    const { key, generation, reason } = arrival;
    if (arrival.outcome === "quarantined") {
      context.emit({ type: "arrival.quarantined", key, number: manifest.number, reason: reason ?? "" });
    } else if (arrival.outcome === "skipped") {
      context.emit({ type: "arrival.skipped", key, generation, rule: "gone", ...(reason ? { reason } : {}) });
    }
  }
}
