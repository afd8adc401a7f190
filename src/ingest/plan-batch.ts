/**
 * The plan: which arrivals make the next batch. Pure: it decides, `run-pipeline.ts` carries it out.
 *
 * `onOverwrite` is judged here and never at discovery, and only against a generation of the key that is committed and not
 * vacated; while an earlier generation is discovered or claimed, the newer one waits, under `append` too: so no batch holds two
 * generations of one key, and they are read in the order in which they came (exactly-once rules, §1).
 *
 * A generation beside an adopted one of the same size may be the adopted file, touched: nobody but its bytes can tell. Unless `append` reads
 * such a file anyway, it is held back until they have been compared.
 *
 * Files over which the engine's process died twice come last and by themselves, half of them at a time, those that it died over most often
 * first: a batch that dies is halved again until one file stands alone (§3, Attempts).
 */
import type { Arrival, Candidate } from "../ledger/ledger.ts";

export type OnOverwrite = "ignore" | "append" | "fail";

export interface PlanLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
  /** What the first file may have, where something has been read of a share already. Default: any size. */
  readonly firstMaxBytes?: number;
  /** The files arrive together: all of them or none. Default: as many as the limits allow. */
  readonly isWhole?: boolean;
}

/** A newer generation of something that stands in the table, which `ignore` does not read; or, perhaps, of an adopted file. */
export interface OverwrittenArrival {
  readonly arrival: Candidate;
  /** The committed generation that it replaces in the source, or the adopted one whose bytes it may have. */
  readonly standing: Arrival;
}

export interface BatchPlan {
  /** In the order of the candidates; empty when there is nothing to read. */
  readonly arrivals: readonly Candidate[];
  /** Under `ignore`: to be skipped; under `fail`: what stops the run. Beside an adopted file: to be compared with it. */
  readonly overwritten: readonly OverwrittenArrival[];
  /** There is something to read, and the limits do not even allow the first of it. */
  readonly isOverShare?: boolean;
}

/** After so many deaths of the engine a file is suspected, and no longer read together with others that are not. */
export const ATTEMPTS = 2;

export function planBatch(options: {
  readonly candidates: readonly Candidate[];
  readonly onOverwrite: OnOverwrite;
  readonly limits: PlanLimits;
  /** True for one that has been compared with the adopted file of its name, and has other bytes. Default: none has. */
  readonly isNewContent?: ((candidate: Candidate) => boolean) | undefined;
}): BatchPlan {
  const readable: Candidate[] = [];
  const overwritten: OverwrittenArrival[] = [];
  for (const candidate of options.candidates) {
    const judged = judge(candidate, options);
    if (judged.verdict === "overwritten") {
      overwritten.push({ arrival: candidate, standing: judged.standing });
      continue;
    }
    if (judged.verdict === "read") readable.push(candidate);
  }
  const unsuspected = readable.filter(({ attempts = 0 }) => attempts < ATTEMPTS);
  const eligible = unsuspected.length > 0 ? unsuspected : halfOfSuspects(readable);
  const arrivals = withinLimits(eligible, options.limits);
  const isOverShare = eligible.length > 0 && arrivals.length === 0;
  return { arrivals, overwritten, ...(isOverShare ? { isOverShare } : {}) };
}

/** Each death leaves one attempt more on the half that was read, so that the next half is taken of that. */
function halfOfSuspects(suspects: readonly Candidate[]): readonly Candidate[] {
  const most = suspects.reduce((highest, { attempts = 0 }) => Math.max(highest, attempts), 0);
  const worst = suspects.filter(({ attempts = 0 }) => attempts === most);
  return worst.slice(0, Math.ceil(worst.length / 2));
}

function withinLimits(candidates: readonly Candidate[], limits: PlanLimits): readonly Candidate[] {
  let bytes = 0;
  const end = candidates.findIndex((candidate, i) => {
    bytes += candidate.size;
    // A file over the limit is a batch of its own: it has to be read some time.
    if (i === 0) return bytes > (limits.firstMaxBytes ?? Infinity);
    return i >= limits.maxFiles || bytes > limits.maxBytes;
  });
  if (end < 0) return candidates;
  return limits.isWhole === true ? [] : candidates.slice(0, end);
}

type Verdict =
  | { readonly verdict: "read" }
  | { readonly verdict: "wait" }
  | { readonly verdict: "overwritten"; readonly standing: Arrival };

function judge(
  candidate: Candidate,
  { onOverwrite, isNewContent }: Pick<Parameters<typeof planBatch>[0], "onOverwrite" | "isNewContent">,
): Verdict {
  let wait = false;
  let adopted: Arrival | undefined;
  for (const other of candidate.others) {
    const stands = other.state === "committed" && !other.vacated;
    if (stands && onOverwrite !== "append") return { verdict: "overwritten", standing: other };
    if (other.state === "claimed" || (other.state === "discovered" && isEarlier(other, candidate)))
      wait = true;
    if (onOverwrite !== "append" && isAdopted(other) && other.outcome?.bytes === candidate.size)
      adopted = other;
  }
  if (wait) return { verdict: "wait" };
  if (adopted === undefined || isNewContent?.(candidate) === true) return { verdict: "read" };
  return { verdict: "overwritten", standing: adopted };
}

/** Another loader has read it. */
export function isAdopted({ state, rule }: Arrival): boolean {
  return state === "skipped" && rule === "adopted";
}

function isEarlier(a: Arrival, b: Arrival): boolean {
  if (a.discoveredAt !== b.discoveredAt) return a.discoveredAt < b.discoveredAt;
  if (a.modifiedNs !== b.modifiedNs) return BigInt(a.modifiedNs) < BigInt(b.modifiedNs);
  return a.generation < b.generation;
}
