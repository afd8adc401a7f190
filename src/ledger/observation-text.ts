/**
 * Observations on their way into the worker: one JSON text for a call, which the worker hands to SQLite as it is. Text crosses
 * threads as one copy of memory, and SQLite finds what it does not know without a row entering JavaScript: 1,000,000 known
 * observations cost 1.4 s this way, and about 4 s as objects and single look-ups.
 */
import { checkId, checkObservation } from "./arrival-id.ts";
import type { ArrivalId, Observation } from "./ledger.ts";
import { splitGeneration } from "./stored-generation.ts";

export interface ObservationText {
  /** JSON array of texts: size (16 digits), modification in ns (19 digits), key. For generations `<size>-<modifiedNs>`. */
  readonly plain: string;
  readonly plainCount: number;
  /** JSON array of [key, generation, size, modifiedNs]. For generations in other words: an etag, a hash. */
  readonly other: string;
  readonly otherCount: number;
  /** Generations `<number>-<number>` that are not this size and modification; hardly ever any. */
  readonly odd: readonly Observation[];
}

const SIZE_DIGITS = 16;
const STAMP_DIGITS = 19;
const HEAD = SIZE_DIGITS + STAMP_DIGITS;

/** SQL that takes the three parts out of one text of `plain`. */
export const PLAIN_SIZE = `CAST(substr(j.value, 1, ${SIZE_DIGITS}) AS INTEGER)`;
export const PLAIN_STAMP = `CAST(substr(j.value, ${SIZE_DIGITS + 1}, ${STAMP_DIGITS}) AS INTEGER)`;
export const PLAIN_KEY = `substr(j.value, ${HEAD + 1})`;

/** @throws LandfallError INTERNAL for an observation that no listing yields */
export function observationText(observations: readonly Observation[]): ObservationText {
  const plain: string[] = [];
  const odd: Observation[] = [];
  const other: (readonly (string | number)[])[] = [];
  for (const observation of observations) {
    checkObservation(observation);
    const { key, generation, size, modifiedNs } = observation;
    // What every local listing yields, told without taking the generation apart.
    if (generation === `${size}-${modifiedNs}` && !modifiedNs.startsWith("-")) {
      plain.push(plainText(key, size, modifiedNs));
      continue;
    }
    const split = splitGeneration(generation);
    if (split === undefined) {
      other.push([key, generation, size, modifiedNs]);
    } else if (split.size === size && split.modifiedNs === modifiedNs) {
      plain.push(plainText(key, size, modifiedNs));
    } else {
      odd.push({ key, generation, size, modifiedNs });
    }
  }
  return {
    plain: JSON.stringify(plain),
    plainCount: plain.length,
    other: JSON.stringify(other),
    otherCount: other.length,
    odd,
  };
}

/** The observation that one text of `plain` stands for. */
export function plainObservation(text: string): Observation {
  const size = Number(text.slice(0, SIZE_DIGITS));
  const modifiedNs = text.slice(SIZE_DIGITS, HEAD).replace(/^0+(?=[0-9])/, "");
  return { key: text.slice(HEAD), generation: `${size}-${modifiedNs}`, size, modifiedNs };
}

/** The observation that one element of `other` stands for. */
export function otherObservation(text: string): Observation {
  const [key, generation, size, modifiedNs] = JSON.parse(text) as [string, string, number, string];
  return { key, generation, size, modifiedNs };
}

/** Ids on their way into the worker: those of generations `<size>-<ns>` as texts of `plain`, the others as they are. */
export interface IdText {
  readonly plain: readonly string[];
  readonly other: readonly ArrivalId[];
}

/** @throws LandfallError INTERNAL for an id that no listing yields */
export function idText(ids: readonly ArrivalId[]): IdText {
  const plain: string[] = [];
  const other: ArrivalId[] = [];
  for (const id of ids) {
    checkId(id);
    const split = splitGeneration(id.generation);
    if (split === undefined) other.push({ key: id.key, generation: id.generation });
    else plain.push(plainText(id.key, split.size, split.modifiedNs));
  }
  return { plain, other };
}

function plainText(key: string, size: number, modifiedNs: string): string {
  return String(size).padStart(SIZE_DIGITS, "0") + modifiedNs.padStart(STAMP_DIGITS, "0") + key;
}
