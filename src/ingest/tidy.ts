/**
 * Tidy: what has been settled leaves the source, as the declaration says (exactly-once rules, §3.6 and §5). It rests on the ledger and the
 * vacate records, resumes after a restart, and holds up nothing: what fails is a warning, and a later run tries again.
 */
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import type { HoldingFolder } from "../sources/holding-folder.ts";
import type { Source } from "../sources/source.ts";
import type { TidyCounts } from "./events.ts";
import { foldedReader } from "./folded-batches.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { readManifest } from "./settle-batch.ts";
import { tidyBatch } from "./tidy-batch.ts";
import { addTidied, endHeld, NOTHING_TIDIED } from "./tidy-held.ts";
import { markersOf } from "./tidy-markers.ts";
import { placementOf, type TidyPolicy } from "./tidy-places.ts";

export interface TidyOptions {
  readonly source: Source;
  readonly policy: TidyPolicy;
}

/** Batches that are asked for at once. */
const PAGE = 100;

/**
 * Every start empties the holding folder, also one that has nothing to tidy any more: what is held lies nowhere else. After take-in,
 * before discovery.
 *
 * @throws only when the run is aborted
 */
export async function emptyHoldingFolder(
  context: PipelineContext,
  options: TidyOptions,
): Promise<TidyCounts> {
  const { source, policy } = options;
  const holding = source.holdingFolder?.(context.pipelineId);
  if (holding === undefined) return NOTHING_TIDIED;
  return orWarn(context, async () => {
    const held = await holding.held();
    if (held.length === 0) return NOTHING_TIDIED;
    const counts = await endHeld(context, held, {
      holding,
      resumes: true,
      afterwards: markersOf(context, { source, holding }),
      async placement({ batchId }, kind) {
        const batch = batchId === undefined ? undefined : await context.ledger.batch(batchId);
        return batch && placementOf(policy, kind, await readManifest(context, batch));
      },
    });
    await holding.tidyUp();
    return counts;
  });
}

/** Everything that is due. @throws only when the run is aborted */
export async function tidy(context: PipelineContext, options: TidyOptions): Promise<TidyCounts> {
  const { source, policy } = options;
  const holding = source.holdingFolder?.(context.pipelineId);
  if (holding === undefined) return NOTHING_TIDIED;
  let counts = NOTHING_TIDIED;
  for (const kind of ["quarantined", "committed"] as const) {
    if ((kind === "committed" ? policy.archive : policy.quarantine) === undefined) continue;
    counts = addTidied(counts, await orWarn(context, () => tidyKind(context, { ...options, holding, kind })));
  }
  return counts;
}

async function tidyKind(
  context: PipelineContext,
  options: TidyOptions & { readonly holding: HoldingFolder; readonly kind: "committed" | "quarantined" },
): Promise<TidyCounts> {
  const { holding, kind } = options;
  // Batches that are due long after they committed may have been folded: each file of them is read once.
  const folded = foldedReader(context.table.storage, context.name);
  let counts = NOTHING_TIDIED;
  let after = 0;
  for (;;) {
    const batches = await context.ledger.untidiedBatches(kind, after, PAGE);
    for (const batch of batches) {
      context.signal?.throwIfAborted();
      const tidied = await tidyBatch(context, { ...options, batch, folded });
      counts = addTidied(counts, tidied.counts);
      after = batch.number;
      if (tidied.outcome === "due" || tidied.outcome === "failed") return ended(holding, counts);
    }
    if (batches.length < PAGE) return ended(holding, counts);
  }
}

async function ended(holding: HoldingFolder, counts: TidyCounts): Promise<TidyCounts> {
  await holding.tidyUp();
  return counts;
}

/** The rows are in the table whatever becomes of the files. */
async function orWarn(context: PipelineContext, run: () => Promise<TidyCounts>): Promise<TidyCounts> {
  try {
    return await run();
  } catch (error) {
    if (context.signal?.aborted === true || isLandfallError(error, "ABORTED")) throw error;
    context.emit({ type: "tidy.failed", reason: messageOf(error) });
    return { ...NOTHING_TIDIED, failed: 1 };
  }
}
