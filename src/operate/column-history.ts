/** Which file brought which column, and when: from the manifests of the batches that are done, folded ones too. */
import { readFoldedBatches } from "../ingest/folded-batches.ts";
import { parseDoneMark, parseManifest, type DoneMark, type Manifest } from "../ingest/manifest.ts";
import { readPipelines } from "../ingest/pipeline-identity.ts";
import { readManifest } from "../ingest/settle-batch.ts";
import { batchesFolder, parseBatchName } from "../ingest/state-keys.ts";
import type { Storage } from "../storage/storage.ts";

export interface ColumnArrival {
  /** The key of the data, dotted. */
  readonly path: string;
  /** The arrival's key; absent for a column that a declaration named before any file had it. */
  readonly file?: string;
  readonly pipeline: string;
  readonly batch: number;
  readonly version: number;
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
  for (const { name } of await readPipelines(storage)) {
    for await (const { mark, manifest } of doneBatches(storage, name)) {
      options.signal?.throwIfAborted();
      for (const { path, file } of manifest.addedColumns ?? []) {
        arrivals.push({
          path,
          ...(file === undefined ? {} : { file }),
          pipeline: name,
          batch: mark.number,
          version: mark.version,
          ...(manifest.transform === undefined ? {} : { ofBatch: true as const }),
          at: manifest.stagedAt,
        });
      }
    }
  }
  return arrivals.sort((a, b) => a.version - b.version);
}

interface DoneBatch {
  readonly mark: Pick<DoneMark, "number" | "batchId" | "version">;
  readonly manifest: Manifest;
}

async function* doneBatches(storage: Storage, pipeline: string): AsyncGenerator<DoneBatch> {
  const seen = new Set<number>();
  const all = { from: 1, to: Number.MAX_SAFE_INTEGER };
  for (const batch of await readFoldedBatches(storage, pipeline, all)) {
    seen.add(batch.number);
    const { number, batchId, sha256 } = batch;
    const file = `${storage.location}/${batchesFolder(pipeline)}`;
    yield {
      mark: batch,
      manifest: parseManifest(Buffer.from(batch.manifest), { file, number, batchId, sha256 }),
    };
  }
  for await (const { key } of storage.list({ prefix: batchesFolder(pipeline) })) {
    const name = parseBatchName(key);
    if (name?.kind !== "done" || seen.has(name.number)) continue;
    const mark = parseDoneMark(await storage.get(key), `${storage.location}/${key}`);
    yield { mark, manifest: await readManifest({ name: pipeline, table: { storage } }, mark) };
  }
}
