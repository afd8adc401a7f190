/** Taking outcomes back, as every adapter of the ledger does it: the named arrivals, then what was judged against them. */
import { checkObservation } from "./arrival-id.ts";
import type { ArrivalChange } from "./arrival-change.ts";
import type { Arrival, ArrivalId } from "./ledger.ts";
import type { LedgerDecision, OutcomeTakenBack } from "./ledger-decision.ts";

/** The part of a ledger that it works on, inside one transaction. */
interface Arrivals {
  apply(id: ArrivalId, change: ArrivalChange): boolean;
  generations(key: string): readonly Arrival[];
}

/** The number of named arrivals that changed. */
export function takeBackInto(
  arrivals: Arrivals,
  outcomes: readonly OutcomeTakenBack[],
  at: number,
  /** The kind of the decision. */
  decision?: string,
): number {
  let changed = 0;
  for (const { key, generation, batchId, state } of outcomes) {
    if (!arrivals.apply({ key, generation }, { kind: "takeBack", batchId, state, at, decision })) continue;
    changed += 1;
    for (const other of arrivals.generations(key)) arrivals.apply(other, { kind: "unjudge", at, decision });
  }
  return changed;
}

/** The same for decisions. `remember` is false for one that the ledger knows. */
export function decideInto(
  arrivals: Arrivals & { remember(id: string): boolean },
  decisions: readonly LedgerDecision[],
  at: number,
): number {
  let changed = 0;
  for (const { id, kind, outcomes, adopted = [] } of decisions) {
    if (!arrivals.remember(id)) continue;
    changed += takeBackInto(arrivals, outcomes, at, kind);
    for (const observation of adopted) {
      checkObservation(observation);
      if (arrivals.apply(observation, { kind: "adopt", observation, at })) changed += 1;
    }
  }
  return changed;
}
