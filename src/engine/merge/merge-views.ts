/** Relations that a merge makes in its session. */
import type { SqlSession } from "../parquet-shape.ts";
import { quoteName } from "../sql.ts";
import { tableRelation } from "../table-relation.ts";
import type { MergeNames } from "./merge-relations.ts";
import type { MergeRequest } from "./merge-request.ts";

/** Rows of some of the target's files, which are told by their places among all of them. */
export async function viewOf(
  view: string,
  of: {
    readonly request: MergeRequest;
    readonly names: MergeNames;
    readonly places: readonly number[];
    readonly session: SqlSession;
    /** Default: rows that were deleted before are among them. */
    readonly leavesDeletedOut?: boolean;
    /** As that of a table. */
    readonly isOnlyRead?: boolean;
  },
): Promise<void> {
  const { request, names, places, session, leavesDeletedOut = false, isOnlyRead } = of;
  const { target } = request;
  const files = places.map((place) => {
    const { deleted, ...file } = target.files[place]!;
    return leavesDeletedOut && deleted !== undefined ? { ...file, deleted } : file;
  });
  const table = { ...target, name: view.slice(1, -1), files, places: names, isOnlyRead };
  const relation = await tableRelation(table, session);
  const file = quoteName(names.file);
  const isWhole = places.length === target.files.length || places.length === 0;
  const columns = isWhole
    ? "*"
    : `* REPLACE (list_extract(CAST([${places.join(", ")}] AS BIGINT[]), ${file} + 1) AS ${file})`;
  await session.run(`CREATE TEMP VIEW ${view} AS SELECT ${columns} FROM (${relation})`);
}

export function makeTable(name: string, select: string, session: SqlSession): Promise<void> {
  return session.run(`CREATE TEMP TABLE ${name} AS ${select}`);
}

/** Places of the files that have a pair, in their order. */
export async function filesOfPairs(
  pairs: string,
  names: MergeNames,
  session: SqlSession,
): Promise<readonly number[]> {
  const file = quoteName(names.file);
  const rows = await session.rows(`SELECT DISTINCT ${file} AS file FROM ${pairs} ORDER BY 1`);
  return rows.map((row) => Number(row["file"]));
}
