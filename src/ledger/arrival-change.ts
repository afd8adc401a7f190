/**
 * What each call of the ledger's port does to one arrival, as a pure function that every adapter shares: the arrival as it
 * stands and the change in, the arrival as it is to be written out. States come from `nextArrivalState` only.
 */
import { LandfallError } from "../base/landfall-error.ts";
import type {
  AdoptedFile,
  Arrival,
  ArrivalCounts,
  LedgerEvent,
  ManifestOutcome,
  Observation,
} from "./ledger.ts";
import {
  arrivalPlace,
  isJudged,
  nextArrivalState,
  type ArrivalEvent,
  type ArrivalState,
  type SkipRule,
} from "./states.ts";

export type ArrivalChange =
  | {
      readonly kind: "seen" | "young" | "baseline";
      readonly observation: Observation;
      readonly at: number;
    }
  | { readonly kind: "adopt"; readonly observation: AdoptedFile; readonly at: number }
  | { readonly kind: "unseen" }
  | { readonly kind: "claim"; readonly batchId: string }
  | {
      readonly kind: "release";
      readonly batchId: string;
      readonly at: number;
      readonly engineDied?: string | undefined;
    }
  | { readonly kind: "skip"; readonly rule: SkipRule; readonly reason?: string; readonly at: number }
  | {
      readonly kind: "settle";
      readonly outcome: ManifestOutcome;
      readonly batchId: string;
      readonly at: number;
    }
  | {
      readonly kind: "tidied";
      readonly state: "archived" | "deleted";
      readonly at: number;
      readonly detail?: string | undefined;
    }
  | {
      readonly kind: "takeBack";
      readonly state: "forgotten" | "undone";
      readonly batchId: string;
      readonly at: number;
      /** The kind of the decision. */
      readonly decision?: string | undefined;
    }
  /** The outcome of the generation that it was judged against was taken back. */
  | { readonly kind: "unjudge"; readonly at: number; readonly decision?: string | undefined };

export interface ChangedArrival {
  /** Undefined: the ledger forgets it. */
  readonly arrival: Arrival | undefined;
  /** To be kept in the arrival's timeline. */
  readonly event?: LedgerEvent;
}

/**
 * Undefined when nothing changes.
 * @throws LandfallError INTERNAL where the transition table refuses
 */
export function changeArrival(
  current: Arrival | undefined,
  change: ArrivalChange,
): ChangedArrival | undefined {
  if (change.kind === "takeBack" && current?.batchId !== change.batchId) return undefined;
  if (change.kind === "unjudge" && (current === undefined || !isJudged(current))) return undefined;
  const batchId = "batchId" in change ? change.batchId : undefined;
  const event = eventOf(change);
  const next = nextArrivalState(arrivalPlace(current, batchId), event);
  if (next === "stay") return undefined;
  if (next === "refuse") throw refusal(current, event);
  if (next === "unknown") return { arrival: undefined };
  return { arrival: changed(current, change, next), ...timeline(current, change) };
}

function eventOf(change: ArrivalChange): ArrivalEvent {
  switch (change.kind) {
    case "settle":
      return settleEvent(change.outcome);
    case "tidied":
      return change.state === "archived" ? "archive" : "delete";
    case "takeBack":
      return change.state === "forgotten" ? "forget" : "undo";
    case "unjudge":
      return "forget";
    case "seen":
    case "young":
    case "unseen":
    case "baseline":
    case "adopt":
    case "claim":
    case "release":
    case "skip":
      return change.kind;
    default:
      return unreachable(change);
  }
}

function settleEvent(outcome: ManifestOutcome): ArrivalEvent {
  if (outcome.state === "committed") return "settleCommitted";
  if (outcome.state === "quarantined") return "settleQuarantined";
  return outcome.rule === "gone" ? "settleGone" : "settleSkipped";
}

/** What an arrival keeps whatever happens to it. */
function basics(
  current: Arrival | undefined,
  change: ArrivalChange,
): Omit<Arrival, "state" | "rule" | "reason"> {
  if (current !== undefined) {
    const { key, generation, size, modifiedNs, discoveredAt, vacated } = current;
    return { key, generation, size, modifiedNs, discoveredAt, vacated };
  }
  const seen =
    change.kind === "settle" ? change.outcome : "observation" in change ? change.observation : undefined;
  if (seen === undefined || !("at" in change)) throw refusal(current, eventOf(change));
  const { key, generation, size, modifiedNs } = seen;
  return { key, generation, size, modifiedNs, discoveredAt: change.at, vacated: false };
}

