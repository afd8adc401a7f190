import { isLandfallError } from "../../base/landfall-error.ts";
import type { Duckdb } from "../duckdb.ts";
import type { SqlSession } from "../parquet-shape.ts";
import { MERGE_RELATIONS, type MergeNames } from "./merge-relations.ts";
import { WORTH_SAMPLING, type MergeRequest } from "./merge-request.ts";
import { viewOf } from "./merge-views.ts";
import type { StepwiseSql } from "./stepwise-sql.ts";

/**
 * The number of a column that is worth reading with the pairs: of a few updates it alone shows that they change their rows. Undefined: there is none, or
 * it is not worth asking; all columns of the pairs are then read once these are known.
 */
export async function decidingColumn(of: {
  readonly request: MergeRequest;
  readonly names: MergeNames;
  readonly stepwise: StepwiseSql | undefined;
  readonly sourceRows: number;
  readonly candidates: readonly number[];
  readonly duckdb: Duckdb;
  readonly session: SqlSession;
  readonly signal: AbortSignal | undefined;
}): Promise<number | undefined> {
  const { request, names, stepwise, sourceRows, candidates, duckdb, session, signal } = of;
  const rowsOf = (file: number): number => request.target.files[file]!.rows ?? 0;
  const rows = candidates.reduce((sum, file) => sum + rowsOf(file), 0);
  const worth = request.worthSampling ?? WORTH_SAMPLING;
  if (stepwise === undefined || candidates.length === 0) return undefined;
  if (sourceRows < worth.sourceRows || rows < worth.rows) return undefined;
  if (!(await binds(duckdb, stepwise.ofNone, signal))) return undefined;
  // The newest may be a small one that the merge before wrote, of other keys.
  const largest = candidates.reduce((one, other) => (rowsOf(other) >= rowsOf(one) ? other : one));
  await viewOf(MERGE_RELATIONS.sampled, { request, names, places: [largest], session, isOnlyRead: true });
  const [sample] = await session.rows(stepwise.sample);
  const updates = Number(sample!["updates"]);
  if (updates < worth.updates) return undefined;
  return stepwise.columns.find((column) => Number(sample![`d${column}`]) === updates);
}

async function binds(duckdb: Duckdb, sql: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await duckdb.described(sql, "plan a merge", signal);
    return true;
  } catch (error) {
    if (isLandfallError(error, "ENGINE_FAILED")) return false;
    throw error;
  }
}
