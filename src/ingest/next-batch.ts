/** What comes next: asks the ledger for candidates, in the declared order, until the plan takes some of them or nothing is left. */
import type { Candidate, CandidateChoice, Ledger } from "../ledger/ledger.ts";
import type { ReadOrder } from "../declaration/shapes/source-shape.ts";
import type { BackfillAllowance } from "./backfill-allowance.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import {
  isAdopted,
  planBatch,
  type OnOverwrite,
  type OverwrittenArrival,
  type PlanLimits,
} from "./plan-batch.ts";

export interface NextBatch {
  readonly arrivals: readonly Candidate[];
  /** It is a part of an old stock: what arrived meanwhile comes before the next part. */
  readonly isBackfill: boolean;
}

export interface NextBatchOptions {
  readonly limits: PlanLimits;
  readonly onOverwrite: OnOverwrite;
  readonly order: ReadOrder;
  readonly backfill: BackfillAllowance | undefined;
  /** The folder whose files arrive together with this one; undefined for a file by itself. */
  readonly together: ((key: string) => string | undefined) | undefined;
  /** False for a file that this user may not read: it stays discovered. */
  readonly isReadable: (candidate: Candidate) => boolean;
  /** What `isReadable` has turned away so far. */
  readonly unreadable: () => number;
  /** True for what `judge` has compared with the adopted file of its name, and found to be another. */
  readonly isNewContent: (candidate: Candidate) => boolean;
  /** Carries out what the plan says of them, so that they are candidates no more, or new content. */
  readonly judge: (overwritten: readonly OverwrittenArrival[]) => Promise<void>;
}

/** Undefined where there is nothing to read now. */
export async function nextBatch(
  context: PipelineContext,
  options: NextBatchOptions,
): Promise<NextBatch | undefined> {
  const { backfill, limits } = options;
  if (backfill === undefined) {
    const { arrivals } = await pick(context, options, { choice: {}, limits });
    return arrivals.length === 0 ? undefined : { arrivals, isBackfill: false };
  }
  const before = backfill.beforeNs(context);
  const fresh = await pick(context, options, { choice: { modifiedFromNs: before }, limits });
  if (fresh.arrivals.length > 0) return { arrivals: fresh.arrivals, isBackfill: false };
  const choice = { modifiedBeforeNs: before };
  if ((await context.ledger.candidates(1, choice)).length === 0) return undefined;
  const share = await backfill.limits(context, limits);
  const stock = share && (await pick(context, options, { choice, limits: share }));
  if (stock !== undefined && stock.arrivals.length > 0) return { arrivals: stock.arrivals, isBackfill: true };
  if (stock === undefined || stock.isOverShare) backfill.spend(context);
  return undefined;
}

interface Picked {
  readonly arrivals: readonly Candidate[];
  /** There was something, and it is larger than what is left of today's share. */
  readonly isOverShare: boolean;
}

async function pick(
  context: PipelineContext,
  options: NextBatchOptions,
  { choice, limits }: { readonly choice: CandidateChoice; readonly limits: PlanLimits },
): Promise<Picked> {
  const { ledger } = context;
  const { onOverwrite, order, together, judge, isNewContent } = options;
  let limit = options.limits.maxFiles;
  for (;;) {
    const found = await ledger.candidates(limit + options.unreadable(), { ...choice, order });
    const known = choice.modifiedFromNs === undefined ? found : await withEarlier(ledger, found);
    const readable = known.filter(options.isReadable);
    const plan =
      together === undefined
        ? planBatch({ candidates: readable, onOverwrite, limits, isNewContent })
        : await planTogether(ledger, { ...options, candidates: readable, limits, together });
    if (plan.overwritten.length > 0) await judge(plan.overwritten);
    // What proves to be new content takes its place in the order, and in its folder.
    if (plan.overwritten.some(({ standing }) => isAdopted(standing))) continue;
    if (plan.arrivals.length > 0) return { arrivals: plan.arrivals, isOverShare: false };
    if (plan.isOverShare === true) return { arrivals: [], isOverShare: true };
    if (plan.overwritten.length > 0) continue;
    if (found.length < limit) return { arrivals: [], isOverShare: false };
    // All of these wait for earlier generations of their keys, which come later in the order.
    limit *= 2;
  }
}

/** A new file is not held up by an earlier content of its name that is stock: that one is dealt with first, which is gone anyway. */
async function withEarlier(
  ledger: Pick<Ledger, "candidates">,
  found: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const known = new Set(found.map(({ key, generation }) => `${key}\n${generation}`));
  const added: Candidate[] = [];
  for (const { key, others } of found) {
    if (!others.some((other) => other.state === "discovered" && !known.has(`${key}\n${other.generation}`)))
      continue;
    for (const one of await ledger.candidates(Number.MAX_SAFE_INTEGER, { keyPrefix: key })) {
      const id = `${one.key}\n${one.generation}`;
      if (one.key !== key || known.has(id)) continue;
      known.add(id);
      added.push(one);
    }
  }
  return added.length === 0 ? found : [...found, ...added];
}

/** The first folder, in the order of the candidates, of which anything can be read; all that is there of it, whatever the limits. */
async function planTogether(
  ledger: Pick<Ledger, "candidates">,
  options: NextBatchOptions & {
    readonly candidates: readonly Candidate[];
    readonly together: (key: string) => string | undefined;
  },
): Promise<ReturnType<typeof planBatch>> {
  const { candidates, together, order, onOverwrite, limits, isReadable, isNewContent } = options;
  const overwritten: OverwrittenArrival[] = [];
  const seen = new Set<string>();
  const whole = { maxFiles: Infinity, maxBytes: limits.firstMaxBytes ?? Infinity };
  for (const candidate of candidates) {
    const folder = together(candidate.key);
    if (folder !== undefined && seen.has(folder)) continue;
    if (folder !== undefined) seen.add(folder);
    const all =
      folder === undefined
        ? [candidate]
        : (await ledger.candidates(Number.MAX_SAFE_INTEGER, { order, keyPrefix: folder }))
            .filter(({ key }) => together(key) === folder)
            .filter(isReadable);
    const plan = planBatch({
      candidates: all,
      onOverwrite,
      limits: { ...limits, ...whole, isWhole: true },
      isNewContent,
    });
    overwritten.push(...plan.overwritten);
    if (plan.arrivals.length > 0 || plan.isOverShare === true) return { ...plan, overwritten };
  }
  return { arrivals: [], overwritten };
}
