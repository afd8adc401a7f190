/** What the ledger's questions ask for, and how their answers are ordered and summed up, over arrivals in memory. */
import { compareIds } from "./arrival-id.ts";
import type { Arrival, ArrivalFilter, CandidateChoice, LedgerSummary } from "./ledger.ts";
import { OPEN_STATES, type ArrivalState, type SkipRule } from "./states.ts";

export function matches(arrival: Arrival, { states, keyPrefix, after }: ArrivalFilter): boolean {
  if (states !== undefined && !states.includes(arrival.state)) return false;
  if (keyPrefix !== undefined && !arrival.key.startsWith(keyPrefix)) return false;
  return after === undefined || compareIds(arrival, after) > 0;
}

export function isChosen(
  { key, modifiedNs }: Arrival,
  { keyPrefix = "", modifiedFromNs, modifiedBeforeNs }: CandidateChoice,
): boolean {
  if (!key.startsWith(keyPrefix)) return false;
  if (modifiedFromNs !== undefined && isBefore(modifiedNs, modifiedFromNs)) return false;
  return modifiedBeforeNs === undefined || isBefore(modifiedNs, modifiedBeforeNs);
}

export function isBefore(one: string, other: string): boolean {
  return BigInt(one) < BigInt(other);
}

export function byDiscovery(arrivals: Arrival[]): Arrival[] {
  return arrivals.sort((a, b) => a.discoveredAt - b.discoveredAt || compareIds(a, b));
}

export function summaryOf(arrivals: readonly Arrival[]): LedgerSummary {
  const states: Partial<Record<ArrivalState, number>> = {};
  const skipped: Partial<Record<SkipRule, number>> = {};
  const rows = { read: 0, written: 0, rescued: 0, rejected: 0, corrupt: 0 };
  let oldest = Infinity;
  for (const { state, rule, outcome, discoveredAt } of arrivals) {
    states[state] = (states[state] ?? 0) + 1;
    if (rule !== undefined) skipped[rule] = (skipped[rule] ?? 0) + 1;
    if (OPEN_STATES.includes(state)) oldest = Math.min(oldest, discoveredAt);
    rows.read += outcome?.read ?? 0;
    rows.written += outcome?.written ?? 0;
    rows.rescued += outcome?.rescued ?? 0;
    rows.rejected += outcome?.rejected ?? 0;
    rows.corrupt += outcome?.corrupt ?? 0;
  }
  return { states, skipped, rows, ...(oldest === Infinity ? {} : { oldestWaitingAt: oldest }) };
}
