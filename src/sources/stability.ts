/** When a listed file counts as complete: its writer may still be at work. */

/** A file is taken at once when it was last modified at least this long ago; milliseconds. */
export const STABLE_WINDOW_MS = 500;

/** When a file that was too young is looked at again: timers may be early by a little. */
export const SECOND_LOOK_MS = STABLE_WINDOW_MS + 10;

/**
 * True when the modification time alone shows that the file rests. A younger one, and one from the future (a clock that runs
 * ahead), is taken when two looks a window apart agree on its generation.
 */
export function isAtRest(modifiedNs: string, nowMs: number): boolean {
  return nowMs - wholeMilliseconds(modifiedNs) >= STABLE_WINDOW_MS;
}

/** Nanoseconds as text to milliseconds, without their fraction. Asked for each file of a listing: no BigInt is made. */
export function wholeMilliseconds(ns: string): number {
  // Below a millisecond nothing, or a sign alone, would be left.
  return ns.length < 8 ? Math.trunc(Number(ns) / 1e6) : Number(ns.slice(0, -6));
}

/** When it was modified, in milliseconds since the epoch: to show, never to compare generations by. */
export function modifiedAt({ modifiedNs }: { readonly modifiedNs: string }): number {
  return Number(modifiedNs) / 1e6;
}
