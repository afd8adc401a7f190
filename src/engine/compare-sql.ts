/**
 * The statements that compare the rows of the relations `l` and `r` as multisets. Rows are dealt into parts by a hash, and one statement looks
 * at one part: what it holds is bounded, however many rows there are.
 */
import { quoteName } from "./sql.ts";

export interface CompareSqlOptions {
  /** Compared; both relations have them, with the same types. */
  readonly columns: readonly string[];
  /** Of those: rows that share their values are one row that changed. Empty: rows are alike or not. */
  readonly keys: readonly string[];
  readonly part: number;
  readonly parts: number;
}

/** One row: how many of `r` are added, of `l` removed, and changed. */
export function compareCountsSql(options: CompareSqlOptions): string {
  const { keys, columns } = options;
  const by = keys.map((key) => `c${columns.indexOf(key)}`);
  const grouped = `SELECT ${POSITIVE} AS p, ${NEGATIVE} AS m FROM d${by.length === 0 ? "" : ` GROUP BY ${by.join(", ")}`}`;
  const changed = by.length === 0 ? "0" : "least(p, m)";
  return `${differenceSql(options)} SELECT coalesce(sum(p - ${changed}), 0), coalesce(sum(m - ${changed}), 0), coalesce(sum(${changed}), 0) FROM (${grouped})`;
}

/** The rows that differ, each once: the change, in the words of the change data feed, how often it is there, and the columns. */
export function compareRowsSql(options: CompareSqlOptions): string {
  const { keys, columns } = options;
  const by = keys.map((key) => `c${columns.indexOf(key)}`);
  const over = `OVER (PARTITION BY ${by.join(", ")})`;
  const type =
    by.length === 0
      ? "CASE WHEN n > 0 THEN 'insert' ELSE 'delete' END"
      : `CASE WHEN max(n) ${over} > 0 AND min(n) ${over} < 0
          THEN CASE WHEN n > 0 THEN 'update_postimage' ELSE 'update_preimage' END
          WHEN n > 0 THEN 'insert' ELSE 'delete' END`;
  const selected = columns.map((name, i) => `c${i} AS ${quoteName(name)}`);
  // Before and after of one row stand together.
  const order = [...by, "n"].join(", ");
  return `${differenceSql(options)} SELECT ${[`${type} AS t`, "abs(n) AS k", ...selected].join(", ")} FROM d ORDER BY ${order}`;
}

const POSITIVE = "coalesce(sum(n) FILTER (n > 0), 0)";
const NEGATIVE = "coalesce(-sum(n) FILTER (n < 0), 0)";

/** `d`: each row that one relation has more often than the other, and how much more often `r` does. */
function differenceSql({ columns, keys, part, parts }: CompareSqlOptions): string {
  const named = columns.map((name, i) => `${quoteName(name)} AS c${i}`).join(", ");
  const dealtBy = (keys.length === 0 ? columns : keys).map(quoteName).join(", ");
  const only = parts === 1 ? "" : ` WHERE hash(${dealtBy}) % ${parts} = ${part}`;
  const all = columns.map((_, i) => `c${i}`).join(", ");
  return `WITH d AS (
    SELECT ${all}, CAST(sum(n) AS BIGINT) AS n FROM (
      SELECT ${named}, 1 AS n FROM r${only} UNION ALL SELECT ${named}, -1 AS n FROM l${only}
    ) GROUP BY ${all} HAVING sum(n) <> 0
  )`;
}
