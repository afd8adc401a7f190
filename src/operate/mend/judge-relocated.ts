/** Is what lies under a known name in another folder what the pipeline knows? Decides by size and checksum where times differ. Pure. */
import type { Arrival, Observation } from "../../ledger/ledger.ts";

/**
 * `same`: a generation that is known. `copied`: the very bytes that were read (or adopted), under another modification time. `alike`: nothing was read of
 * it and it has the size that it had, under another time. `changed`: other bytes than were read. `free`: nothing of the name was read or
 * kept out, so that it is read like any other.
 */
export type Relocated = "same" | "copied" | "alike" | "changed" | "free";

/** Was it read into the table? */
export function wasRead({ state }: Arrival): boolean {
  return state === "committed" || state === "archived" || state === "deleted";
}

/** Was it kept out for good, or judged not to be read? */
function wasKeptOut({ state, rule }: Arrival): boolean {
  return state === "skipped" && rule !== "gone";
}

export function judgeRelocated(options: {
  /** All generations of the name that the ledger knows. */
  readonly known: readonly Arrival[];
  /** What lies there. */
  readonly found: Observation;
  /** CRC-32 of it; needed where `needsChecksum` says so. */
  readonly crc32: number | undefined;
}): Relocated {
  const { known, found, crc32 } = options;
  if (known.some(({ generation }) => generation === found.generation)) return "same";
  const read = known.filter(wasRead);
  const copied = known
    .filter(isSummed)
    .some(({ outcome }) => outcome?.bytes === found.size && outcome.crc32 === crc32);
  if (copied) return "copied";
  // Of that size other bytes were read, and the checksum told: that is a change, whatever else had the size.
  if (read.some(({ outcome }) => outcome?.bytes === found.size)) return "changed";
  // Of what was left out mostly nobody knows the bytes.
  if (known.some((one) => wasKeptOut(one) && one.outcome === undefined && one.size === found.size))
    return "alike";
  return read.length > 0 ? "changed" : "free";
}

/** True where only the bytes tell. */
export function needsChecksum(known: readonly Arrival[], found: Observation): boolean {
  if (known.some(({ generation }) => generation === found.generation)) return false;
  return known.some((arrival) => isSummed(arrival) && arrival.outcome?.bytes === found.size);
}

/** The checksum of all its bytes is known, if it has one: it was read, or adopted. */
function isSummed(arrival: Arrival): boolean {
  return wasRead(arrival) || wasKeptOut(arrival);
}
