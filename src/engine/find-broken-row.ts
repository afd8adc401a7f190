import type { BrokenRowRequest, EngineOptions } from "./engine.ts";
import { findBroken, type BrokenRow } from "./expressions/check-rules.ts";
import { withTableViews } from "./with-table-views.ts";

/** See `Engine.findBrokenRow`. */
export async function findBrokenRow(
  { tables, sql, schema, rules }: BrokenRowRequest,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
): Promise<BrokenRow | undefined> {
  return withTableViews({ tables }, options, ({ duckdb, signal }) =>
    findBroken({ duckdb, select: sql, schema, rules, ...(signal === undefined ? {} : { signal }) }),
  );
}
