/** When a pipeline runs. */
import { Cron } from "croner";
import { z } from "zod";
import { parseDuration } from "../base/units.ts";
import { timeZoneFault, type ValueFault } from "./value-faults.ts";

export type Trigger =
  /** Once: what is there, in batches. */
  | { readonly kind: "availableNow" }
  /** Whenever something arrives. */
  | { readonly kind: "continuous" }
  /** From the beginning of one round to that of the next; a round that takes longer is followed at once. */
  | { readonly kind: "every"; readonly milliseconds: number }
  | { readonly kind: "cron"; readonly expression: string; readonly timeZone: string };

/** One that goes on until it is stopped. */
export type LastingTrigger = Exclude<Trigger, { readonly kind: "availableNow" }>;

const SHORTEST_MS = 100;
/** The furthest that is taken for no slip of the pen: a year. */
const LONGEST_MS = 366 * 24 * 3600 * 1000;

const written = z.union(
  [
    z.enum(["availableNow", "continuous"]),
    z.strictObject({ every: z.string() }),
    z.strictObject({ cron: z.string(), timeZone: z.string().optional() }),
  ],
  {
    error:
      'must be availableNow, continuous, { every: 30s } or { cron: "0 6 * * *", timeZone: Europe/Berlin }',
  },
);

/** What people write, as JSON Schema has it, and the trigger that it means. */
export const triggerShape = written.transform((value, context): Trigger => {
  const trigger = triggerOf(value);
  if ("kind" in trigger) return trigger;
  context.addIssue({ code: "custom", message: trigger.message, params: { ...trigger } });
  return z.NEVER;
});

function triggerOf(value: z.output<typeof written>): Trigger | ValueFault {
  if (typeof value === "string") return { kind: value };
  if ("every" in value) {
    const milliseconds = parseDuration(value.every);
    if (milliseconds === undefined) {
      const message = `has every: ${JSON.stringify(value.every)}, which is no duration`;
      return { message, hint: "Write one such as 30s, 5m, 2h or 1 day." };
    }
    if (milliseconds >= SHORTEST_MS && milliseconds <= LONGEST_MS) return { kind: "every", milliseconds };
    return { message: `has every: ${value.every}; it takes 100 ms at least and a year at most` };
  }
  const { cron: expression, timeZone = "UTC" } = value;
  const zone = timeZoneFault(timeZone);
  if (zone !== undefined) return { ...zone, message: `has timeZone: ${zone.message}` };
  try {
    if (nextTime({ expression, timeZone }, Date.now()) !== undefined)
      return { kind: "cron", expression, timeZone };
  } catch (error) {
    const message = `has cron: ${JSON.stringify(expression)}, which is no cron expression`;
    return { message, hint: (error as Error).message.replace(/^Cron\w*: /, "") };
  }
  return { message: `has cron: ${JSON.stringify(expression)}, a time that never comes` };
}

/** The first time of a cron expression after an instant; undefined when there is none. Milliseconds since the epoch. @throws Error for no expression */
export function nextTime(
  { expression, timeZone }: { readonly expression: string; readonly timeZone: string },
  after: number,
): number | undefined {
  const cron = new Cron(expression, { paused: true, timezone: timeZone });
  return cron.nextRun(new Date(after))?.getTime();
}
