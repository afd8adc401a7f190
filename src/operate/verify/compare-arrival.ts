/** One arrival of the ledger against what take-in from zero says of it. Pure. */
import type { Arrival, ArrivalCounts } from "../../ledger/ledger.ts";
import { OPEN_STATES } from "../../ledger/states.ts";
import type { FindingCode } from "./finding.ts";

export interface ArrivalDifference {
  readonly code: Extract<FindingCode, `LEDGER_FILE_${string}`>;
  readonly what: string;
}

/**
 * Undefined where the two agree. What manifests and decisions do not know (files that wait, judgements made at plan) is the ledger's
 * own and agrees with anything that has no outcome.
 */
export function compareArrival(
  standing: Arrival | undefined,
  truth: Arrival | undefined,
): ArrivalDifference | undefined {
  if (truth === undefined) return standing === undefined ? undefined : unproven(standing);
  if (standing === undefined) {
    // Every run brings the ledger in line with the baseline before it plans.
    if (truth.rule === "baseline") return undefined;
    return {
      code: "LEDGER_FILE_MISSING",
      what: `The ledger does not know the file; a manifest says ${say(truth)}.`,
    };
  }
  if (!sameOutcome(standing, truth)) {
    const what = `The ledger says ${say(standing)}; the truth (manifests, decisions) says ${say(truth)}.`;
    return { code: "LEDGER_FILE_DIFFERS", what };
  }
  if (truth.outcome === undefined || isFreeAgain(standing, truth)) return undefined;
  const wrong = differingCounts(standing.outcome, truth.outcome);
  if (wrong !== undefined) return { code: "LEDGER_FILE_DIFFERS", what: wrong };
  if (standing.size !== truth.size || standing.modifiedNs !== truth.modifiedNs) {
    return {
      code: "LEDGER_FILE_DIFFERS",
      what: `The ledger knows the file with ${standing.size} bytes of ${standing.modifiedNs}; its manifest says ${truth.size} of ${truth.modifiedNs}.`,
    };
  }
  return undefined;
}

function unproven(standing: Arrival): ArrivalDifference | undefined {
  // Forgotten, and no manifest knows it: a judgement that fell with the outcome of another generation.
  if (OPEN_STATES.includes(standing.state) || isJudged(standing) || standing.state === "forgotten")
    return undefined;
  return {
    code: "LEDGER_FILE_UNPROVEN",
    what: `The ledger says ${say(standing)}; no manifest or decision does.`,
  };
}

function sameOutcome(standing: Arrival, truth: Arrival): boolean {
  if (isFreeAgain(standing, truth)) return true;
  // Tidying leaves no trace in a manifest.
  const tidied = standing.state === "archived" || standing.state === "deleted";
  const state = tidied ? "committed" : standing.state;
  return (
    state === truth.state &&
    standing.batchId === truth.batchId &&
    standing.rule === truth.rule &&
    standing.reason === truth.reason
  );
}

/**
 * Neither `skipped(gone)` nor `forgotten` is final: the generation may have been seen again, and judged since. Which of the two it is
 * depends on whether the decision or the batch came first, and does not matter.
 */
function isFreeAgain(standing: Arrival, truth: Arrival): boolean {
  if (!isFree(truth)) return false;
  if (isFree(standing)) return standing.state === "forgotten" || truth.state === "forgotten";
  return OPEN_STATES.includes(standing.state) || isJudged(standing);
}

function isFree({ state, rule }: Arrival): boolean {
  return state === "forgotten" || (state === "skipped" && rule === "gone");
}

/** At plan, against a generation that stands in the table: no manifest speaks of it. */
function isJudged({ state, rule, batchId }: Arrival): boolean {
  return state === "skipped" && batchId === undefined && rule !== "baseline" && rule !== "adopted";
}

function differingCounts(standing: ArrivalCounts | undefined, truth: ArrivalCounts): string | undefined {
  for (const name of ["read", "written", "rescued", "rejected", "corrupt", "bytes", "crc32"] as const) {
    if (standing?.[name] === truth[name]) continue;
    return `The ledger says ${name} ${standing?.[name] ?? "nothing"}; its manifest says ${truth[name] ?? "nothing"}.`;
  }
  return undefined;
}

function say({ state, rule, reason, batchId }: Arrival): string {
  const why = [rule, reason].filter((part) => part !== undefined).join(": ");
  return `${state}${why === "" ? "" : ` (${why})`}${batchId === undefined ? "" : ` by ${batchId}`}`;
}
