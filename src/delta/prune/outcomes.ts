/**
 * What a condition may come to for the rows of a file, as a set: SQL's three values, each a bit. A set may hold more than really occurs,
 * never less, so a file without TRUE in its set has no row that the condition keeps.
 */

export const TRUE = 1;
export const FALSE = 2;
/** Neither, as every comparison with null. */
export const NULL = 4;
export const ANY: number = TRUE | FALSE | NULL;

/** The sets of both sides give that of `left AND right`: each value of the one may meet each of the other. */
export function andOutcomes(left: number, right: number): number {
  let outcomes = (left | right) & FALSE;
  if ((left & TRUE) !== 0 && (right & TRUE) !== 0) outcomes |= TRUE;
  if (((left & NULL) !== 0 && (right & ~FALSE) !== 0) || ((right & NULL) !== 0 && (left & ~FALSE) !== 0))
    outcomes |= NULL;
  return outcomes;
}

export function orOutcomes(left: number, right: number): number {
  return notOutcomes(andOutcomes(notOutcomes(left), notOutcomes(right)));
}

export function notOutcomes(of: number): number {
  return (of & NULL) | ((of & TRUE) !== 0 ? FALSE : 0) | ((of & FALSE) !== 0 ? TRUE : 0);
}
