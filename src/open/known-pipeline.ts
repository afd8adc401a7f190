/** The identity that a pipeline's ledger and table agree on, and over it what the steps of the flow work on. */
import { systemClock } from "../base/clock.ts";
import { uuidv7 } from "../base/uuid.ts";
import { ensureLedgerIdentity } from "../ingest/ensure-ledger-identity.ts";
import type { EmitEvent } from "../ingest/events.ts";
import { openTable, type OpenTableOptions } from "../ingest/open-table.ts";
import type { PipelineContext } from "../ingest/pipeline-context.ts";
import { appIdOf } from "../ingest/pipeline-identity.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** @throws LandfallError TABLE_CHANGED_IDENTITY, PIPELINE_NAME_TAKEN; those of the adapters */
export async function knownPipeline(
  options: OpenTableOptions & {
    readonly name: string;
    readonly source: string;
    readonly ledger: Ledger;
    readonly signal: AbortSignal;
    /** Default: nobody listens. */
    readonly emit?: EmitEvent;
  },
): Promise<PipelineContext> {
  const { name, ledger, signal, emit = () => {} } = options;
  const { pipelineId } = await ensureLedgerIdentity({ ...options, clock: systemClock });
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
