import { compareText } from "../base/compare-text.ts";
import { compareIds } from "./arrival-id.ts";
import type { Arrival, CandidateChoice } from "./ledger.ts";

/** The order in which candidates come; a total one. */
export function compareCandidates(
  order: CandidateChoice["order"] = "oldest",
): (a: Arrival, b: Arrival) => number {
  return (a, b) => {
    if (order === "name")
      return compareText(a.key, b.key) || byModification(a, b) || compareText(a.generation, b.generation);
    return (order === "newest" ? -1 : 1) * byModification(a, b) || compareIds(a, b);
  };
}

function byModification(a: Arrival, b: Arrival): number {
  const difference = BigInt(a.modifiedNs) - BigInt(b.modifiedNs);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}
