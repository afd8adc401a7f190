/** A ledger made from the truth alone (log, manifests, done marks, decisions) to look at: take-in from zero, and nothing is written. */
import { uuidv7 } from "../base/uuid.ts";
import type { Clock } from "../base/clock.ts";
import { applyBaseline, readBaseline } from "../ingest/baseline.ts";
import { openTable } from "../ingest/open-table.ts";
import { appIdOf, type PipelineIdentity } from "../ingest/pipeline-identity.ts";
import type { PipelineContext } from "../ingest/pipeline-context.ts";
import { takeIn } from "../ingest/take-in.ts";
import { takeInDecisions } from "../ingest/take-in-decisions.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { overlayStorage } from "../storage/overlay-storage.ts";
import type { TableView } from "./table-view.ts";

/**
 * Fills an empty ledger with what take-in from zero gives (exactly-once rules, §2). Done marks that take-in would write go no
 * further than memory.
 *
 * @throws LandfallError of take-in: HISTORY_LOST, STATE_CORRUPT, TABLE_LOG_CORRUPT, …
 */
export async function rebuildLedger(options: {
  readonly view: Pick<TableView, "storage" | "parquet">;
  readonly pipeline: PipelineIdentity;
  /** Empty. */
  readonly into: Ledger;
  /** The decisions to take in; default: all that stand. */
  readonly decisions?: ReadonlySet<string> | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { view, pipeline, into, clock, signal } = options;
  const { name, pipelineId, source } = pipeline;
  const storage = overlayStorage(view.storage);
  await into.setIdentity({ pipelineId, name, source });
  const context: PipelineContext = {
    name,
    pipelineId,
    appId: appIdOf(pipelineId),
    table: openTable({ storage, parquet: view.parquet }),
    ledger: into,
    clock,
    newId: uuidv7,
    emit: () => {},
    signal,
  };
  await takeIn(context);
  await takeInDecisions(context, options.decisions === undefined ? {} : { only: options.decisions });
  const baseline = await readBaseline(storage, name);
  if (baseline !== undefined) await applyBaseline({ baseline, ledger: into, at: clock.now() });
}
