/** Which files stay out when a pipeline is started over: what the full refresh hands on to the new state says so. */
import { readBaseline } from "../../ingest/baseline.ts";
import { readDecision } from "../../ingest/decision.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { listDecisions } from "../../ingest/take-in-decisions.ts";
import type { Observation } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import { wasRead } from "../mend/judge-relocated.ts";
import type { RefreshRows } from "./plan-refresh.ts";

export interface KeptOutFiles {
  /** By key the generations. */
  readonly generations: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys of those that another loader has read. */
  readonly adopted: ReadonlySet<string>;
}

/** The decisions to adopt that are handed on: with all rows those of the other loader go, too, and its files are read. */
export async function handedOnDecisions(
  context: Pick<PipelineContext, "table" | "name">,
  rows: RefreshRows,
): Promise<readonly string[]> {
  if (rows === "all") return [];
  const { storage } = context.table;
  const handedOn: string[] = [];
  for (const id of await listDecisions(storage, context.name))
    if ((await readDecision(storage, context.name, id)).kind === "adopt") handedOn.push(id);
  return handedOn;
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
  for (const id of await handedOnDecisions(context, rows)) {
    const decision = await readDecision(storage, context.name, id);
    if (decision.kind !== "adopt") continue;
    for (const file of decision.arrivals) {
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
