/** May the outcome of an arrival be taken back, and if not, why? Pure. */
import type { DecisionKind } from "../../ingest/decision.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import { OPEN_STATES } from "../../ledger/states.ts";

/**
 * Why an arrival is left alone. `stands`: its rows are in the table, and `retry` is about files that brought none. `judged`: it was
 * not read because an earlier generation stands in the table. `open`: it is still to be read. `free`: it is read when it is seen
 * again. `excluded`: it is kept out for good (`baseline`, `adopted`, undone), and no batch gave it an outcome.
 */
export type LeftAlone = "stands" | "judged" | "open" | "free" | "excluded";

export type ArrivalVerdict =
  | {
      readonly take: true;
      readonly batchId: string;
      /** Its rows stand in the table: read again, they are there twice. */
      readonly rowsStand: boolean;
    }
  | { readonly take: false; readonly why: LeftAlone };

export function judgeArrival(arrival: Arrival, kind: DecisionKind): ArrivalVerdict {
  const { state, rule, batchId } = arrival;
  if (OPEN_STATES.includes(state)) return { take: false, why: "open" };
  if (state === "forgotten" || rule === "gone") return { take: false, why: "free" };
  if (state === "quarantined" && batchId !== undefined) return { take: true, batchId, rowsStand: false };
  const committed = state === "committed" || state === "archived" || state === "deleted";
  if (committed && batchId !== undefined) {
    if (kind === "retry") return { take: false, why: "stands" };
    return { take: true, batchId, rowsStand: true };
  }
  const judged = rule === "overwritten" || rule === "grown" || rule === "touched";
  return { take: false, why: judged ? "judged" : "excluded" };
}
