import { planScan, type ScanPlan } from "../delta/plan-scan.ts";
import type { TableState } from "../delta/table-state.ts";
import type { Predicate } from "../schema/predicate.ts";
import type { TableParts } from "./table-access.ts";

export interface PlannedFiles extends ScanPlan {
  /** What could be judged of the condition; undefined without one. */
  readonly predicate: Predicate | undefined;
}

/**
 * The files that may hold a row for which the condition is true.
 *
 * @throws LandfallError QUERY_INVALID for a condition that may not be; as `readTableState`
 */
export async function planFiles(
  { storage, parquet, engine, onNotice }: TableParts,
  options: { readonly state: TableState; readonly where: string | undefined; readonly signal: AbortSignal },
): Promise<PlannedFiles> {
  const { state, where, signal } = options;
  const { schema } = state;
  const predicate =
    where === undefined ? undefined : await engine.predicateOf({ sql: where, schema }, { signal });
  return { ...(await planScan({ storage, parquet, state, predicate, onNotice, signal })), predicate };
}
