/** What a call does to one batch, as pure functions that every adapter shares. States come from `nextBatchState` only. */
import { LandfallError } from "../base/landfall-error.ts";
import type { Batch, SettleRequest } from "./ledger.ts";
import { nextBatchState, type BatchEvent, type BatchState } from "./states.ts";

/**
 * The state after the event, or undefined if nothing changes.
 * @throws LandfallError INTERNAL where the transition table refuses
 */
export function changeBatch(
  current: Batch | undefined,
  event: BatchEvent,
  batchId: string,
): BatchState | undefined {
  const next = nextBatchState(current?.state ?? "unknown", event);
  if (next === "stay") return undefined;
  if (next !== "refuse") return next;
  throw new LandfallError("INTERNAL", {
    message: `The ledger refuses "${event}" for batch ${batchId}, which is ${current?.state ?? "unknown"}.`,
    hint: "This is a fault of Landfall; please report it.",
  });
}

/**
 * Numbers are dense: a number that is left out is an outcome that is lost.
 * @throws LandfallError INTERNAL if the request does not follow what has been taken in
 */
export function checkSettle(
  request: SettleRequest,
  known: Batch | undefined,
  lastTakenIn: number | undefined,
): void {
  const expected = (lastTakenIn ?? 0) + 1;
  if (request.number === expected && (known === undefined || known.number === request.number)) return;
  throw new LandfallError("INTERNAL", {
    message: `The ledger refuses to settle ${request.batchId} as number ${request.number}: the next number is ${expected}${
      known === undefined ? "" : `, and this batch was planned as ${known.number}`
    }.`,
    hint: "This is a fault of Landfall; please report it.",
    batch: request.number,
  });
}

/** The batch as it stands after its settle. */
export function settledBatch(request: SettleRequest, known: Batch | undefined): Batch {
  const { number, batchId, version, at } = request;
  return { number, batchId, state: "settled", plannedAt: known?.plannedAt ?? at, settledAt: at, version };
}

/** INTERNAL for a done mark of a number that this ledger has not taken in. */
export function notSettled(number: number): LandfallError {
  return new LandfallError("INTERNAL", {
    message: `The ledger refuses a done mark for batch ${number}, which is not settled here.`,
    hint: "This is a fault of Landfall; please report it.",
    batch: number,
  });
}
