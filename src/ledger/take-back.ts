/** Taking outcomes back, as every adapter of the ledger does it: the named arrivals, then what was judged against them. */
import type { ArrivalChange } from "./arrival-change.ts";
import type { Arrival, ArrivalId, Ledger } from "./ledger.ts";

/** The number of named arrivals that changed. */
export function takeBackInto(
  request: {
    readonly outcomes: Parameters<Ledger["takeBack"]>[0];
    readonly at: number;
    /** The kind of the decision. */
    readonly decision: string | undefined;
  },
  apply: (id: ArrivalId, change: ArrivalChange) => boolean,
  generations: (key: string) => readonly Arrival[],
): number {
  const { at, decision } = request;
  let changed = 0;
  for (const { key, generation, batchId, state } of request.outcomes) {
    if (!apply({ key, generation }, { kind: "takeBack", batchId, state, at, decision })) continue;
    changed += 1;
    for (const other of generations(key)) apply(other, { kind: "unjudge", at, decision });
  }
  return changed;
}
