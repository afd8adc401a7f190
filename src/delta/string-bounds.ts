/** Bounds of long strings: prefixes that stay bounds in the order of UTF-8 bytes, which is the order of code points. */

/** Delta's default length of a string in statistics, here in code points. */
const LENGTH = 32;
/** Beyond twice that, Delta Spark gives up on a maximum. */
const GIVE_UP = 64;
const LAST_ASCII = "\u007f";
const LAST = "\u{10ffff}";

/** A prefix is a lower bound. Undefined for text that UTF-8 cannot hold. */
export function truncatedMin(text: string): string | undefined {
  if (!text.isWellFormed()) return undefined;
  return Array.from(text.slice(0, 2 * LENGTH + 1))
    .slice(0, LENGTH)
    .join("");
}

/**
 * A prefix and a character greater than the one after it is an upper bound. Undefined where there is no such character within
 * bounds, and for text that UTF-8 cannot hold.
 */
export function truncatedMax(text: string): string | undefined {
  if (!text.isWellFormed()) return undefined;
  const chars = Array.from(text.slice(0, 2 * GIVE_UP + 2));
  if (chars.length <= LENGTH) return text;
  for (let cut = LENGTH; cut < GIVE_UP; cut++) {
    const char = chars[cut];
    if (char === undefined) return chars.join("");
    if (char === LAST) continue;
    return chars.slice(0, cut).join("") + (char < LAST_ASCII ? LAST_ASCII : LAST);
  }
  return undefined;
}
