/** What the verbs of a person look at: a table, the pipelines that feed it, their ledgers. Nothing of it is ever changed by a look. */
import { LandfallError } from "../base/landfall-error.ts";
import { nearest } from "../base/nearest.ts";
import type { ParquetAccess } from "../delta/checkpoint-rows.ts";
import { latestVersion } from "../delta/log-storage.ts";
import { tableMissing } from "../delta/table-missing.ts";
import { readPipelines, type PipelineIdentity } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LedgerReader } from "../ledger/ledger-reader.ts";
import type { LeaseSight } from "../ledger/lock.ts";
import type { Storage } from "../storage/storage.ts";

/** What the caller builds; nothing is opened before a verb asks for it. */
export interface TableView {
  readonly storage: Storage;
  /** Reads checkpoints. */
  readonly parquet: ParquetAccess;
  /**
   * A pipeline's ledger, opened to look on; undefined where there is none. The verb closes it.
   * @throws LandfallError LEDGER_FAILED, STATE_NEWER
   */
  openLedger(pipeline: string): Promise<LedgerReader | undefined>;
  /** Who holds a pipeline's lease; undefined where nobody does. */
  lookAtLease(pipeline: string): Promise<LeaseSight | undefined>;
  /** A new, empty ledger that is gone when it is closed: for a rebuild to look at. */
  scratchLedger(): Promise<Ledger>;
}

/**
 * The pipelines that feed the table, by name; only the one of a name where one is asked for.
 *
 * @throws LandfallError TABLE_MISSING where there is neither a pipeline nor a table; USAGE for a name that no pipeline has;
 *   STATE_CORRUPT, STATE_NEWER
 */
export async function pipelinesOf(storage: Storage, name: string | undefined): Promise<PipelineIdentity[]> {
  const pipelines = await readPipelines(storage);
  // A pipeline may be there before its table: nothing but broken files have come so far.
  if (pipelines.length === 0 && (await latestVersion({ storage })) === undefined) throw tableMissing(storage);
  if (name === undefined) return pipelines;
  const found = pipelines.filter((pipeline) => declaredNameOf(pipeline.name) === declaredNameOf(name));
  if (found.length > 0) return found;
  const names = pipelines.map((pipeline) => declaredNameOf(pipeline.name));
  const near = nearest(name, names);
  throw new LandfallError("USAGE", {
    message: `No pipeline "${name}" feeds ${storage.location}.`,
    hint:
      names.length === 0
        ? "No pipeline feeds it at all."
        : `${near === undefined ? "" : `Did you mean "${near}"? `}Its pipelines: ${names.join(", ")}.`,
    pipeline: name,
    table: storage.location,
  });
}
