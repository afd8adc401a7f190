/**
 * Goes on until it is stopped, round after round. The first round of every start, and the one after a failure, recovers and lists all;
 * hints of a watch only shorten the wait between listings (exactly-once rules, §2 and §3.1).
 */
import { isLandfallError } from "../base/landfall-error.ts";
import { stopwatch } from "../base/stopwatch.ts";
import { nextTime, type LastingTrigger } from "../declaration/trigger.ts";
import type { Hints, Source, SourceWatch } from "../sources/source.ts";
import { SECOND_LOOK_MS } from "../sources/stability.ts";
import type { Waiting } from "./discover.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { roundDone } from "./round-done.ts";
import { COMPACTIONS, takeAvailable } from "./run-pipeline.ts";
import { Run, type RunOptions, type RunResult } from "./run.ts";

export interface KeepRunningOptions extends RunOptions {
  readonly trigger: LastingTrigger;
  /** Milliseconds between listings of a source that is watched. Default: 5 minutes. */
  readonly listEvery?: number;
}

export interface Round {
  readonly result: RunResult;
  readonly milliseconds: number;
}

const LIST_EVERY_MS = 5 * 60_000;
/** Of a source that cannot be watched, or not all of it. */
const LIST_UNWATCHED_MS = 1000;
/** A listing takes at most one part in so many of the time. */
const LISTING_SHARE = 100;
/** Hints come in crowds, and what they tell of is too young at first anyway. */
const CROWD_MS = 250;
/** Without a file that arrives: then small files are compacted. */
const QUIET_MS = 1000;
/** A person's decisions are looked for, at most. */
const DECISIONS_EVERY_MS = 5000;
/** A commit for each batch would leave the history's table a crowd of small files. */
const HISTORY_EVERY_MS = 5 * 60_000;
/** What a service gives a program to stop in is mostly 5 s or more. */
const HISTORY_AT_STOP_MS = 3000;
const FIRST_BACKOFF_MS = 1000;
const LONGEST_BACKOFF_MS = 5 * 60_000;
/** A clock that is set, or a machine that slept, is noticed within this. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * Each round, as it ends. A round that fails with an error that a retry may help is told (`round.failed`) and tried again,
 * later each time, up to five minutes.
 *
 * @throws LandfallError that no retry helps; the signal's reason
 */
export async function* keepRunning(
  context: PipelineContext,
  options: KeepRunningOptions,
): AsyncGenerator<Round, never> {
  const { trigger } = options;
  const rounds = trigger.kind === "continuous" ? watchedRounds(options) : timedRounds(trigger);
  let isFirst = true;
  let failures = 0;
  let nextDecisions = -Infinity;
  let before: Run | undefined;
  let isLeft = false;
  try {
    for (;;) {
      try {
        const watch = stopwatch<"round">();
        const run: Run = new Run(context, options, before);
        before = run;
        // Also after a failure: whatever stood still in the middle is brought to its end first.
        let isStart = isFirst || failures > 0;
        if (isStart) {
          await run.recover();
          await run.baseline();
        } else if (context.clock.now() >= nextDecisions) {
          // Written while this runs: what they have read again is found by a listing.
          isStart = await run.takeInDecisions();
          nextDecisions = context.clock.now() + DECISIONS_EVERY_MS;
        }
        const waiting = await rounds.round({ context, run, isStart });
        isFirst = false;
        await run.writeIdentity();
        await run.tidy();
        await run.publishHistory({ atMostEvery: HISTORY_EVERY_MS });
        if (rounds.isTimed) await run.compactions.compact(COMPACTIONS);
        // Files that arrive come first: it waits for a round that finds none.
        else if (waiting === 0 && run.result(waiting).batches.length === 0) await run.compactions.compact(1);
        isLeft = await run.fold({ isLeft });
        failures = 0;
        const result = run.result(waiting);
        const milliseconds = watch.lap("round");
        context.emit(roundDone(result, milliseconds));
        yield { result, milliseconds };
        await rounds.wait(context, { soon: run.compactions.isDue });
      } catch (error) {
        context.signal?.throwIfAborted();
        if (!isLandfallError(error) || !error.retryable) throw error;
        const milliseconds = Math.min(FIRST_BACKOFF_MS * 2 ** failures, LONGEST_BACKOFF_MS);
        failures += 1;
        context.emit({ type: "round.failed", error, failures, milliseconds });
        await context.clock.sleep(milliseconds, context.signal);
      }
    }
  } finally {
    rounds.close();
    await publishAtStop(context, options);
  }
}

