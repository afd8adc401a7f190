import type { AdoptedFile } from "./ledger.ts";

/** An outcome to be taken back: it is that of the batch. */
export interface OutcomeTakenBack {
  readonly key: string;
  readonly generation: string;
  readonly batchId: string;
  readonly state: "forgotten" | "undone";
}

/** A decision of a person, as the ledger takes it in; `kind` stands in the timeline of each arrival that it changes. */
export interface LedgerDecision {
  readonly id: string;
  readonly kind: string;
  readonly outcomes: readonly OutcomeTakenBack[];
  /** Kept out: each that has no outcome becomes `skipped(adopted)`. Default: none. */
  readonly adopted?: readonly AdoptedFile[];
}
