/** Counts what happened by kind and reason, to be told at the end of a suite. */
export interface Tally {
  count(kind: string, reason: string): void;
  /** How often something of the kind happened. */
  of(kind: string): number;
  /** One line a kind and reason, the most frequent of each kind first. */
  lines(): string[];
}

const LONGEST_REASON = 160;

export function tally(): Tally {
  const kinds = new Map<string, Map<string, number>>();
  return {
    count(kind, reason) {
      const reasons = kinds.get(kind) ?? new Map<string, number>();
      const short = reason.replace(/\s+/g, " ").slice(0, LONGEST_REASON);
      kinds.set(kind, reasons.set(short, (reasons.get(short) ?? 0) + 1));
    },
    of: (kind) => [...(kinds.get(kind)?.values() ?? [])].reduce((sum, count) => sum + count, 0),
    lines: () =>
      [...kinds]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .flatMap(([kind, reasons]) =>
          [...reasons]
            .sort(([, one], [, other]) => other - one)
            .map(([reason, count]) => `${kind}: ${count} × ${reason}`),
        ),
  };
}
