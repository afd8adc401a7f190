/** Discover: what a listing sees goes into the ledger; files that may still be written wait (exactly-once rules, §3.1). */
import { faultPoint } from "../base/fault-point.ts";
import { stopwatch } from "../base/stopwatch.ts";
import type { Observation, ObserveResult } from "../ledger/ledger.ts";
import { saysUnfinished, type PassedBy } from "../sources/passed-by.ts";
import type { Source } from "../sources/source.ts";
import { isAtRest, modifiedAt, STABLE_WINDOW_MS, wholeMilliseconds } from "../sources/stability.ts";
import type { PipelineContext } from "./pipeline-context.ts";

/** A file that may still be written. */
export interface Waiting extends Observation {
  /** When it was first seen as it is; milliseconds since the epoch. */
  readonly since: number;
}

export interface Discovery {
  readonly seen: number;
  readonly discovered: number;
  /** Too young to be taken: to be looked at again. */
  readonly waiting: readonly Waiting[];
  /** Places that could not be listed or read. */
  readonly unreadable: number;
}

/** One full listing. */
export async function discover(context: PipelineContext, source: Source): Promise<Discovery> {
  const watch = stopwatch<"list">();
  let seen = 0;
  let discovered = 0;
  let unreadable = 0;
  let newest: number | undefined;
  let unfinished = 0;
  const waiting: Waiting[] = [];
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
  const { signal } = context;
  const onPassedBy = (_key: string, passedBy: PassedBy): void => {
    if (saysUnfinished(passedBy)) unfinished += 1;
  };
  for await (const listing of source.list({ onPassedBy, ...(signal ? { signal } : {}) })) {
    for (const problem of listing.unreadable) {
      unreadable += 1;
      context.emit({ type: "source.unreadable", ...problem });
    }
    const now = context.clock.now();
    const resting: Observation[] = [];
    for (const object of listing.objects) {
      if (source.hasMarkers === true || isAtRest(object.modifiedNs, now)) resting.push(object);
      else waiting.push({ ...object, since: now });
      if (wholeMilliseconds(object.modifiedNs) >= Math.floor(newest ?? 0))
        newest = Math.max(newest ?? 0, modifiedAt(object));
    }
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
    ...(newest === undefined ? {} : { newestModifiedAt: newest }),
    ...(unfinished > 0 ? { unfinished } : {}),
    milliseconds: watch.lap("list"),
  });
  return { seen, discovered, waiting, unreadable };
}

/**
 * Looks at files that were too young and at single names. Taken are those that rest: by their age, or because two looks a window apart
 * agree. Answers how many of them are new, and those that may still be written.
 */
export async function lookAt(
  context: PipelineContext,
  source: Source,
  names: {
    readonly waiting: readonly Waiting[];
    readonly keys?: Iterable<string>;
    /** A window has passed since all of `waiting` were seen; else each tells when it was. Default: false. */
    readonly isLater?: boolean;
  },
): Promise<{ readonly discovered: number; readonly waiting: readonly Waiting[] }> {
  const before = new Map(names.waiting.map((one) => [one.key, one]));
  const resting: Observation[] = [];
  const waiting: Waiting[] = [];
  for (const key of new Set([...before.keys(), ...(names.keys ?? [])])) {
    const object = await source.look(key);
    if (object === undefined) continue;
    const now = context.clock.now();
    const known = before.get(key);
    const isSame = known?.generation === object.generation;
    const agrees = isSame && (names.isLater === true || now - known.since >= STABLE_WINDOW_MS);
    if (source.hasMarkers === true || agrees || isAtRest(object.modifiedNs, now)) resting.push(object);
    else waiting.push({ ...object, since: isSame ? known.since : now });
  }
  const result = await context.ledger.observe(resting, context.clock.now());
  await rememberWaiting(context, waiting, result.waiting);
  return { discovered: result.discovered + result.returned, waiting };
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
