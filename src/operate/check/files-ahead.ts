/** Which files a run would take now. Works on copies: what it writes to the ledger and beside the table is gone with them. */
import { bytesOf } from "../../base/bytes-of.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { ensureBaseline, applyBaseline, readBaseline } from "../../ingest/baseline.ts";
import { compareOverwritten } from "../../ingest/compare-overwritten.ts";
import { discover } from "../../ingest/discover.ts";
import type { IngestEvent } from "../../ingest/events.ts";
import { refuseForeignArrivals } from "../../ingest/foreign-arrivals.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { isAdopted, planBatch, type OverwrittenArrival, type PlanLimits } from "../../ingest/plan-batch.ts";
import { voidOpenBatches } from "../../ingest/recover.ts";
import type { PlanOptions } from "../../ingest/run.ts";
import { takeInDecisions } from "../../ingest/take-in-decisions.ts";
import { takeIn } from "../../ingest/take-in.ts";
import { partStock } from "./part-stock.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import type { SkipRule } from "../../ledger/states.ts";
import type { PassedBy } from "../../sources/passed-by.ts";

export interface FilesAhead {
  /** Undefined while the table does not exist. */
  readonly state: TableState | undefined;
  /** In the order in which they would be read. */
  readonly arrivals: readonly Arrival[];
  readonly bytes: number;
  readonly batches: number;
  /** Of these the old stock, which is read by parts, and what of it waits for another day; undefined where none is declared. */
  readonly stock?: FilesAndBytes & { readonly later: FilesAndBytes };
  /** Files of the source that a listing sees. */
  readonly seen: number;
  /** Too young to be taken: they may still be written. */
  readonly waiting: number;
  /** Files that are not read, by the rule that says so; those of earlier runs too. */
  readonly skipped: Readonly<Partial<Record<SkipRule, number>>>;
  /** Files that changed after they were read, in ways that leave rows out: a run would end with 1. */
  readonly changed: readonly { readonly key: string; readonly rule: SkipRule }[];
  /** What cannot be read. */
  readonly unreadable: readonly string[];
  /** What lies in the source and is not looked at, by reason. */
  readonly passedBy: readonly PassedByCount[];
}

export interface FilesAndBytes {
  readonly files: number;
  readonly bytes: number;
}

export interface PassedByCount {
  readonly passedBy: PassedBy;
  /** Files, and folders with all that lies in them. */
  readonly count: number;
  /** The first key; a folder's ends with a slash. */
  readonly first: string;
}

/** Files of which each is asked whether it is still there. */
const MOST_ASKED = 1000;

/**
 * @throws LandfallError of a run's first steps: TABLE_CHANGED_IDENTITY, PIPELINE_NAME_TAKEN, TABLE_LOG_CORRUPT, SOURCE_UNREADABLE, …
 */
