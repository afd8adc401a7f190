/**
 * `files relocate`: the files that a pipeline knows lie in another folder now. They stay known by their names below it. What has the bytes that
 * were read under another modification time, as a copy has, is adopted there, so that no setting has it read twice; then the relocation is
 * written, from which every ledger, also a rebuilt one, learns where the source is.
 */
import { LandfallError } from "../../base/landfall-error.ts";
import { formatCount } from "../../base/units.ts";
import { checksum } from "../../ingest/compare-overwritten.ts";
import { writeDecision, type DecisionContent } from "../../ingest/decision.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { declaredNameOf } from "../../ingest/pipeline-name.ts";
import { writeRelocation, type Relocation } from "../../ingest/relocations.ts";
import { takeIn } from "../../ingest/take-in.ts";
import { applyDecisions, takeInDecisions } from "../../ingest/take-in-decisions.ts";
import type { AdoptedFile, Arrival } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import type { Source } from "../../sources/source.ts";
import { everyArrival } from "../list-files.ts";
import { judgeRelocated, needsChecksum, type Relocated } from "./judge-relocated.ts";

export interface RelocationPlan {
  /** Names that the ledger knows, by what lies under them in the new place; `missing`: nothing does, though it was read where it was. */
  readonly counts: Readonly<Record<Relocated | "missing", number>>;
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  /** What is to be adopted in the new place. */
  readonly adopted: readonly AdoptedFile[];
}

/** Names that are told one by one, of each kind. */
const KEPT = 1000;

/** Changes nothing. @param options.source the new place */
export async function planRelocation(options: {
  readonly ledger: LedgerReader;
  readonly source: Source;
  readonly signal?: AbortSignal | undefined;
}): Promise<RelocationPlan> {
  const { ledger, source, signal } = options;
  const counts = { same: 0, copied: 0, alike: 0, changed: 0, free: 0, missing: 0 };
  const names: { changed: string[]; missing: string[] } = { changed: [], missing: [] };
  const adopted: AdoptedFile[] = [];
  for await (const { key, known } of knownNames(ledger)) {
    signal?.throwIfAborted();
    const found = await source.look(key);
    if (found === undefined) {
      // What Landfall itself took away, or was never read, is not missed.
      if (!known.some(({ state, vacated }) => state === "committed" && !vacated)) continue;
      counts.missing += 1;
      if (names.missing.length < KEPT) names.missing.push(key);
      continue;
    }
    const summed = needsChecksum(known, found) ? await checksum(source.path(key), signal) : undefined;
    const judged = judgeRelocated({ known, found, crc32: summed?.crc32 });
    counts[judged] += 1;
    const crc32 = judged === "copied" ? summed?.crc32 : undefined;
    if (judged === "copied" || judged === "alike")
      adopted.push(crc32 === undefined ? found : { ...found, crc32 });
    if (judged === "changed" && names.changed.length < KEPT) names.changed.push(key);
  }
  return { counts, ...names, adopted };
}

/** Every name with its generations, in the order of names. */
async function* knownNames(
  ledger: LedgerReader,
): AsyncGenerator<{ readonly key: string; readonly known: readonly Arrival[] }> {
  let known: Arrival[] = [];
  for await (const arrival of everyArrival(ledger)) {
    const [first] = known;
    if (first !== undefined && first.key !== arrival.key) {
      yield { key: first.key, known };
      known = [];
    }
    known.push(arrival);
  }
  const [last] = known;
  if (last !== undefined) yield { key: last.key, known };
}

export interface RelocateOptions {
  readonly source: Source;
  readonly move: Pick<Relocation, "from" | "to" | "archive">;
  /** Also where nothing of what was read lies in the new place. */
  readonly allowUnknown: boolean;
}

/**
 * Decides and changes the ledger. The caller holds the pipeline's lease.
 *
 * @throws LandfallError of take-in; USAGE for a place without anything that is known; nothing was changed then
 */
export async function relocateSource(
  context: PipelineContext,
  options: RelocateOptions,
): Promise<RelocationPlan & { readonly decision?: string }> {
  await takeIn(context);
  await takeInDecisions(context);
  const { ledger, signal, clock, name: pipeline } = context;
  const { storage } = context.table;
  const { source, move } = options;
  const plan = await planRelocation({ ledger, source, signal });
  checkRelocation(plan, { pipeline, ...options });
  signal?.throwIfAborted();
  let decision: string | undefined;
  if (plan.adopted.length > 0) {
    const content: DecisionContent = { kind: "adopt", arrivals: plan.adopted };
    const written = await writeDecision({ storage, pipeline, content, at: clock.now() });
    await applyDecisions(context, [written]);
    decision = written.id;
  }
  await writeRelocation({ storage, pipeline, move, at: clock.now() });
  return { ...plan, ...(decision === undefined ? {} : { decision }) };
}

/** @throws LandfallError USAGE: most likely the wrong folder was named */
function checkRelocation(
  { counts }: RelocationPlan,
  options: Pick<RelocateOptions, "move" | "allowUnknown"> & { readonly pipeline: string },
): void {
  const { pipeline, move, allowUnknown } = options;
  const found = counts.same + counts.copied + counts.alike;
  const strange = counts.changed + counts.missing;
  if (found > 0 || strange === 0 || allowUnknown) return;
  throw new LandfallError("USAGE", {
    message: `Of ${formatCount(strange)} files that "${declaredNameOf(pipeline)}" has read from ${move.from} none lies in ${move.to} as it was; nothing was changed.`,
    hint: "Look whether this is the right folder, with --dry-run; if it is, say so with --yes.",
    pipeline: declaredNameOf(pipeline),
  });
}

/** Does the ledger tell files by their content rather than their time? Without a file it says no. */
export async function tellsByContent(ledger: LedgerReader): Promise<boolean> {
  const [some] = await ledger.arrivals({ limit: 1 });
  return some !== undefined && some.generation !== `${some.size}-${some.modifiedNs}`;
}
