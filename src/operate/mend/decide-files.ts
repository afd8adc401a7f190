/**
 * `files retry` and `files forget`: take outcomes back by a decision, so that the next run reads the files again. The decision is
 * durable before the ledger changes; the table is not touched.
 */
import { LandfallError } from "../../base/landfall-error.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { formatCount } from "../../base/units.ts";
import { writeDecision, type Decision, type DecisionKind } from "../../ingest/decision.ts";
import type { PipelineContext } from "../../ingest/pipeline-context.ts";
import { takeIn } from "../../ingest/take-in.ts";
import { applyDecisions, takeInDecisions } from "../../ingest/take-in-decisions.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import type { ArrivalState } from "../../ledger/states.ts";
import type { Storage } from "../../storage/storage.ts";
import { chooseFiles, type FileName } from "./choose-files.ts";
import { planDecision, type DecisionPlan, type Refused, type TakenBack } from "./plan-decision.ts";

export interface DecideFilesOptions {
  readonly kind: DecisionKind;
  /** None: every file in one of the states. */
  readonly names: readonly FileName[];
  readonly states?: readonly ArrivalState[];
  /** Take back outcomes whose rows stand in the table, too. */
  readonly allowDuplicateRows: boolean;
  /** The source's location, and its folder to look at. */
  readonly source: { readonly location: string; readonly storage: Storage };
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the decision would be. Changes nothing.
 *
 * @throws LandfallError USAGE for names that fit nothing, or nothing that can be taken back
 */
export async function previewDecision(
  ledger: LedgerReader,
  options: DecideFilesOptions,
): Promise<DecisionPlan> {
  const { kind, names, states, source, signal } = options;
  const files = await chooseFiles({
    ledger,
    source: source.location,
    names,
    ...(states === undefined ? {} : { states }),
    signal,
  });
  const plan = await planDecision({ kind, files, ledger, source: source.storage });
  if (plan.refused.length > 0) throw refusal(kind, plan.refused);
  return plan;
}

export interface Decided extends DecisionPlan {
  /** Absent where there was nothing to take back. */
  readonly decision?: string;
}

/**
 * Brings the ledger up to the truth, decides, and changes the ledger. The caller holds the pipeline's lease.
 *
 * @throws LandfallError of take-in and of `previewDecision`; USAGE where rows would be doubled unasked; nothing was changed then
 */
export async function decideFiles(context: PipelineContext, options: DecideFilesOptions): Promise<Decided> {
  await takeIn(context);
  await takeInDecisions(context);
  const { plan, written } = await decide(context, options);
  if (written === undefined) return plan;
  await applyDecisions(context, [written]);
  return { ...plan, decision: written.id };
}

/**
 * Decides while a run is under way, on what its ledger says now, and leaves the ledger to the run: a decision applies while the outcome
 * that it names stands, whoever takes it in and when.
 *
 * @throws LandfallError as `decideFiles`
 */
export async function decideBesideRun(context: DecideContext, options: DecideFilesOptions): Promise<Decided> {
  const { plan, written } = await decide(context, options);
  return written === undefined ? plan : { ...plan, decision: written.id };
}

interface DecideContext extends Pick<PipelineContext, "name" | "clock" | "signal"> {
  readonly ledger: LedgerReader;
  readonly table: { readonly storage: Storage };
}

/** The plan, and the decision where there is something to take back; it is durable. */
async function decide(
  context: DecideContext,
  options: DecideFilesOptions,
): Promise<{ readonly plan: DecisionPlan; readonly written?: Decision }> {
  const plan = await previewDecision(context.ledger, options);
  if (plan.taken.length === 0) return { plan };
  const standing = plan.taken.filter(({ rowsStand }) => rowsStand);
  if (standing.length > 0 && !options.allowDuplicateRows) throw wouldDouble(standing);
  context.signal?.throwIfAborted();
  const { storage } = context.table;
  const content = { kind: options.kind, arrivals: plan.taken };
  const written = await writeDecision({ storage, pipeline: context.name, content, at: context.clock.now() });
  return { plan, written };
}

function wouldDouble(standing: readonly TakenBack[]): LandfallError {
  const rows = standing.reduce((sum, arrival) => sum + arrival.rows, 0);
  const counted = `${formatCount(rows)} ${rows === 1 ? "row" : "rows"}`;
  const [first] = standing;
  const what =
    standing.length === 1
      ? `${displayKey(first!.key)} is in the table with ${counted}`
      : `${formatCount(standing.length)} files are in the table with ${counted}`;
  return new LandfallError("USAGE", {
    message: `${what}. Read again, ${standing.length === 1 ? "its" : "their"} rows would be there twice; nothing was changed.`,
    hint: "If that is wanted, or the rows have been deleted from the table, say so with --allow-duplicate-rows; --dry-run shows what would be read again.",
  });
}

/** One says why for all. A content that was skipped is what lies there now, and tells more than the one that stands in the table. */
function refusal(kind: DecisionKind, refused: readonly Refused[]): LandfallError {
  const { key, state, rule, why } = refused.find((left) => left.why === "judged") ?? refused[0]!;
  const file = displayKey(key);
  const more = new Set(refused.map((left) => left.key)).size - 1;
  const also = more > 0 ? ` (and ${formatCount(more)} more)` : "";
  const say = (message: string, hint: string): LandfallError =>
    new LandfallError("USAGE", {
      message: `${file}${also} ${message}; nothing was changed.`,
      hint,
      file: key,
    });
  switch (why) {
    case "stands":
      return say(
        `is ${state}: its rows are in the table, and ${kind} is for files that brought none`,
        "`landfall files forget --allow-duplicate-rows` has the next run read it again; the rows that stand in the table stay.",
      );
    case "judged":
      return say(
        `was skipped as ${rule ?? state}, because an earlier content of it is in the table`,
        "`landfall files forget --allow-duplicate-rows` takes the earlier content back, so that the next run reads the file as it is now; the rows that stand in the table stay.",
      );
    case "excluded":
      return say(
        rule === "baseline"
          ? "lay in the source before the pipeline's first run, which includeExistingFiles: false leaves out"
          : `is ${state}${rule === undefined ? "" : ` (${rule})`}, which no batch decided`,
        "To have it read, put it into the source under another name.",
      );
    default:
      return why satisfies never;
  }
}
