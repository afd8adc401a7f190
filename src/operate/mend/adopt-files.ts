/**
 * `files adopt`: arrivals that another loader has read become `skipped(adopted)` by a decision, without being read. Only what lies in
 * the source with the size (and time) of the list is adopted: anything else may be a file that nobody has read.
 */
import { millisecondsOf } from "../../base/nanoseconds.ts";
import type { DecisionContent } from "../../ingest/decision.ts";
import { writeDecision } from "../../ingest/decision.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { takeIn } from "../../ingest/take-in.ts";
import { applyDecisions, takeInDecisions } from "../../ingest/take-in-decisions.ts";
import type { AdoptedFile, Arrival, Ledger, Observation } from "../../ledger/ledger.ts";
import { OPEN_STATES } from "../../ledger/states.ts";
import type { Source } from "../../sources/source.ts";
import { adoptedChecksums, type OnChecksums } from "./adopted-checksums.ts";
import { possibleKeys } from "../file-names.ts";
import { listedNames } from "./listed-names.ts";
import type { ListedEntry } from "./listed-entry.ts";

/**
 * Why an entry is not adopted. `missing`: no such file in the source. `size`, `modified`: it is another one than the list says.
 * `committed`, `quarantined`, `skipped`: the pipeline has dealt with it already. `outside`: it lies elsewhere. `uncommitted`: the other loader has
 * not committed it, as its list says.
 */
export type NotAdopted =
  | "missing"
  | "size"
  | "modified"
  | "committed"
  | "quarantined"
  | "skipped"
  | "outside"
  | "uncommitted";

export interface AdoptionPlan {
  readonly adopted: readonly AdoptedFile[];
  /** Adopted before: nothing to do. */
  readonly already: number;
  readonly left: readonly { readonly line: number; readonly path: string; readonly why: NotAdopted }[];
}

/** With where the list names each of `adopted`, by key. */
type NamedPlan = AdoptionPlan & {
  readonly named: ReadonlyMap<string, { readonly line: number; readonly path: string }>;
};

/** What would be adopted. Changes nothing. */
export async function planAdoption(options: {
  readonly entries: readonly ListedEntry[];
  readonly source: Source;
  /** What the list calls the source. Default: its path. */
  readonly listSource?: string | undefined;
  readonly ledger: Pick<Ledger, "get">;
  readonly signal?: AbortSignal | undefined;
}): Promise<NamedPlan> {
  const { entries, source, listSource, ledger, signal } = options;
  const adopted = new Map<string, Observation>();
  const named = new Map<string, { readonly line: number; readonly path: string }>();
  const left: { line: number; path: string; why: NotAdopted }[] = [];
  let already = 0;
  for (const entry of entries) {
    signal?.throwIfAborted();
    const names = listedNames(entry.path, { source: source.location, listSource });
    const found = names === undefined ? undefined : await lookFor(source, names);
    const why = leftOut(entry, names) ?? differs(entry, found) ?? known(found && (await ledger.get(found)));
    if (why === "already") already += 1;
    else if (why !== undefined) left.push({ line: entry.line, path: entry.path, why });
    else {
      adopted.set(found!.key, found!);
      named.set(found!.key, { line: entry.line, path: entry.path });
    }
  }
  return { adopted: [...adopted.values()], already, left, named };
}

function leftOut({ uncommitted }: ListedEntry, names: readonly string[] | undefined): NotAdopted | undefined {
  if (names === undefined) return "outside";
  return uncommitted === true ? "uncommitted" : undefined;
}

async function lookFor(source: Source, names: readonly string[]): Promise<Observation | undefined> {
  for (const name of names) {
    for (const key of possibleKeys({ name, absolute: [name], source: source.location })) {
      if (key.startsWith("/") || !key.isWellFormed() || key.split("/").includes("..")) continue;
      const found = await source.lies(key);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function differs({ size, modified }: ListedEntry, found: Observation | undefined): NotAdopted | undefined {
  if (found === undefined) return "missing";
  if (size !== undefined && found.size !== size) return "size";
  if (modified === undefined) return undefined;
  const ms = millisecondsOf(found.modifiedNs);
  // Who counts in milliseconds may have rounded or cut off what is finer.
  const same =
    modified.within === 1
      ? Math.abs(ms - modified.ms) <= 1
      : Math.floor(ms / modified.within) === Math.floor(modified.ms / modified.within);
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
  options: {
    readonly entries: readonly ListedEntry[];
    readonly source: Source;
    readonly listSource?: string | undefined;
    /** Reads each adopted file once. Without, one whose time alone changes later is read as a new one. Default: true. */
    readonly checksums?: boolean;
    readonly onProgress?: OnChecksums;
  },
): Promise<AdoptionPlan & { readonly decision?: string }> {
  await takeIn(context);
  await takeInDecisions(context);
  const { ledger, signal, clock, name: pipeline } = context;
  const { named, ...planned } = await planAdoption({ ...options, ledger, signal });
  const plan = options.checksums === false ? planned : await summed(planned, named, { ...options, signal });
  if (plan.adopted.length === 0) return plan;
  signal?.throwIfAborted();
  const content: DecisionContent = { kind: "adopt", arrivals: plan.adopted };
  const { storage } = context.table;
  await context.writeIdentity?.();
  const decision = await writeDecision({ storage, pipeline, content, at: clock.now() });
  await applyDecisions(context, [decision]);
  return { ...plan, decision: decision.id };
}

/** The plan with checksums, without what has changed meanwhile. */
async function summed(
  plan: AdoptionPlan,
  named: NamedPlan["named"],
  options: {
    readonly source: Source;
    readonly onProgress?: OnChecksums;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<AdoptionPlan> {
  const { files, changed } = await adoptedChecksums({ ...options, files: plan.adopted });
  const left = changed.map(({ key }) => ({ ...named.get(key)!, why: "modified" as const }));
  return { ...plan, adopted: files, left: [...plan.left, ...left] };
}
