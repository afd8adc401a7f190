/** The identity that a pipeline's ledger and table agree on, and over it what the steps of the flow work on. */
import { systemClock } from "../base/clock.ts";
import { uuidv7 } from "../base/uuid.ts";
import { ensureLedgerIdentity, findLedgerIdentity } from "../ingest/ensure-ledger-identity.ts";
import type { EmitEvent } from "../ingest/events.ts";
import { openTable, type OpenTableOptions } from "../ingest/open-table.ts";
import type { PipelineContext } from "../ingest/pipeline-context.ts";
import { appIdOf, type PipelineIdentity } from "../ingest/pipeline-identity.ts";
import type { Ledger } from "../ledger/ledger.ts";

interface KnownPipelineOptions extends OpenTableOptions {
  readonly name: string;
  readonly source: string;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  /** Default: nobody listens. */
  readonly emit?: EmitEvent;
}

/** The id of a new pipeline is written at once. @throws LandfallError TABLE_CHANGED_IDENTITY, PIPELINE_NAME_TAKEN; those of the adapters */
export async function knownPipeline(options: KnownPipelineOptions): Promise<PipelineContext> {
  return contextOf(options, await ensureLedgerIdentity({ ...options, clock: systemClock }));
}

/**
 * The id of a new pipeline is written once there is something to write (`writeIdentity`): a first run that is refused leaves nothing.
 *
 * @throws LandfallError as `knownPipeline`
 */
export async function newOrKnownPipeline(options: KnownPipelineOptions): Promise<PipelineContext> {
  const { identity, write } = await findLedgerIdentity({ ...options, clock: systemClock });
  return { ...contextOf(options, identity), writeIdentity: write };
}

function contextOf(options: KnownPipelineOptions, { pipelineId }: PipelineIdentity): PipelineContext {
  const { name, ledger, signal, emit = () => {} } = options;
  return {
    name,
    pipelineId,
    appId: appIdOf(pipelineId),
    table: openTable({ ...options, onNotice: ({ message }) => emit({ type: "note", text: message }) }),
    ledger,
    clock: systemClock,
    newId: uuidv7,
    emit,
    signal,
  };
}