function changed(current: Arrival | undefined, change: ArrivalChange, state: ArrivalState): Arrival {
  const kept = basics(current, change);
  switch (change.kind) {
    case "seen":
    case "young":
    case "unseen":
    case "release":
      return { ...kept, state };
    case "claim":
      return { ...kept, state, batchId: change.batchId };
    case "baseline":
      return { ...kept, state, rule: "baseline" };
    case "adopt":
      return { ...kept, state, rule: "adopted", ...checksumOf(change.observation) };
    case "skip":
      return { ...kept, state, rule: change.rule, ...reasonOf(change.reason) };
    case "settle": {
      const { rule, reason, counts } = change.outcome;
      const said = state === "committed" ? {} : { ...reasonOf(reason), ...ruleOf(state, rule) };
      // A name is vacated under one batch's outcome. A later one says that the file lay there again: a ledger that is behind may meet it
      // before the decision in between.
      const vacated = kept.vacated && current?.batchId === change.batchId;
      return { ...kept, ...said, state, batchId: change.batchId, vacated, outcome: counts };
    }
    case "tidied":
      return { ...current!, state };
    case "takeBack":
    case "unjudge":
      return { ...kept, vacated: false, state };
    default:
      return unreachable(change);
  }
}

/** How a file is recognised whose time alone has changed. */
function checksumOf({ size, crc32 }: AdoptedFile): { outcome?: ArrivalCounts } {
  if (crc32 === undefined) return {};
  return { outcome: { bytes: size, crc32, read: 0, written: 0, rescued: 0, rejected: 0 } };
}

const detailOf = (detail: string | undefined): { detail?: string } =>
  detail === undefined ? {} : { detail };

const reasonOf = (reason: string | undefined): { reason?: string } =>
  reason === undefined ? {} : { reason };

function ruleOf(state: ArrivalState, rule: SkipRule | undefined): { rule?: SkipRule } {
  return state === "skipped" && rule !== undefined ? { rule } : {};
}

function timeline(current: Arrival | undefined, change: ArrivalChange): { event?: LedgerEvent } {
  switch (change.kind) {
    case "seen":
      return current === undefined || current.state === "waiting"
        ? {}
        : { event: { at: change.at, event: "returned" } };
    case "release":
      return {
        event: {
          at: change.at,
          event: "released",
          batchId: change.batchId,
          ...(change.engineDied === undefined ? {} : { detail: change.engineDied }),
        },
      };
    case "skip":
      return { event: skipEvent(change.at, change.rule, change.reason) };
    case "adopt":
      return { event: skipEvent(change.at, "adopted", undefined) };
    case "takeBack": {
      const { at, state, batchId, decision } = change;
      return { event: { at, event: state, batchId, ...detailOf(decision) } };
    }
    case "unjudge":
      return { event: { at: change.at, event: "forgotten", ...detailOf(change.decision) } };
    case "settle": {
      const { state, rule, reason } = change.outcome;
      if (state === "committed") return {};
      const event: LedgerEvent =
        state === "quarantined"
          ? { at: change.at, event: state, ...(reason === undefined ? {} : { detail: reason }) }
          : skipEvent(change.at, rule, reason);
      return { event: { ...event, batchId: change.batchId } };
    }
    case "tidied": {
      const { at, state, detail } = change;
      return { event: { at, event: state, ...(detail === undefined ? {} : { detail }) } };
    }
    case "young":
    case "unseen":
    case "baseline":
    case "claim":
      return {};
    default:
      return unreachable(change);
  }
}

function skipEvent(at: number, rule: SkipRule | undefined, reason: string | undefined): LedgerEvent {
  const detail = [rule, reason].filter((part) => part !== undefined).join(": ");
  return { at, event: rule === "gone" ? "gone" : "skipped", ...(detail === "" ? {} : { detail }) };
}

function refusal(current: Arrival | undefined, event: ArrivalEvent): LandfallError {
  const subject = current === undefined ? {} : { file: current.key };
  return new LandfallError("INTERNAL", {
    message: `The ledger refuses "${event}" for an arrival that is ${current?.state ?? "unknown"}.`,
    hint: "This is a fault of Landfall; please report it.",
    ...subject,
  });
}

function unreachable(change: never): never {
  throw new LandfallError("INTERNAL", { message: `The ledger knows no change ${JSON.stringify(change)}.` });
}
