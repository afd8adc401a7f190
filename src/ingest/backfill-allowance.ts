/**
 * How much of an old stock may still be read today. What was read is told by the ledger, out of the batchIds, which tell when they were
 * made: so a restart, another host and a rebuilt ledger come to the same.
 */
import { uuidv7Floor, uuidv7Time } from "../base/uuid.ts";
import { formatBytes } from "../base/units.ts";
import type { Backfill } from "../declaration/backfill.ts";
import type { PlanLimits } from "./plan-batch.ts";
import type { PipelineContext } from "./pipeline-context.ts";

const DAY_MS = 86_400_000;

export interface BackfillAllowance {
  /** What was modified before is stock; nanoseconds since the epoch as text. */
  beforeNs(context: PipelineContext): string;
  /** The limits of a batch of stock; undefined when today's share has been read. */
  limits(context: PipelineContext, limits: PlanLimits): Promise<PlanLimits | undefined>;
  /** Today's share is spent, or what is left of it is too little for the file that comes next. Said once a day. */
  spend(context: PipelineContext): void;
}

export function backfillAllowance(backfill: Backfill): BackfillAllowance {
  const { maxBytesPerDay } = backfill;
  /** The day whose share is spent: until it is over nobody need be asked. */
  let spent: number | undefined;
  const today = (context: PipelineContext): number => Math.floor(context.clock.now() / DAY_MS);
  const beforeNs = (context: PipelineContext): string => {
    const before = backfill.before ?? uuidv7Time(context.pipelineId);
    return String(BigInt(before) * 1_000_000n);
  };
  return {
    beforeNs,
    async limits(context, limits) {
      if (maxBytesPerDay === undefined) return limits;
      const day = today(context);
      if (spent === day) return undefined;
      const read = await context.ledger.bytesRead({
        modifiedBeforeNs: beforeNs(context),
        fromBatchId: uuidv7Floor(day * DAY_MS),
      });
      return shareOf({ limits, maxBytesPerDay, read });
    },
    spend(context) {
      const day = today(context);
      if (spent === day) return;
      spent = day;
      context.emit({
        type: "note",
        text: `the rest of the stock waits: today's share of ${formatBytes(maxBytesPerDay ?? 0)} has been read (source.backfill); the next day begins at 00:00 UTC`,
      });
    },
  };
}

/**
 * Pure. A file that is larger than a day's share is a batch of its own, on a day of its own. Of a share that is spent only empty files are
 * still taken: they cost nothing, and so what a day reads does not hang on where its batches end.
 */
export function shareOf(options: {
  readonly limits: PlanLimits;
  readonly maxBytesPerDay: number;
  /** Of the stock, today. */
  readonly read: number;
}): PlanLimits {
  const { limits, maxBytesPerDay, read } = options;
  const left = Math.max(0, maxBytesPerDay - read);
  return {
    ...limits,
    maxBytes: Math.min(limits.maxBytes, left),
    ...(read > 0 ? { firstMaxBytes: left } : {}),
  };
}
