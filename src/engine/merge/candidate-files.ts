/** Which files may have a row whose keys are those of a source row, by what the log says of them. */
import { pathType } from "./path-type.ts";
import { duckdbType, quoteName, quoteText } from "../sql.ts";
import type { SqlSession } from "../parquet-shape.ts";
import type { MergeRequest } from "./merge-request.ts";
import { MERGE_RELATIONS } from "./merge-relations.ts";

/** Rows of one statement. */
const AT_ONCE = 500;

/**
 * The places of the files. For each of them the least source key that is not below the file's is looked up, so that a few old keys among new
 * ones do not make every file a candidate.
 */
export async function candidateFiles(
  { target, keys, bounds, source }: MergeRequest,
  session: SqlSession,
): Promise<readonly number[]> {
  let candidates = target.files.map((_, file) => file);
  for (const [i, key] of keys.entries()) {
    const type = pathType(target.schema, key.target);
    const known = candidates.filter((file) => (bounds?.[file]?.[i] ?? null) !== null);
    // Values that are equal once both are wider are compared by the join alone.
    if (known.length === 0 || duckdbType(type) !== duckdbType(pathType(source.schema, key.source))) continue;
    const own = quoteName(`landfall bounds ${i}`);
    const text = duckdbType(type);
    await session.run(`CREATE TEMP TABLE ${own} (file INTEGER, least ${text}, greatest ${text})`);
    for (let from = 0; from < known.length; from += AT_ONCE) {
      const rows = known.slice(from, from + AT_ONCE).map((file) => {
        const { min, max } = bounds![file]![i]!;
        return `(${file}, TRY_CAST(${literal(min)} AS ${text}), TRY_CAST(${literal(max)} AS ${text}))`;
      });
      await session.run(`INSERT INTO ${own} VALUES ${rows.join(", ")}`);
    }
    const left = await session.rows(
      `SELECT b.file FROM ${own} b ASOF LEFT JOIN
        (SELECT DISTINCT s.${key.source.map(quoteName).join(".")} AS key FROM ${MERGE_RELATIONS.source} s) k ON b.least <= k.key
        WHERE k.key <= b.greatest OR b.least IS NULL OR b.greatest IS NULL`,
    );
    const may = new Set(left.map(({ file }) => Number(file)));
    const isKnown = new Set(known);
    candidates = candidates.filter((file) => !isKnown.has(file) || may.has(file));
  }
  return candidates;
}

/** A NUL would end the statement. */
function literal(text: string): string {
  return quoteText(text).replaceAll("\0", "' || chr(0) || '");
}
