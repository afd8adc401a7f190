/** Brings the pipeline's two names together: the id beside the table and the id in the ledger. */
import type { Clock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Storage } from "../storage/storage.ts";
import {
  findPipelineIdentity,
  readPipelineIdentity,
  writePipelineIdentity,
  type PipelineIdentity,
} from "./pipeline-identity.ts";
import { declaredNameOf } from "./pipeline-name.ts";

export interface LedgerIdentityOptions {
  readonly storage: Storage;
  readonly ledger: Ledger;
  readonly name: string;
  readonly source: string;
  readonly clock: Clock;
}

export interface PipelineOfLedger {
  readonly identity: PipelineIdentity;
  /**
   * Writes a new id beside the table and into the ledger; again it does nothing. Undefined where it stands.
   *
   * @throws LandfallError TABLE_CHANGED_IDENTITY when another process has begun the pipeline meanwhile: what was planned under this id
   *   must not be committed
   */
  readonly write?: () => Promise<void>;
}

/**
 * The pipeline as it stands, or with an id that is yet to be written.
 *
 * @throws LandfallError TABLE_CHANGED_IDENTITY when the ledger knows the pipeline under another id, or the table's state is gone;
 *   PIPELINE_NAME_TAKEN
 */
export async function findLedgerIdentity(options: LedgerIdentityOptions): Promise<PipelineOfLedger> {
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
  const { identity, isNew } = await findPipelineIdentity(options);
  if (!isNew) {
    await setIdentity(ledger, identity);
    return { identity };
  }
  let isWritten = false;
  return {
    identity,
    async write() {
      if (isWritten) return;
      const winner = await writePipelineIdentity(storage, identity);
      if (winner.pipelineId !== identity.pipelineId) throw begunMeanwhile(storage, name);
      await setIdentity(ledger, identity);
      isWritten = true;
    },
  };
}

/** The same, written at once: of two that make the pipeline one wins, and both get the winner's id. @throws as `findLedgerIdentity` */
export async function ensureLedgerIdentity(options: LedgerIdentityOptions): Promise<PipelineIdentity> {
  const found = await findLedgerIdentity(options);
  if (found.write === undefined) return found.identity;
  const winner = await writePipelineIdentity(options.storage, found.identity);
  await setIdentity(options.ledger, winner);
  return winner;
}

async function setIdentity(ledger: Ledger, { pipelineId, name, source }: PipelineIdentity): Promise<void> {
  await ledger.setIdentity({ pipelineId, name, source });
  faultPoint("identity.known");
}

function begunMeanwhile(storage: Storage, name: string): LandfallError {
  const pipeline = declaredNameOf(name);
  return new LandfallError("TABLE_CHANGED_IDENTITY", {
    message: `Another process, with a ledger in another place (--state), began the pipeline "${pipeline}" of ${storage.location} while this one read its first files; nothing was committed here.`,
    hint: "Run again, and it goes on where the other one is; let one process run a pipeline at a time.",
    pipeline,
    table: storage.location,
  });
}
