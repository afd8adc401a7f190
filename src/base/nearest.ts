/** The nearest known word, for "did you mean …". */

/**
 * The known word that differs least from what was written, or undefined when none is near: at most one edit in words of up to
 * five characters, two up to eleven, three beyond. An edit inserts, deletes, replaces one character or swaps two neighbours;
 * case counts for nothing. The first of equally near ones wins.
 */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const word of known) {
    const allowed = Math.min(3, Math.floor(Math.max(word.length, written.length) / 6) + 1);
    if (Math.abs(word.length - written.length) > allowed) continue;
    const distance = editDistance(written.toLowerCase(), word.toLowerCase());
    if (distance <= allowed && distance < least) {
      least = distance;
      best = word;
    }
  }
  return best;
}

/** Edits between two words (optimal string alignment). Quadratic: for words, not for texts. */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, older[j - 2]! + 1);
      }
      current.push(least);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length]!;
}
