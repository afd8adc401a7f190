/** Builds what the verbs need that change a pipeline's ledger by a decision: its lease, its ledger to write, the table and the source to look at. */
import { systemClock } from "../base/clock.ts";
import { LandfallError } from "../base/landfall-error.ts";
import type { PipelineContext } from "../ingest/pipeline-context.ts";
import type { PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import { acquireLease } from "../ledger/lock.ts";
import { checkLedgerPlace } from "../ledger/place.ts";
import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import { pipelinesOf } from "../operate/table-view.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { storageError } from "../storage/storage-error.ts";
import { knownPipeline } from "./known-pipeline.ts";
import type { OpenTableView } from "./open-table-view.ts";
import { ledgerPath, stateFolderOf } from "./state-folder.ts";

/**
 * The one pipeline that is meant.
 *
 * @throws LandfallError TABLE_MISSING; USAGE for an unknown name, and for none where several pipelines feed the table
 */
export async function onePipeline(view: OpenTableView, name: string | undefined): Promise<PipelineIdentity> {
  const pipelines = await pipelinesOf(view.storage, name);
  const [only] = pipelines;
  if (only !== undefined && pipelines.length === 1) return only;
  const table = view.storage.location;
  throw new LandfallError("USAGE", {
    message:
      only === undefined ? `No pipeline feeds ${table}.` : `${pipelines.length} pipelines feed ${table}.`,
    hint:
      only === undefined
        ? "Files are known to a pipeline once it has run."
        : `Say which with --name: ${pipelines.map((pipeline) => declaredNameOf(pipeline.name)).join(", ")}.`,
    table,
  });
}

/**
 * Runs a verb while this process holds the pipeline's lease, with the ledger open to be written.
 *
 * @throws LandfallError PIPELINE_HELD; those of every adapter
 */
export async function withPipelineHeld<T>(
  options: {
    readonly view: OpenTableView;
    readonly identity: PipelineIdentity;
    /** `--state`, as given. */
    readonly state: string | undefined;
    readonly signal: AbortSignal;
  },
  run: (context: PipelineContext) => Promise<T>,
): Promise<T> {
  const { view, state } = options;
  const { name, source } = options.identity;
  const { storage } = view;
  const folder = stateFolderOf({ table: storage.location, name, state });
  await makeFolder(folder).catch((error: unknown) => {
    throw storageError(error, "make the folder", folder);
  });
  await checkLedgerPlace(folder);
  const lease = await acquireLease({ folder, clock: systemClock });
  try {
    const ledger = await openSqliteLedger({ path: ledgerPath(folder) });
    try {
      const signal = AbortSignal.any([options.signal, lease.lost]);
      return await run(await knownPipeline({ name, source, storage, parquet: view.parquet, ledger, signal }));
    } finally {
      await ledger.close();
    }
  } finally {
    await lease.release();
  }
}
