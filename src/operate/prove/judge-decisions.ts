/** Has every decision that stands been carried out: does no outcome stand that one of them takes back? */
import { readDecision } from "../../ingest/decision.ts";
import { listDecisions } from "../../ingest/take-in-decisions.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import type { Storage } from "../../storage/storage.ts";
import { SCRATCH_NAME } from "./scratch-pipelines.ts";

export async function judgeDecisions(options: {
  readonly storage: Storage;
  readonly arrivals: readonly Arrival[];
}): Promise<readonly string[]> {
  const { storage, arrivals } = options;
  const standing = new Set(arrivals.map((arrival) => nameOf(arrival, arrival.batchId ?? "")));
  const faults: string[] = [];
  for (const id of await listDecisions(storage, SCRATCH_NAME)) {
    const decision = await readDecision(storage, SCRATCH_NAME, id);
    if (decision.kind === "adopt") continue;
    for (const taken of decision.arrivals)
      if (standing.has(nameOf(taken, taken.batchId)))
        faults.push(`${taken.key} was to be read again, and has not been`);
  }
  return faults;
}

function nameOf(id: { readonly key: string; readonly generation: string }, batchId: string): string {
  return `${batchId}\0${id.generation}\0${id.key}`;
}
