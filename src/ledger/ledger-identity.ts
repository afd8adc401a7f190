/** Refusals that concern a ledger as a whole, alike for every adapter. */
import { LandfallError } from "../base/landfall-error.ts";
import type { LedgerIdentity } from "./ledger.ts";

/** @throws LandfallError STATE_CORRUPT if the ledger belongs to another pipeline */
export function checkSameIdentity(known: LedgerIdentity | undefined, given: LedgerIdentity): void {
  if (known === undefined || known.pipelineId === given.pipelineId) return;
  throw new LandfallError("STATE_CORRUPT", {
    message: `This ledger belongs to the pipeline ${known.name} (${known.pipelineId}), not to ${given.name} (${given.pipelineId}).`,
    hint: "Choose another place with --state DIR, or delete this ledger: it is rebuilt from the table.",
    pipeline: given.name,
  });
}

/** INTERNAL for a call after `close`. */
export function closedLedger(): LandfallError {
  return new LandfallError("INTERNAL", {
    message: "The ledger was used after it had been closed.",
    hint: "This is a fault of Landfall; please report it.",
  });
}
