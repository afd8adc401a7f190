/** Rows in the order of a Z-curve: those that are near each other in all of its columns come to stand near each other. */

/** Steps of each column, of about as many rows each: so a few values that are far from the others take no room. */
const STEPS_BITS = 10;
/** Rows by which the steps are found. */
const SAMPLED = 65_536;

/**
 * One SELECT of all rows of `relation`, by one column in its order, by several along the curve. Nulls come first.
 *
 * @param columns SQL expressions of columns of the relation; up to 12
 */
export function clusteredSql(relation: string, columns: readonly string[]): string {
  if (columns.length === 1) return `SELECT * FROM ${relation} ORDER BY ${columns[0]} NULLS FIRST`;
  const steps = columns.map(
    (column, i) => `step_${i} AS (
      SELECT v, max(n) - 1 AS n
      FROM (
        SELECT min(v) AS v, n
        FROM (
          SELECT v, ntile(${2 ** STEPS_BITS}) OVER (ORDER BY v) AS n
          FROM (SELECT ${column} AS v FROM ${relation} WHERE ${column} IS NOT NULL USING SAMPLE ${SAMPLED} ROWS)
        )
        GROUP BY n
      )
      GROUP BY v
    )`,
  );
  const joins = columns.map(
    (column, i) => `ASOF LEFT JOIN step_${i} ON ${relation}.${column} >= step_${i}.v`,
  );
  const bits: string[] = [];
  for (let bit = 0; bit < STEPS_BITS; bit++)
    for (const i of columns.keys())
      bits.push(`(((coalesce(step_${i}.n, 0) >> ${bit}) & 1)::HUGEINT << ${bit * columns.length + i})`);
  return `WITH ${steps.join(",\n")}
    SELECT ${relation}.* FROM ${relation}
    ${joins.join("\n")}
    ORDER BY ${bits.join(" | ")}`;
}
