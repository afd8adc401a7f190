/** Brings the pipeline's two names together: the id beside the table and the id in the ledger. */
import type { Clock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Storage } from "../storage/storage.ts";
import { ensurePipelineIdentity, readPipelineIdentity, type PipelineIdentity } from "./pipeline-identity.ts";

/**
 * @throws LandfallError TABLE_CHANGED_IDENTITY when the ledger knows the pipeline under another id, or the table's state is gone;
 *   PIPELINE_NAME_TAKEN
 */
export async function ensureLedgerIdentity(options: {
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly name: string;
  readonly source: string;
  readonly clock: Clock;
}): Promise<PipelineIdentity> {
  const { storage, ledger, name } = options;
  const known = await ledger.identity();
  if (known !== undefined) {
    const standing = await readPipelineIdentity(storage, name);
    if (standing?.pipelineId !== known.pipelineId) {
      throw new LandfallError("TABLE_CHANGED_IDENTITY", {
        message:
          standing === undefined
            ? `The ledger knows the pipeline "${name}", but ${storage.location} has no state of it: the table was dropped.`
            : `The ledger knows the pipeline "${name}" under another id than ${storage.location} does: the table was made again.`,
        hint: "To read every file into the new table, remove the ledger (the folder given by --state); else put the old table back.",
        pipeline: name,
        table: storage.location,
      });
    }
  }
  const { identity } = await ensurePipelineIdentity(options);
  await ledger.setIdentity({ pipelineId: identity.pipelineId, name, source: identity.source });
  faultPoint("identity.known");
  return identity;
}
