/**
 * What stands twice in a statement DuckDB computes once, before all else and outside of TRY, where a value that it cannot be computed of ends the
 * statement. What a CASE may not come to it leaves where it is, and `random` it cannot foresee.
 */
export function computedInPlace(condition: string): string {
  return `(CASE WHEN random() < 0 THEN false ELSE ${condition} END)`;
}
