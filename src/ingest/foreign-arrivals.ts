/**
 * The first run of a new pipeline over a table that other pipelines feed: if what lies in the source was committed by one of them,
 * a folder was moved or is named in two ways, and every row would be doubled (exactly-once rules, §1).
 */
import { LandfallError } from "../base/landfall-error.ts";
import { displayKey } from "../base/path-bytes.ts";
import type { Source } from "../sources/source.ts";
import type { Storage } from "../storage/storage.ts";
import { doneBatches } from "./done-batches.ts";
import { readPipelines, type PipelineIdentity } from "./pipeline-identity.ts";
import { declaredNameOf } from "./pipeline-name.ts";
import { startedOver } from "./take-in.ts";

/**
 * Does nothing where no other pipeline feeds the table. Name, size and modification time must match, as a move keeps them.
 *
 * @throws LandfallError PIPELINE_NAME_TAKEN with the choices; PIPELINE_STARTED_OVER
 */
export async function refuseForeignArrivals(options: {
  readonly storage: Storage;
  readonly pipeline: { readonly pipelineId: string; readonly name: string };
  readonly source: Source;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const { storage, pipeline, source, signal } = options;
  const others = (await readPipelines(storage)).filter((other) => other.pipelineId !== pipeline.pipelineId);
  if (others.length === 0) return;
  // A run that was paused before its first batch, while a full refresh made another state of this very pipeline.
  const isStartedOver = others.some(
    ({ name }) => name !== pipeline.name && declaredNameOf(name) === declaredNameOf(pipeline.name),
  );
  if (isStartedOver) throw startedOver({ name: pipeline.name, table: { storage } });
  const known = new Map<string, PipelineIdentity>();
  for (const other of others) {
    for await (const mark of committedArrivals(storage, other)) known.set(mark, other);
  }
  for await (const { objects } of source.list(signal ? { signal } : {})) {
    for (const object of objects) {
      const other = known.get(fingerprint(object));
      if (other !== undefined)
        throw alreadyThere(storage, pipeline.name, other, { key: object.key, source: source.location });
    }
  }
}

/** Fingerprints of what a pipeline has committed, as it is known to be done. */
async function* committedArrivals(storage: Storage, pipeline: PipelineIdentity): AsyncGenerator<string> {
  for await (const { manifest } of doneBatches(storage, pipeline.name))
    for (const arrival of manifest.arrivals) if (arrival.outcome === "committed") yield fingerprint(arrival);
}

function fingerprint(object: {
  readonly key: string;
  readonly size: number;
  readonly modifiedNs: string;
}): string {
  // The folder may have another place below its source: the name counts.
  return `${object.key.slice(object.key.lastIndexOf("/") + 1)}\n${object.size}\n${object.modifiedNs}`;
}

function alreadyThere(
  storage: Storage,
  pipeline: string,
  other: PipelineIdentity,
  file: { readonly key: string; readonly source: string },
): LandfallError {
  return new LandfallError("PIPELINE_NAME_TAKEN", {
    message: `${displayKey(file.key)} of ${file.source} is in ${storage.location} already: the pipeline "${declaredNameOf(other.name)}" read it from ${other.source}.`,
    hint: `If the folder was moved, say so and go on with that pipeline: landfall files relocate ${storage.location} --name ${declaredNameOf(other.name)} --from ${other.source} --to ${file.source}; if these files are to stay out, run with --include-existing-files false; if they are other rows by chance, ingest them into another table.`,
    pipeline,
    table: storage.location,
    file: file.key,
  });
}
