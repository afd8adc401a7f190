/**
 * `files adopt`: arrivals that another loader has read become `skipped(adopted)` by a decision, without being read. Only what lies in
 * the source with the size (and time) of the list is adopted: anything else may be a file that nobody has read.
 */
import type { DecisionContent } from "../../ingest/decision.ts";
import { writeDecision } from "../../ingest/decision.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { takeIn } from "../../ingest/take-in.ts";
import { applyDecisions, takeInDecisions } from "../../ingest/take-in-decisions.ts";
import type { Arrival, Ledger, Observation } from "../../ledger/ledger.ts";
import { OPEN_STATES } from "../../ledger/states.ts";
import type { Source } from "../../sources/source.ts";
import { possibleKeys } from "../file-names.ts";
import type { ListedEntry } from "./parse-file-list.ts";

/**
 * Why an entry is not adopted. `missing`: no such file in the source. `size`, `modified`: it is another one than the list says.
 * `committed`, `quarantined`, `skipped`: the pipeline has dealt with it already.
 */
export type NotAdopted = "missing" | "size" | "modified" | "committed" | "quarantined" | "skipped";

export interface AdoptionPlan {
  readonly adopted: readonly Observation[];
  /** Adopted before: nothing to do. */
  readonly already: number;
  readonly left: readonly { readonly line: number; readonly path: string; readonly why: NotAdopted }[];
}

/** What would be adopted. Changes nothing. */
export async function planAdoption(options: {
  readonly entries: readonly ListedEntry[];
  readonly source: Source;
  readonly ledger: Pick<Ledger, "get">;
  readonly signal?: AbortSignal | undefined;
}): Promise<AdoptionPlan> {
  const { entries, source, ledger, signal } = options;
  const adopted = new Map<string, Observation>();
  const left: { line: number; path: string; why: NotAdopted }[] = [];
  let already = 0;
  for (const entry of entries) {
    signal?.throwIfAborted();
    const found = await lookFor(source, entry.path);
    const why = differs(entry, found) ?? known(found && (await ledger.get(found)));
    if (why === "already") already += 1;
    else if (why !== undefined) left.push({ line: entry.line, path: entry.path, why });
    else adopted.set(found!.key, found!);
  }
  return { adopted: [...adopted.values()], already, left };
}

async function lookFor(source: Source, path: string): Promise<Observation | undefined> {
  const absolute = [path.replace(/^file:(?:\/\/)?(?=\/)/, "")];
  for (const key of possibleKeys({ name: path, absolute, source: source.location })) {
    if (key.startsWith("/") || !key.isWellFormed() || key.split("/").includes("..")) continue;
    const found = await source.look(key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differs({ size, modified }: ListedEntry, found: Observation | undefined): NotAdopted | undefined {
  if (found === undefined) return "missing";
  if (found.size !== size) return "size";
  if (modified === undefined) return undefined;
  const ms = Number(BigInt(found.modifiedNs) / 1_000_000n);
  const same = Math.floor(ms / modified.within) === Math.floor(modified.ms / modified.within);
  return same ? undefined : "modified";
}

function known(arrival: Arrival | undefined): NotAdopted | "already" | undefined {
  if (arrival === undefined || OPEN_STATES.includes(arrival.state)) return undefined;
  if (arrival.rule === "adopted") return "already";
  if (arrival.rule === "gone" || arrival.state === "forgotten") return undefined;
  if (arrival.state === "quarantined" || arrival.state === "skipped") return arrival.state;
  return "committed";
}

/** Decides and changes the ledger. The caller holds the pipeline's lease. */
export async function adoptFiles(
  context: PipelineContext,
  options: { readonly entries: readonly ListedEntry[]; readonly source: Source },
): Promise<AdoptionPlan & { readonly decision?: string }> {
  await takeIn(context);
  await takeInDecisions(context);
  const { ledger, signal, clock, name: pipeline } = context;
  const plan = await planAdoption({ ...options, ledger, signal });
  if (plan.adopted.length === 0) return plan;
  signal?.throwIfAborted();
  const content: DecisionContent = { kind: "adopt", arrivals: plan.adopted };
  const { storage } = context.table;
  const decision = await writeDecision({ storage, pipeline, content, at: clock.now() });
  await applyDecisions(context, [decision]);
  return { ...plan, decision: decision.id };
}
