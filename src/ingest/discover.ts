/** Discover: what a listing sees goes into the ledger; files that may still be written wait (exactly-once rules, §3.1). */
import { faultPoint } from "../base/fault-point.ts";
import { stopwatch } from "../base/stopwatch.ts";
import type { Observation, ObserveResult } from "../ledger/ledger.ts";
import type { Source } from "../sources/source.ts";
import { isAtRest } from "../sources/stability.ts";
import type { PipelineContext } from "./pipeline-context.ts";

export interface Discovery {
  readonly seen: number;
  readonly discovered: number;
  /** Too young to be taken: to be looked at again. */
  readonly waiting: readonly Observation[];
  /** Places that could not be listed or read. */
  readonly unreadable: number;
}

/** One full listing. */
export async function discover(context: PipelineContext, source: Source): Promise<Discovery> {
  const watch = stopwatch<"list">();
  let seen = 0;
  let discovered = 0;
  let unreadable = 0;
  const waiting: Observation[] = [];
  let known: number | undefined;
  // While the ledger takes in one chunk, the next is listed; never are two under way.
  let told: Promise<ObserveResult> | undefined;
  const hear = async (): Promise<void> => {
    if (told === undefined) return;
    const result = await told;
    told = undefined;
    faultPoint("discover.observed");
    known = result.waiting;
    discovered += result.discovered + result.returned;
  };
  for await (const listing of source.list(context.signal ? { signal: context.signal } : {})) {
    for (const problem of listing.unreadable) {
      unreadable += 1;
      context.emit({ type: "source.unreadable", ...problem });
    }
    const now = context.clock.now();
    const resting: Observation[] = [];
    for (const object of listing.objects) (isAtRest(object.modifiedNs, now) ? resting : waiting).push(object);
    await hear();
    told = context.ledger.observe(resting, now);
    // Heard below; if the listing fails first, that is what counts.
    told.catch(() => {});
    seen += listing.objects.length;
    context.emit({ type: "listing.progress", seen });
  }
  await hear();
  await rememberWaiting(context, waiting, known);
  context.emit({
    type: "listing.done",
    seen,
    discovered,
    waiting: waiting.length,
    milliseconds: watch.lap("list"),
  });
  return { seen, discovered, waiting, unreadable };
}

/** Looks again at files that were too young: those that have not changed are taken. Answers the ones that still change. */
export async function lookAgain(
  context: PipelineContext,
  source: Source,
  waiting: readonly Observation[],
): Promise<{ readonly discovered: number; readonly waiting: readonly Observation[] }> {
  const resting: Observation[] = [];
  const still: Observation[] = [];
  for (const before of waiting) {
    const now = await source.look(before.key);
    if (now === undefined) continue;
    (now.generation === before.generation ? resting : still).push(now);
  }
  const result = await context.ledger.observe(resting, context.clock.now());
  await rememberWaiting(context, still, result.waiting);
  return { discovered: result.discovered + result.returned, waiting: still };
}

/**
 * Tells the ledger what waits, so that people see it. `known`: how many wait there, where the last answer said so. Mostly none wait
 * here or there, and nothing is to be told.
 */
async function rememberWaiting(
  { ledger, clock }: PipelineContext,
  waiting: readonly Observation[],
  known: number | undefined,
): Promise<void> {
  if (waiting.length === 0) {
    const left = known ?? (await ledger.arrivals({ states: ["waiting"], limit: 1 })).length;
    if (left === 0) return;
  }
  await ledger.setWaiting(waiting, clock.now());
}
