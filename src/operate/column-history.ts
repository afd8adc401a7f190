/** Which file brought which column, and when: from the manifests of the batches that are done, folded ones too. */
import { doneBatches } from "../ingest/done-batches.ts";
import { readPipelineStates } from "../ingest/pipeline-identity.ts";
import { declaredNameOf } from "../ingest/pipeline-name.ts";
import type { Storage } from "../storage/storage.ts";

export interface ColumnArrival {
  /** The key of the data, dotted. */
  readonly path: string;
  /** The arrival's key; absent for a column that a declaration named before any file had it. */
  readonly file?: string;
  readonly pipeline: string;
  readonly batch: number;
  readonly version: number;
  /** Types as DDL: the column was there, and got a wider type. Absent where it is new. */
  readonly widened?: { readonly from: string; readonly to: string };
  /** True for a key of what a transform reads, which is no column of the table. */
  readonly ofBatch?: true;
  /** When the batch was staged, ISO. */
  readonly at: string;
}

/**
 * In the order of versions. A batch that committed and is not marked as done is left out: the next run marks it.
 *
 * @throws LandfallError STATE_CORRUPT, STATE_NEWER
 */
export async function columnHistory(
  storage: Storage,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ColumnArrival[]> {
  const arrivals: ColumnArrival[] = [];
  // A column that came before a full refresh is in the table as it was.
  for (const { name } of (await readPipelineStates(storage)).flat()) {
    for await (const { number, version, manifest } of doneBatches(storage, name)) {
      options.signal?.throwIfAborted();
      const { addedColumns = [], widenedColumns = [], transform, stagedAt: at } = manifest;
      const batch = { pipeline: declaredNameOf(name), batch: number, version };
      for (const { path, file } of addedColumns) {
        arrivals.push({
          path,
          ...(file === undefined ? {} : { file }),
          ...batch,
          ...(transform === undefined ? {} : { ofBatch: true as const }),
          at,
        });
      }
      for (const { path, file, ...widened } of widenedColumns)
        arrivals.push({ path, ...(file === undefined ? {} : { file }), ...batch, widened, at });
    }
  }
  return arrivals.sort((a, b) => a.version - b.version);
}
