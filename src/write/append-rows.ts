/** New rows beside those that are there. */
import { bytesOf } from "../base/bytes-of.ts";
import type { ReadSet } from "../delta/conflicts/read-set.ts";
import { NOTHING_READ } from "../delta/conflicts/read-set.ts";
import { stageNewRows, targetOf } from "./new-rows.ts";
import type { RowsToWrite } from "./source/row-source.ts";
import type { StagedRows } from "./stage-rows.ts";
import { txnActions, type TransactionId } from "./transaction-id.ts";
import { withRows } from "./with-rows.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite } from "./write-plan.ts";
import type { WriteRowsOptions } from "./write-rows-options.ts";

/**
 * Undefined where there was nothing to do: no rows, or the table holds the transaction already.
 *
 * @throws LandfallError ROW_MISFIT, TABLE_SCHEMA_CONFLICT where rows do not fit; as `commitWrite`
 */
export function appendRows(
  context: WriteContext,
  rows: RowsToWrite,
  options: WriteRowsOptions = {},
): Promise<CommittedWrite | undefined> {
  const { txn, mergeSchema } = options;
  return withRows(context, {
    rows,
    options,
    plan: async (source, state, using) => {
      const now = context.clock.now();
      const target = targetOf(state, source.schema, { mergeSchema });
      const staged = await stageNewRows(source, { target, using, now });
      const actions = [...staged.changes, ...txnActions(txn, now), ...staged.adds.map((add) => ({ add }))];
      if (actions.length === 0) return undefined;
      return {
        actions,
        reads: readsOf(txn),
        operation: "WRITE",
        operationParameters: { mode: "Append", partitionBy: target.partitionColumns },
        operationMetrics: writtenMetrics(staged),
        written: staged.keys,
      };
    },
  });
}

/** Nothing of the table but what its application wrote last. */
function readsOf(txn: TransactionId | undefined): ReadSet {
  return txn === undefined ? NOTHING_READ : { ...NOTHING_READ, appIds: [txn.appId] };
}

/** In Spark's words, as texts. */
export function writtenMetrics({ adds, rows }: StagedRows): Record<string, string> {
  return {
    numFiles: String(adds.length),
    numOutputRows: String(rows),
    numOutputBytes: String(bytesOf(adds)),
  };
}
