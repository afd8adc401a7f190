/** The identity of an arrival: what the ledger accepts, and the order of (key, generation) by UTF-8 bytes. */
import { compareText } from "../base/compare-text.ts";
import { LandfallError } from "../base/landfall-error.ts";
import type { ArrivalId, Observation } from "./ledger.ts";

const WHOLE = /^(?:0|-?[1-9][0-9]{0,18})$/;
const LARGEST = String(2n ** 63n - 1n);
const SMALLEST = String(-(2n ** 63n));

/** True for text that holds a 64-bit integer as `BigInt` prints it. */
export function isInt64Text(text: string): boolean {
  if (!WHOLE.test(text)) return false;
  // Texts of one length and sign compare like their numbers; asked twice for each file of a listing.
  if (text.startsWith("-")) return text.length < SMALLEST.length || text <= SMALLEST;
  return text.length < LARGEST.length || text <= LARGEST;
}

/** @throws LandfallError INTERNAL for an id that no listing yields */
export function checkId(id: ArrivalId): void {
  if (isPlainText(id.key) && isPlainText(id.generation)) return;
  throw new LandfallError("INTERNAL", {
    message: `The ledger cannot hold the arrival ${JSON.stringify([id.key, id.generation])}.`,
    hint: "A key and a generation are well-formed text without NUL; please report where this one came from.",
  });
}

function isPlainText(text: string): boolean {
  return text !== "" && text.isWellFormed() && !text.includes("\0");
}

/** @throws LandfallError INTERNAL for an observation that no listing yields */
export function checkObservation(observation: Observation): void {
  checkId(observation);
  const { size, modifiedNs } = observation;
  if (Number.isSafeInteger(size) && size >= 0 && isInt64Text(modifiedNs)) return;
  throw new LandfallError("INTERNAL", {
    message: `The ledger cannot hold an arrival of ${size} bytes, modified at ${modifiedNs} ns.`,
    hint: "This is a fault of Landfall; please report it.",
    file: observation.key,
  });
}

/** By the UTF-8 bytes of the key, then of the generation. */
export function compareIds(a: ArrivalId, b: ArrivalId): number {
  return compareText(a.key, b.key) || compareText(a.generation, b.generation);
}

/** The last one of each key. */
export function lastOfEachKey<T extends ArrivalId>(ids: readonly T[]): readonly T[] {
  return [...new Map(ids.map((id) => [id.key, id])).values()];
}
