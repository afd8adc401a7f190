import type { OptionKinds } from "../base/check-options.ts";
import type { Action } from "../delta/actions.ts";
import { HONOURED_BY_LOG } from "../delta/features.ts";
import { columnsToRead } from "../delta/files-to-read.ts";
import { liveRowsOf } from "../delta/stated-statistics.ts";
import type { TableState } from "../delta/table-state.ts";
import { commitWrite, type PlanningWith } from "./commit-write.ts";
import { removingWritten } from "./removing-written.ts";
import { findRows, type FoundRows } from "./rows/find-rows.ts";
import { hasChangeFeed } from "./rows/has-change-feed.ts";
import { metricTexts } from "./rows/metric-texts.ts";
import { refuseAppendOnly } from "./rows/refuse-append-only.ts";
import { needsChanges, removedRows } from "./rows/removed-rows.ts";
import { CHANGE_TYPE, stageChanges } from "./rows/stage-changes.ts";
import { takeRowsOut } from "./rows/take-rows-out.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite, WritePlan } from "./write-plan.ts";

export interface DeleteOptions {
  /** One SQL expression over the columns: rows for which it is true go. Default: all rows. */
  readonly where?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const DELETE_OPTIONS: OptionKinds<DeleteOptions> = { where: "text", signal: "signal" };

/**
 * Deletes rows. Files of which every row goes, as their partition values tell, are not read; in others rows are marked by a deletion vector
 * where the table has `delta.enableDeletionVectors`, and what is left of the rest is written anew. Undefined where no row matches.
 *
 * @throws LandfallError TABLE_APPEND_ONLY, TABLE_FEATURE_UNSUPPORTED, QUERY_INVALID for a condition that may not be; as `commitWrite`
 */
export function deleteRows(
  context: WriteContext,
  options: DeleteOptions = {},
): Promise<CommittedWrite | undefined> {
  const { where, signal } = options;
  return commitWrite(context, {
    signal,
    honoured: HONOURED_BY_LOG,
    plan: (state, using) => planDelete(state, { ...using, where, now: context.clock.now() }),
  });
}

interface DeletePlanning extends PlanningWith {
  readonly where: string | undefined;
  readonly now: number;
}

async function planDelete(state: TableState, planning: DeletePlanning): Promise<WritePlan | undefined> {
  const { parts, where, now, signal } = planning;
  refuseAppendOnly(state, "DELETE");
  const found = await findRows({ parts, state, where, sparesWhole: true, signal });
  const { whole, touched, reads } = found;
  if (whole.length + touched.length === 0) return undefined;
  const taken = await takeRowsOut({ parts, state, found, now, signal });
  const changes = await removingWritten(parts.storage, taken.written, () =>
    changesOf(state, { ...planning, found, actions: taken.actions }),
  );
  const deleted = [...whole.map((add) => liveRowsOf(add) ?? 0), ...touched.map(({ count }) => count)];
  return {
    actions: [...taken.actions, ...changes.files.map((cdc) => ({ cdc }))],
    reads,
    operation: "DELETE",
    operationParameters: { predicate: JSON.stringify([where ?? "true"]) },
    operationMetrics: metricTexts({
      ...taken.metrics,
      numDeletedRows: deleted.reduce((sum, count) => sum + count, 0),
      numAddedChangeFiles: changes.files.length,
    }),
    movesRows: taken.movesRows,
    written: [...taken.written, ...changes.keys],
  };
}

async function changesOf(
  state: TableState,
  options: DeletePlanning & { readonly found: FoundRows; readonly actions: readonly Action[] },
): ReturnType<typeof stageChanges> {
  const { parts, now, signal, actions } = options;
  if (!hasChangeFeed(state) || !needsChanges(actions)) return { files: [], keys: [] };
  const columns = columnsToRead(state);
  const files = await removedRows({ ...options, columns });
  const sql = `SELECT *, 'delete' AS ${CHANGE_TYPE} FROM t`;
  return stageChanges({ parts, state, tables: { t: { ...columns, files } }, sql, now, signal });
}
