/**
 * The plan: which arrivals make the next batch. Pure: it decides, `run-pipeline.ts` carries it out.
 *
 * `onOverwrite` is judged here and never at discovery, and only against a generation of the key that is committed and not
 * vacated; while an earlier generation is discovered or claimed, the newer one waits, under `append` too: so no batch holds two
 * generations of one key, and they are read in the order in which they came (exactly-once rules, §1).
 */
import type { Arrival, Candidate } from "../ledger/ledger.ts";

export type OnOverwrite = "ignore" | "append" | "fail";

export interface PlanLimits {
  readonly maxFiles: number;
  readonly maxBytes: number;
}

/** A newer generation of something that stands in the table, which `ignore` does not read. */
export interface OverwrittenArrival {
  readonly arrival: Candidate;
  /** The committed generation that it replaces in the source. */
  readonly standing: Arrival;
}

export interface BatchPlan {
  /** In the order of the candidates; empty when there is nothing to read. */
  readonly arrivals: readonly Candidate[];
  /** Under `ignore`: to be skipped; under `fail`: what stops the run. */
  readonly overwritten: readonly OverwrittenArrival[];
}

export function planBatch(options: {
  readonly candidates: readonly Candidate[];
  readonly onOverwrite: OnOverwrite;
  readonly limits: PlanLimits;
}): BatchPlan {
  const arrivals: Candidate[] = [];
  const overwritten: OverwrittenArrival[] = [];
  let bytes = 0;
  let full = false;
  for (const candidate of options.candidates) {
    const judged = judge(candidate, options.onOverwrite);
    if (judged.verdict === "overwritten") {
      overwritten.push({ arrival: candidate, standing: judged.standing });
      continue;
    }
    if (judged.verdict === "wait" || full) continue;
    // A file over the limit is a batch of its own: it has to be read some time.
    if (
      arrivals.length > 0 &&
      (arrivals.length >= options.limits.maxFiles || bytes + candidate.size > options.limits.maxBytes)
    ) {
      full = true;
      continue;
    }
    arrivals.push(candidate);
    bytes += candidate.size;
  }
  return { arrivals, overwritten };
}

type Verdict =
  | { readonly verdict: "read" }
  | { readonly verdict: "wait" }
  | { readonly verdict: "overwritten"; readonly standing: Arrival };

function judge(candidate: Candidate, onOverwrite: OnOverwrite): Verdict {
  let wait = false;
  for (const other of candidate.others) {
    const stands = other.state === "committed" && !other.vacated;
    if (stands && onOverwrite !== "append") return { verdict: "overwritten", standing: other };
    if (other.state === "claimed" || (other.state === "discovered" && isEarlier(other, candidate)))
      wait = true;
  }
  return { verdict: wait ? "wait" : "read" };
}

function isEarlier(a: Arrival, b: Arrival): boolean {
  if (a.discoveredAt !== b.discoveredAt) return a.discoveredAt < b.discoveredAt;
  if (a.modifiedNs !== b.modifiedNs) return BigInt(a.modifiedNs) < BigInt(b.modifiedNs);
  return a.generation < b.generation;
}