export async function filesAhead(context: PipelineContext, options: PlanOptions): Promise<FilesAhead> {
  const { source, onOverwrite, limits } = options;
  const { ledger, signal } = context;
  const unreadable: string[] = [];
  const listening: PipelineContext = {
    ...context,
    emit: (event: IngestEvent) => {
      if (event.type === "source.unreadable") unreadable.push(`${event.path}: ${event.reason}`);
    },
  };
  const { state } = await takeIn(listening);
  await takeInDecisions(listening);
  await voidOpenBatches(listening);
  await takeInBaseline(listening, options);
  const passedBy = new Map<string, PassedByCount>();
  const listing = await discover(listening, {
    ...source,
    list: (listed = {}) =>
      source.list({
        ...listed,
        onPassedBy(key, why) {
          listed.onPassedBy?.(key, why);
          const reason = JSON.stringify(why);
          const known = passedBy.get(reason) ?? { passedBy: why, count: 0, first: key };
          passedBy.set(reason, { ...known, count: known.count + 1 });
        },
      }),
  });
  const unlimited = { maxFiles: Infinity, maxBytes: Infinity };
  const { order = "oldest", backfill } = options;
  const candidates = await ledger.candidates(Number.MAX_SAFE_INTEGER, { order });
  const first = planBatch({ candidates, onOverwrite, limits: unlimited });
  const judged = await judge(first.overwritten, options, signal);
  const isNewContent = ({ key }: Arrival): boolean => judged.newContent.has(key);
  const plan =
    judged.newContent.size === 0
      ? first
      : planBatch({ candidates, onOverwrite, limits: unlimited, isNewContent });
  const readable: Arrival[] = [];
  let gone = 0;
  for (const [i, arrival] of plan.arrivals.entries()) {
    signal?.throwIfAborted();
    if (i < MOST_ASKED) {
      if (!source.readable(arrival.key)) {
        unreadable.push(`${displayKey(arrival.key)}: permission denied`);
        continue;
      }
      if ((await source.look(arrival.key))?.generation !== arrival.generation) {
        gone += 1;
        continue;
      }
    }
    readable.push(arrival);
  }
  const skipped = { ...(await ledger.summary()).skipped };
  if (gone > 0) skipped.gone = (skipped.gone ?? 0) + gone;
  for (const { rule } of judged.skipped) skipped[rule] = (skipped[rule] ?? 0) + 1;
  const parted =
    backfill &&
    partStock({
      arrivals: readable,
      beforeNs: backfill.beforeNs(context),
      share: await backfill.limits(context, unlimited),
      together: source.together,
    });
  const arrivals = parted?.now ?? readable;
  return {
    state,
    arrivals,
    bytes: sizeOf(arrivals).bytes,
    batches: batchesOf(arrivals, limits, source.together),
    ...(parted === undefined ? {} : { stock: { ...sizeOf(parted.today), later: sizeOf(parted.later) } }),
    seen: listing.seen,
    waiting: listing.waiting.length,
    skipped,
    changed: judged.skipped.filter(({ rule }) => rule !== "touched"),
    unreadable,
    passedBy: [...passedBy.values()],
  };
}

async function takeInBaseline(
  context: PipelineContext,
  { source, includeExistingFiles }: Pick<PlanOptions, "source" | "includeExistingFiles">,
): Promise<void> {
  const { table, name, pipelineId, ledger, clock, signal } = context;
  const isNew = (await ledger.lastTakenIn()) === undefined;
  if (isNew && includeExistingFiles)
    await refuseForeignArrivals({
      storage: table.storage,
      pipeline: { pipelineId, name },
      source,
      signal,
    });
  const baseline = includeExistingFiles
    ? await readBaseline(table.storage, name)
    : await ensureBaseline({ storage: table.storage, pipeline: name, source, clock, signal });
  if (baseline !== undefined) await applyBaseline({ baseline, ledger, at: clock.now() });
}

/** As the run does. `newContent`: keys whose new generation is to be read. */
async function judge(
  overwritten: readonly OverwrittenArrival[],
  { source }: Pick<PlanOptions, "source">,
  signal: AbortSignal | undefined,
): Promise<{
  readonly skipped: readonly { readonly key: string; readonly rule: SkipRule }[];
  readonly newContent: ReadonlySet<string>;
}> {
  const skipped: { key: string; rule: SkipRule }[] = [];
  const newContent = new Set<string>();
  for (const { arrival, standing } of overwritten) {
    const read = standing.outcome ?? { bytes: standing.size, crc32: -1 };
    const rule = await compareOverwritten({ path: source.path(arrival.key), read, signal });
    if (rule !== "touched" && isAdopted(standing)) newContent.add(arrival.key);
    else skipped.push({ key: arrival.key, rule });
  }
  return { skipped, newContent };
}

function sizeOf(arrivals: readonly Arrival[]): FilesAndBytes {
  return { files: arrivals.length, bytes: bytesOf(arrivals) };
}

/** As the plan parts them. */
function batchesOf(
  arrivals: readonly Arrival[],
  { maxFiles, maxBytes }: PlanLimits,
  together: ((key: string) => string | undefined) | undefined,
): number {
  if (together !== undefined) return new Set(arrivals.map(({ key }) => together(key) ?? key)).size;
  let batches = 0;
  let files = 0;
  let bytes = 0;
  for (const { size } of arrivals) {
    if (files === 0 || files >= maxFiles || bytes + size > maxBytes) {
      batches += 1;
      files = 0;
      bytes = 0;
    }
    files += 1;
    bytes += size;
  }
  return batches;
}
