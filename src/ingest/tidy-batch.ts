/** Tidies one settled batch: what lies in the source under the generation that was read is archived, deleted or moved to quarantine. */
import { faultPoint } from "../base/fault-point.ts";
import { messageOf } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import type { Arrival, Batch, TidiedArrival } from "../ledger/ledger.ts";
import { TIDY_STATES, type TidyKind } from "../ledger/states.ts";
import type { HeldFile, HoldingFolder } from "../sources/holding-folder.ts";
import type { Source } from "../sources/source.ts";
import { makeFolders } from "../storage/make-folder.ts";
import type { TidyCounts } from "./events.ts";
import type { Manifest } from "./manifest.ts";
import type { FoldedReader } from "./folded-batches.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { findPlaced } from "./place-file.ts";
import { readManifest } from "./settle-batch.ts";
import { addTidied, endHeld, NOTHING_TIDIED } from "./tidy-held.ts";
import { markersOf } from "./tidy-markers.ts";
import { placementOf, type Placement, type TidyPolicy } from "./tidy-places.ts";
import { recordsOfBatch, recordVacate, type VacateRecord } from "./vacate-records.ts";

export interface TidyBatchOptions {
  readonly source: Source;
  readonly holding: HoldingFolder;
  readonly policy: TidyPolicy;
  readonly kind: TidyKind;
  readonly batch: Batch;
  /** Where its manifest may have been folded. */
  readonly folded: FoldedReader;
}

export interface TidiedBatch {
  /** `due`: its time has not come, nor that of any later batch. `failed`: what stands in its way stands in that of every other. */
  readonly outcome: "done" | "open" | "due" | "failed";
  readonly counts: TidyCounts;
}

/** Files that are taken, placed and made durable together. */
const TOGETHER = 256;

/** Only an abort and errors of ledger, storage and manifests are thrown; what a file meets is a warning. */
export async function tidyBatch(context: PipelineContext, options: TidyBatchOptions): Promise<TidiedBatch> {
  const { batch, kind, policy, holding, source } = options;
  const manifest = await readManifest(context, batch, options.folded);
  const placement = placementOf(policy, kind, manifest);
  if (placement === undefined || placement.dueAt > context.clock.now())
    return { outcome: "due", counts: NOTHING_TIDIED };
  const { lying, missing, failed } = await lookAtBatch(context, options, manifest);
  let counts: TidyCounts = { ...NOTHING_TIDIED, failed };
  await recognise(context, { ...options, missing });
  if (lying.length > 0) {
    if (!(await hasPlace(context, placement, lying)))
      return { outcome: "failed", counts: { ...counts, failed: lying.length } };
    const unnamed = lying.filter(({ vacated }) => !vacated);
    const { action, folder: to } = placement;
    const { number, batchId } = batch;
    await recordVacate(context, { number, batchId, action, to, arrivals: unnamed });
    const take = holding.taker(batch);
    for (let at = 0; at < lying.length; at += TOGETHER) {
      context.signal?.throwIfAborted();
      const held: HeldFile[] = [];
      const stuck: TidiedArrival[] = [];
      for (const { key, generation } of lying.slice(at, at + TOGETHER)) {
        try {
          const file = await take(key);
          faultPoint("tidy.held");
          if (file !== undefined) held.push(file);
        } catch (error) {
          stuck.push({ key, generation, outcome: "failed", detail: messageOf(error) });
        }
      }
      await tellStuck(context, stuck);
      const ended = await endHeld(context, held, {
        holding,
        placement: async () => placement,
        afterwards: markersOf(context, { source, holding }),
      });
      counts = addTidied(counts, { ...ended, failed: ended.failed + stuck.length });
    }
  }
  if (counts.failed > 0) return { outcome: "open", counts };
  await context.ledger.batchTidied(kind, batch.number);
  return { outcome: "done", counts };
}

interface LookedAt {
  /** What was read lies there. */
  readonly lying: readonly Arrival[];
  /** Something else does, or nothing. */
  readonly missing: readonly Arrival[];
  readonly failed: number;
}

async function lookAtBatch(
  context: PipelineContext,
  { batch, kind, source }: TidyBatchOptions,
  manifest: Manifest,
): Promise<LookedAt> {
  const lying: Arrival[] = [];
  const missing: Arrival[] = [];
  const stuck: TidiedArrival[] = [];
  for (const { key, generation, outcome } of manifest.arrivals) {
    if (outcome !== kind) continue;
    const arrival = await context.ledger.get({ key, generation });
    // A decision has taken the outcome back, or another batch has read it since.
    if (arrival?.batchId !== batch.batchId || !TIDY_STATES[kind].includes(arrival.state)) continue;
    try {
      const now = await source.lies(key);
      (now?.generation === generation ? lying : missing).push(arrival);
    } catch (error) {
      stuck.push({ key, generation, outcome: "failed", detail: messageOf(error) });
    }
  }
  await tellStuck(context, stuck);
  return { lying, missing, failed: stuck.length };
}

async function tellStuck(context: PipelineContext, stuck: readonly TidiedArrival[]): Promise<void> {
  if (stuck.length === 0) return;
  await context.ledger.tidied(stuck, context.clock.now());
  for (const { key, detail = "" } of stuck) context.emit({ type: "tidy.failed", key, reason: detail });
}

/** Before anything is taken: a folder that cannot be made is one warning, not one for each file. */
async function hasPlace(
  context: PipelineContext,
  { folder }: Placement,
  lying: readonly Arrival[],
): Promise<boolean> {
  if (folder === undefined) return true;
  try {
    await makeFolders(folder);
    return true;
  } catch (error) {
    const detail = messageOf(error);
    const failed = lying.map(({ key, generation }) => ({
      key,
      generation,
      outcome: "failed" as const,
      detail,
    }));
    await context.ledger.tidied(failed, context.clock.now());
    context.emit({ type: "tidy.failed", folder: displayKey(folder), reason: detail });
    return false;
  }
}

/**
 * A ledger that was rebuilt, died with, or belongs to another host does not know what became of a file whose name was vacated: the
 * records and the places that they name do.
 */
async function recognise(
  context: PipelineContext,
  { batch, missing }: TidyBatchOptions & { readonly missing: readonly Arrival[] },
): Promise<void> {
  const unsure = missing.filter(({ state, vacated }) => state === "committed" && vacated);
  if (unsure.length === 0) return;
  const records = await recordsOfBatch(context, batch);
  const tidied: TidiedArrival[] = [];
  for (const arrival of unsure) {
    for (const record of records) {
      const found = await whatBecame(record, arrival);
      if (found === undefined) continue;
      tidied.push(found);
      break;
    }
  }
  if (tidied.length > 0) await context.ledger.tidied(tidied, context.clock.now());
}

async function whatBecame(record: VacateRecord, arrival: Arrival): Promise<TidiedArrival | undefined> {
  const { key, generation } = arrival;
  if (!record.arrivals.some((named) => named.key === key && named.generation === generation))
    return undefined;
  if (record.action === "delete") return { key, generation, outcome: "deleted" };
  const path = record.to === undefined ? undefined : await findPlaced(record.to, arrival);
  return path === undefined ? undefined : { key, generation, outcome: "archived", detail: displayKey(path) };
}
