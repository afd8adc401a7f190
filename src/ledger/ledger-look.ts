import type { Batch, LedgerSummary } from "./ledger.ts";

/** What a ledger says at one moment. */
export interface LedgerLook {
  readonly summary: LedgerSummary;
  /** The last batch that it has taken in. */
  readonly last: Batch | undefined;
}
