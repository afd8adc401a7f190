/**
 * Patterns of dates and timestamps in Spark's letters, those that stand for digits: `dd.MM.yyyy HH:mm[:ss][.SSS][XXX]`. Other letters
 * (names of months and days, AM and PM, names of zones) are refused by name rather than read by a guess.
 */

export type TemporalField = "year" | "month" | "day" | "hour" | "minute" | "second";

export type TemporalToken =
  | { readonly kind: "literal"; readonly text: string }
  /** `min` to `max` digits; a year of two digits is of this century. */
  | { readonly kind: "number"; readonly field: TemporalField; readonly min: number; readonly max: number }
  | { readonly kind: "fraction"; readonly digits: number }
  /** `Z` or an offset: `±HH` or `±HHMM` (X), `±HHMM` (XX), `±HH:MM` (XXX). */
  | { readonly kind: "zone"; readonly letters: number };

/** Each way in which the pattern's optional parts can be there or not, the longest first. */
export type TemporalAlternatives = readonly (readonly TemporalToken[])[];

const FIELDS: Readonly<Record<string, TemporalField>> = {
  y: "year",
  u: "year",
  M: "month",
  d: "day",
  H: "hour",
  m: "minute",
  s: "second",
};
/** Of optional parts: each doubles the ways to read a text. */
const MAX_OPTIONAL = 4;

class PatternFault extends Error {}

/** What is wrong with a pattern, as the end of a sentence that begins with the option's name; undefined if nothing is. */
export function temporalPatternFault(options: {
  readonly kind: "date" | "timestamp";
  readonly text: string;
}): string | undefined {
  try {
    const alternatives = alternativesOf(options.text);
    for (const tokens of alternatives) checkFields(options.kind, tokens);
    return undefined;
  } catch (error) {
    if (error instanceof PatternFault) return error.message;
    throw error;
  }
}

/** Reads a pattern in which `temporalPatternFault` finds nothing wrong. */
export function temporalAlternatives(text: string): TemporalAlternatives {
  return alternativesOf(text);
}

function checkFields(kind: "date" | "timestamp", tokens: readonly TemporalToken[]): void {
  const seen: string[] = tokens.map((token) => (token.kind === "number" ? token.field : token.kind));
  for (const field of ["year", "month", "day"] as const) {
    if (!seen.includes(field))
      throw new PatternFault("must name year, month and day outside of optional parts");
  }
  for (const [index, field] of seen.entries()) {
    if (field === "literal") continue;
    if (seen.indexOf(field) !== index) throw new PatternFault(`must not name the ${field} twice`);
    if (kind === "date" && !["year", "month", "day"].includes(field))
      throw new PatternFault(`must name a day only, not the ${field} of one; see csv.timestampFormat`);
  }
  // Where one digit or two may stand, the next digit would belong to either.
  if (tokens.some((token, i) => token.kind === "number" && token.min < token.max && isDigits(tokens[i + 1])))
    throw new PatternFault(
      "must not have digits right behind one of M, d, H, m, s; write it with two letters",
    );
  const has = (field: string): boolean => seen.includes(field);
  if (
    (has("minute") && !has("hour")) ||
    (has("second") && !has("minute")) ||
    (has("fraction") && !has("second"))
  )
    throw new PatternFault("must not name a part of the time without the greater ones");
}

function isDigits(token: TemporalToken | undefined): boolean {
  return token?.kind === "number" || token?.kind === "fraction";
}

function alternativesOf(text: string): TemporalAlternatives {
  const parts = partsOf(text);
  if (parts.filter((part) => part.optional).length > MAX_OPTIONAL)
    throw new PatternFault(`must have at most ${MAX_OPTIONAL} optional parts`);
  return parts.reduce<readonly TemporalToken[][]>(
    (ways, { optional, tokens }) =>
      ways.flatMap((way) => (optional ? [[...way, ...tokens], way] : [[...way, ...tokens]])),
    [[]],
  );
}

interface Part {
  readonly optional: boolean;
  readonly tokens: TemporalToken[];
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [{ optional: false, tokens: [] }];
  for (const [piece] of text.matchAll(/'(?:[^']|'')*'|([A-Za-z])\1*|[\s\S]/gu)) {
    const part = parts.at(-1)!;
    if (piece === "[") {
      if (part.optional) throw new PatternFault("must not have an optional part inside another");
      parts.push({ optional: true, tokens: [] });
    } else if (piece === "]") {
      if (!part.optional) throw new PatternFault("closes an optional part that is not open");
      parts.push({ optional: false, tokens: [] });
    } else part.tokens.push(tokenOf(piece));
  }
  if (parts.at(-1)!.optional) throw new PatternFault("opens an optional part that is never closed");
  return parts;
}

function tokenOf(piece: string): TemporalToken {
  if (piece === "''") return { kind: "literal", text: "'" };
  if (piece.length > 1 && piece.startsWith("'"))
    return { kind: "literal", text: piece.slice(1, -1).replaceAll("''", "'") };
  if (piece === "'") throw new PatternFault("opens a quoted text that is never closed");
  if (/[{}#]/.test(piece))
    throw new PatternFault(`holds ${piece}, which Spark keeps for itself; write '${piece}'`);
  if (!/[A-Za-z]/.test(piece)) return { kind: "literal", text: piece };
  return letters(piece);
}

function letters(piece: string): TemporalToken {
  const letter = piece[0]!;
  const count = piece.length;
  const field = FIELDS[letter];
  if (field === "year") {
    if (count === 4 || count === 2) return { kind: "number", field, min: count, max: count };
    throw new PatternFault(`holds ${piece}; a year is yyyy or yy`);
  }
  if (field !== undefined && count <= 2) return { kind: "number", field, min: count, max: 2 };
  if (letter === "S" && count <= 9) return { kind: "fraction", digits: count };
  if (letter === "X" && count <= 3) return { kind: "zone", letters: count };
  throw new PatternFault(
    `holds ${piece}, which is not read; known are yyyy, yy, M, MM, d, dd, H, HH, m, mm, s, ss, S to SSSSSSSSS, X, XX, XXX; other text goes in '…'`,
  );
}
