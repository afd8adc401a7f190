/**
 * `includeExistingFiles: false`: what lies in the source at the first run is not read. The decision is one file of a fixed name,
 * put-if-absent; who loses uses the winner's; it is in the ledger before the first plan (exactly-once rules, §2).
 */
import { z } from "zod";
import { isoInstant, type Clock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import type { Ledger, Observation } from "../ledger/ledger.ts";
import type { Source } from "../sources/source.ts";
import type { Storage } from "../storage/storage.ts";
import { baselineKey } from "./state-keys.ts";
import { parseStateFile, STATE_SCHEMA_VERSION } from "./state-file.ts";

const shape = z.object({
  schemaVersion: z.literal(STATE_SCHEMA_VERSION),
  at: z.string(),
  arrivals: z.array(
    z.object({ key: z.string(), generation: z.string(), size: z.number(), modifiedNs: z.string() }),
  ),
});

/** The standing baseline; undefined when there is none. */
export async function readBaseline(storage: Storage, pipeline: string): Promise<Observation[] | undefined> {
  const key = baselineKey(pipeline);
  try {
    const content = await storage.get(key);
    return parseStateFile(content.toString("utf8"), shape, `${storage.location}/${key}`).arrivals;
  } catch (error) {
    if (isLandfallError(error, "OBJECT_MISSING")) return undefined;
    throw error;
  }
}

/** Writes the baseline of what lies in the source now, unless one stands. Answers the one that stands. */
export async function ensureBaseline(options: {
  readonly storage: Storage;
  readonly pipeline: string;
  readonly source: Source;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Promise<Observation[]> {
  const standing = await readBaseline(options.storage, options.pipeline);
  if (standing !== undefined) return standing;
  const arrivals: Observation[] = [];
  for await (const { objects } of options.source.list(options.signal ? { signal: options.signal } : {})) {
    for (const { key, generation, size, modifiedNs } of objects)
      arrivals.push({ key, generation, size, modifiedNs });
  }
  const content = JSON.stringify({
    schemaVersion: STATE_SCHEMA_VERSION,
    at: isoInstant(options.clock.now()),
    arrivals,
  });
  await options.storage.put(baselineKey(options.pipeline), `${content}\n`, { ifAbsent: true });
  faultPoint("baseline.written");
  return (await readBaseline(options.storage, options.pipeline)) ?? arrivals;
}

/** Brings the ledger in line with the standing baseline, if there is one. Doing it again changes nothing. */
export async function applyBaseline(options: {
  readonly baseline: readonly Observation[];
  readonly ledger: Ledger;
  readonly at: number;
}): Promise<void> {
  const chunk = 10_000;
  for (let start = 0; start < options.baseline.length; start += chunk) {
    await options.ledger.baseline(options.baseline.slice(start, start + chunk), options.at);
    faultPoint("baseline.known");
  }
}
