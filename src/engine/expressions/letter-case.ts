/**
 * Letters of which Spark (Java's `toUpperCase` and `toLowerCase`, or ICU's) and DuckDB (utf8proc, one character for one) make the same: ASCII,
 * Latin, Greek and Cyrillic without those of which the other case has another length, or depends on what stands beside them.
 */
const BLOCKS =
  "\\x{00}-\\x{024F}\\x{0370}-\\x{03FF}\\x{0400}-\\x{052F}\\x{2000}-\\x{206F}\\x{20A0}-\\x{20BF}\\x{3000}-\\x{30FF}\\x{4E00}-\\x{9FFF}\\x{AC00}-\\x{D7A3}";

/** ß, ŉ, ǰ, ΐ, ΰ grow; İ shrinks; Σ is another letter at the end of a word; ƛ has a capital since Unicode 16 only. */
const ODD = { upper: "ßŉǰΐΰƛ", lower: "İΣ" } as const;

/** A condition of DuckDB on the text. */
export function allowsCase(name: "upper" | "lower", sql: string): string {
  return `(NOT regexp_matches(${sql}, '[^${BLOCKS}]|[${ODD[name]}]'))`;
}
