/** An old stock of files that is read beside what arrives, a part of it each day. */
import { z } from "zod";
import { instant, size } from "./shapes/values.ts";

export interface Backfill {
  /** Milliseconds since the epoch: files that were last modified before it are the stock. Undefined: before the pipeline's first run. */
  readonly before: number | undefined;
  /** Of a day in UTC. Undefined: any number. */
  readonly maxBytesPerDay: number | undefined;
}

const written = z.strictObject({ before: instant().optional(), maxBytesPerDay: size().optional() });

export const BACKFILL_KEYS = Object.keys(written.shape);

export const backfillShape = written.transform(({ before, maxBytesPerDay }): Backfill => ({
  before,
  maxBytesPerDay,
}));
