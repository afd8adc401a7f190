/** Which files stay out when a pipeline is started over: what the full refresh hands on to the new state says so. */
import { readBaseline } from "../../ingest/baseline.ts";
import { readDecision } from "../../ingest/decision.ts";
import { doneBatches } from "../../ingest/done-batches.ts";
import type { ManifestArrival } from "../../ingest/manifest.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { listDecisions } from "../../ingest/take-in-decisions.ts";
import type { AdoptedFile, Observation } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import { wasRead } from "../mend/judge-relocated.ts";
import type { RefreshRows } from "./plan-refresh.ts";

export interface KeptOutFiles {
  /** By key the generations. */
  readonly generations: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys of those that another loader has read. */
  readonly adopted: ReadonlySet<string>;
}

/** A decision to adopt, with the files that the new state adopts, too; it is never empty. */
export interface HandedOnDecision {
  readonly id: string;
  readonly arrivals: readonly AdoptedFile[];
}

/**
 * The decisions to adopt that are handed on: with all rows those of the other loader go, too, and its files are read. Copies of what this pipeline
 * itself has read, which `files relocate` adopts, are not: their rows go with the others of the pipeline, and only reading them brings them back.
 */
export async function handedOnDecisions(
  context: Pick<PipelineContext, "table" | "name">,
  rows: RefreshRows,
): Promise<readonly HandedOnDecision[]> {
  if (rows === "all") return [];
  const { storage } = context.table;
  const adopting: HandedOnDecision[] = [];
  for (const id of await listDecisions(storage, context.name)) {
    const decision = await readDecision(storage, context.name, id);
    if (decision.kind === "adopt") adopting.push(decision);
  }
  const copies = await ownCopies(context, adopting);
  return adopting
    .map(({ id, arrivals }) => ({ id, arrivals: arrivals.filter((file) => !copies.has(file)) }))
    .filter(({ arrivals }) => arrivals.length > 0);
}

/**
 * Adopted files with the name and the bytes of one that a batch of this pipeline has read. Told by the manifests, which no longer change once
 * the pipeline was ended, so that whoever ends a refresh that was cut off finds the same.
 */
async function ownCopies(
  { table, name }: Pick<PipelineContext, "table" | "name">,
  decisions: readonly HandedOnDecision[],
): Promise<ReadonlySet<AdoptedFile>> {
  const summed = new Map<string, AdoptedFile[]>();
  for (const file of decisions.flatMap(({ arrivals }) => arrivals)) {
    if (file.crc32 === undefined) continue;
    const bytes = bytesText({ key: file.key, bytes: file.size, crc32: file.crc32 });
    summed.set(bytes, [...(summed.get(bytes) ?? []), file]);
  }
  const copies = new Set<AdoptedFile>();
  if (summed.size === 0) return copies;
  for await (const { manifest } of doneBatches(table.storage, name))
    for (const arrival of manifest.arrivals)
      if (arrival.outcome === "committed")
        for (const file of summed.get(bytesText(arrival)) ?? []) copies.add(file);
  return copies;
}

function bytesText({ key, bytes, crc32 }: Pick<ManifestArrival, "key" | "bytes" | "crc32">): string {
  return `${bytes} ${crc32} ${key}`;
}

export async function keptOutFiles(
  context: Pick<PipelineContext, "table" | "name">,
  rows: RefreshRows,
): Promise<KeptOutFiles> {
  const { storage } = context.table;
  const generations = new Map<string, Set<string>>();
  const adopted = new Set<string>();
  const keep = ({ key, generation }: Observation): void => {
    generations.set(key, (generations.get(key) ?? new Set()).add(generation));
  };
  for (const observation of (await readBaseline(storage, context.name)) ?? []) keep(observation);
  for (const { arrivals } of await handedOnDecisions(context, rows)) {
    for (const file of arrivals) {
      keep(file);
      adopted.add(file.key);
    }
  }
  return { generations, adopted };
}

/** Also of an adopted file that was touched since, which a run has compared with what was adopted. */
export async function isKeptOut(
  object: Observation,
  { kept, ledger }: { readonly kept: KeptOutFiles; readonly ledger: LedgerReader },
): Promise<boolean> {
  if (kept.generations.get(object.key)?.has(object.generation) === true) return true;
  if (!kept.adopted.has(object.key)) return false;
  const known = await ledger.generations(object.key);
  const isTouched = known.some(
    ({ generation, rule }) => generation === object.generation && rule === "touched",
  );
  return isTouched && !known.some(wasRead);
}
