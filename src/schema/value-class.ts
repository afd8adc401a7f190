/**
 * The classes of JSON values: what a value is, read from its source text alone. A set of classes is a bit mask, so that
 * what a path has held over all rows is one integer, and "does it fit" is one AND.
 *
 * Numbers are classed by what they lose, not by how they look: `INT64` is an integer that LONG holds and no DOUBLE does.
 */
export const VALUE_CLASS = {
  /** `null`. */
  NULL: 1 << 0,
  /** `true`, `false`. */
  BOOL: 1 << 1,
  /** An integer within -128 … 127. */
  INT8: 1 << 2,
  /** Within 16 bits, beyond 8. */
  INT16: 1 << 3,
  /** Within 32 bits, beyond 16. */
  INT32: 1 << 4,
  /** At most 15 digits, beyond 32 bits. */
  INT15: 1 << 5,
  /** 16 to 19 digits, within 64 bits, and a DOUBLE holds it exactly. */
  INT64_EXACT: 1 << 6,
  /** 16 to 19 digits, within 64 bits, and no DOUBLE holds it. */
  INT64: 1 << 7,
  /** Beyond 64 bits, and a DOUBLE holds it exactly. */
  BIG_EXACT: 1 << 8,
  /** Beyond 64 bits, and no DOUBLE holds it. */
  BIG: 1 << 9,
  /** A fraction whose DOUBLE prints as the same decimal value. */
  DEC: 1 << 10,
  /** A fraction with more digits than DOUBLE keeps. */
  DEC_LONG: 1 << 11,
  /** With an exponent; its DOUBLE prints as the same decimal value. */
  EXP: 1 << 12,
  /** With an exponent; DOUBLE would round it, or make it infinite or zero. */
  EXP_LONG: 1 << 13,
  /** `YYYY-MM-DD[T ]HH:MM:SS[.f]` with `Z` or an offset `±HH:MM`, f of 1 to 6 digits, a real day, years 0001 to 9999. */
  TS_ZONED: 1 << 14,
  /** The same without a zone: the pipeline's `timeZone` says what it means. */
  TS_LOCAL: 1 << 15,
  /** A timestamp with more than 6 digits of a second: TIMESTAMP would lose some. */
  TS_NANO: 1 << 16,
  /** `YYYY-MM-DD`, a real day, years 0001 to 9999. */
  DATE: 1 << 17,
  /** Any other string; a string with a backslash in it always counts as one. */
  STR: 1 << 18,
  /** An object. */
  OBJ: 1 << 19,
  /** An array. */
  ARR: 1 << 20,
  /** The key stood more than once in one object. */
  DUP: 1 << 21,
} as const;

export type ValueClass = keyof typeof VALUE_CLASS;

/** Every class, in the order of its bit. */
export const VALUE_CLASSES = Object.keys(VALUE_CLASS) as readonly ValueClass[];

const V = VALUE_CLASS;

/** Integers that LONG holds. */
export const LONG_MASK = V.INT8 | V.INT16 | V.INT32 | V.INT15 | V.INT64_EXACT | V.INT64;
/** Every integer. */
export const INTEGER_MASK = LONG_MASK | V.BIG_EXACT | V.BIG;
/** Numbers with a fraction or an exponent. */
export const FRACTION_MASK = V.DEC | V.DEC_LONG | V.EXP | V.EXP_LONG;
export const NUMBER_MASK = INTEGER_MASK | FRACTION_MASK;
/** Timestamps that TIMESTAMP holds without loss. */
export const TIMESTAMP_MASK = V.TS_ZONED | V.TS_LOCAL;
/** Strings of a form of their own. */
export const TEMPORAL_MASK = TIMESTAMP_MASK | V.TS_NANO | V.DATE;
export const TEXT_MASK = TEMPORAL_MASK | V.STR;
/** All classes of values; not DUP, which is a flag beside them. */
export const VALUE_MASK = V.NULL | V.BOOL | NUMBER_MASK | TEXT_MASK | V.OBJ | V.ARR;

/**
 * The canonical form of a mask: once a path has held a plain string, its dates and timestamps are strings too. The scanner
 * stops looking for them then, so without this a mask would depend on the order of the rows.
 */
export function canonicalMask(mask: number): number {
  return (mask & V.STR) === 0 ? mask : mask & ~TEMPORAL_MASK;
}

/** The classes in a mask, by name. */
export function classesOf(mask: number): ValueClass[] {
  return VALUE_CLASSES.filter((name) => (mask & VALUE_CLASS[name]) !== 0);
}