/** What has been committed since the history was published last is in it when the program stops; if time runs out, the next start does it. */
async function publishAtStop(context: PipelineContext, { history }: KeepRunningOptions): Promise<void> {
  const signal = AbortSignal.timeout(HISTORY_AT_STOP_MS);
  try {
    await history?.publish({ ...context, signal });
  } catch {
    // Out of time: everything else it has told itself.
  }
}

const NOTHING_TOLD: Hints = { keys: new Set(), folders: new Set(), isPartial: true };

async function keysBelow(source: Source, folders: ReadonlySet<string>): Promise<string[]> {
  const keys: string[] = [];
  for (const below of folders)
    for await (const { objects } of source.list({ below })) keys.push(...objects.map(({ key }) => key));
  return keys;
}

interface Rounds {
  /** True where nothing is to be read until the next time, false where files are read as they arrive. */
  readonly isTimed: boolean;
  /** Answers how many files are still being written. */
  round(options: {
    readonly context: PipelineContext;
    readonly run: Run;
    readonly isStart: boolean;
  }): Promise<number>;
  /** Until the next round is due; `soon`: there is something to do once nothing arrives. */
  wait(context: PipelineContext, options: { readonly soon: boolean }): Promise<void>;
  close(): void;
}

function timedRounds(trigger: Exclude<LastingTrigger, { readonly kind: "continuous" }>): Rounds {
  let began = 0;
  const dueAfter = (time: number): number =>
    trigger.kind === "every" ? time + trigger.milliseconds : (nextTime(trigger, time) ?? Infinity);
  return {
    isTimed: true,
    async round({ context, run }) {
      began = context.clock.now();
      const due = dueAfter(began);
      // A new file is looked for at its time, also while an old stock is read.
      return takeAvailable(context, run, () => context.clock.now() < due);
    },
    async wait({ clock, signal }) {
      const due = trigger.kind === "every" ? dueAfter(began) : dueAfter(clock.now());
      for (let left = due - clock.now(); left > 0; left = due - clock.now())
        await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
    },
    close() {},
  };
}

function watchedRounds({ source, listEvery = LIST_EVERY_MS }: KeepRunningOptions): Rounds {
  let watch: SourceWatch | undefined;
  let waiting: readonly Waiting[] = [];
  let nextListing = -Infinity;
  let told: Error | undefined;
  /** Of an old stock there may be more to read at once. */
  let isStockLeft = false;
  return {
    isTimed: false,
    async round({ context, run, isStart }) {
      const { clock } = context;
      // What comes after this is noticed, and what came before is listed.
      watch ??= source.watch?.();
      const fault = watch?.fault;
      if (fault !== undefined && told === undefined) {
        told = fault;
        context.emit({
          type: "note",
          text: `not all of the source can be watched, so it is listed again and again: ${fault.message}`,
        });
      }
      const hints = watch?.take() ?? NOTHING_TOLD;
      const began = clock.now();
      if (isStart || hints.isPartial || began >= nextListing) {
        waiting = await run.list();
        const took = clock.now() - began;
        const pause = watch === undefined || fault !== undefined ? LIST_UNWATCHED_MS : listEvery;
        nextListing = clock.now() + Math.max(pause, took * LISTING_SHARE);
        isStockLeft = await run.batches();
      } else {
        const keys = [...hints.keys, ...(await keysBelow(source, hints.folders))];
        const look = await run.look({ waiting, keys });
        ({ waiting } = look);
        if (look.found || isStockLeft) isStockLeft = await run.batches();
      }
      return waiting.length;
    },
    async wait({ clock, signal }, { soon }) {
      if (isStockLeft) return;
      const left = Math.max(0, nextListing - clock.now());
      const milliseconds = Math.min(left, soon && watch !== undefined ? QUIET_MS : LONGEST_SLEEP_MS);
      // They are looked at again soon, together with what comes until then.
      if (waiting.length > 0) return clock.sleep(Math.min(SECOND_LOOK_MS, milliseconds), signal);
      if (watch === undefined) return clock.sleep(milliseconds, signal);
      await watch.wait({ milliseconds, signal });
      await clock.sleep(Math.min(CROWD_MS, left), signal);
    },
    close() {
      watch?.close();
    },
  };
}
