import { isLandfallError } from "../../base/landfall-error.ts";
import type { Duckdb } from "../duckdb.ts";
import type { SqlSession } from "../parquet-shape.ts";
import { MERGE_RELATIONS, type MergeNames } from "./merge-relations.ts";
import { WORTH_SAMPLING, type MergeRequest } from "./merge-request.ts";
import { viewOf } from "./merge-views.ts";
import { SAMPLED_ROWS, type StepwiseSql } from "./stepwise-sql.ts";

/**
 * What is read of the target together with the keys. A number is that of a column which alone shows of nearly all updates that they change their rows;
 * `compared` are all columns that updates set; with `nothing` these are read once the pairs are known, and only in the files that have one.
 */
export type ReadWithKeys = number | "compared" | "nothing";

/** Pairs may lie this much closer in the sample than in all files, and still be taken for spread over them. */
const EVENLY_SPREAD = 4;

/** Chosen by a look at a few rows, where there are so many that the choice matters. */
export async function readWithKeys(of: {
  readonly request: MergeRequest;
  readonly names: MergeNames;
  readonly stepwise: StepwiseSql | undefined;
  readonly sourceRows: number;
  readonly candidates: readonly number[];
  readonly duckdb: Duckdb;
  readonly session: SqlSession;
  readonly signal: AbortSignal | undefined;
}): Promise<ReadWithKeys> {
  const { request, names, stepwise, sourceRows, candidates, duckdb, session, signal } = of;
  const rowsOf = (file: number): number => request.target.files[file]!.rows ?? 0;
  const rows = candidates.reduce((sum, file) => sum + rowsOf(file), 0);
  const worth = request.worthSampling ?? WORTH_SAMPLING;
  if (stepwise === undefined || candidates.length === 0) return "nothing";
  if (sourceRows < worth.sourceRows || rows < worth.rows) return "nothing";
  if (!(await binds(duckdb, stepwise.ofNone, signal))) return "nothing";
  // The newest may be a small one that the merge before wrote, of other keys.
  const largest = candidates.reduce((one, other) => (rowsOf(other) >= rowsOf(one) ? other : one));
  const places = [largest];
  const live = { leavesDeletedOut: true, isOnlyRead: true };
  await viewOf(MERGE_RELATIONS.sampled, { request, names, places, session, ...live });
  const [sample] = await session.rows(stepwise.sample);
  const updates = Number(sample!["updates"]);
  if (updates < worth.updates) return "nothing";
  const deciding = stepwise.columns.find((column) => Number(sample![`d${column}`]) === updates);
  if (deciding !== undefined) return deciding;
  // Where pairs lie close together, most of the files' parts have none, and a second look leaves these out.
  const ifSpread = (sourceRows * Math.min(SAMPLED_ROWS, rowsOf(largest))) / rows;
  return updates <= EVENLY_SPREAD * ifSpread ? "compared" : "nothing";
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
