/** Where the time of a piece of work goes: each lap is the time since the one before. */

export interface Stopwatch<Name extends string> {
  /** Adds the time since the last lap, or the start, to `name`. Returns the milliseconds added. */
  lap(name: Name): number;
  /** Milliseconds by name, for the names that have had a lap. */
  readonly laps: Readonly<Partial<Record<Name, number>>>;
}

/** Starts at once. Monotonic: a change of the computer's clock does not show. */
export function stopwatch<Name extends string>(now: () => number = () => performance.now()): Stopwatch<Name> {
  const laps: Partial<Record<Name, number>> = {};
  let last = now();
  return {
    laps,
    lap(name) {
      const at = now();
      const milliseconds = at - last;
      laps[name] = (laps[name] ?? 0) + milliseconds;
      last = at;
      return milliseconds;
    },
  };
}
