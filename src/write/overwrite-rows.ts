/** Rows in the place of others. */
import type { OptionKinds } from "../base/check-options.ts";
import type { Action, AddFile } from "../delta/actions.ts";
import type { ReadSet } from "../delta/conflicts/read-set.ts";
import { partitionKey } from "../delta/partition-value.ts";
import { planScan } from "../delta/plan-scan.ts";
import { removeOf } from "../delta/remove-of.ts";
import type { TableState } from "../delta/table-state.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { bytesOf } from "../base/bytes-of.ts";
import { writtenMetrics } from "./append-rows.ts";
import type { PlanningWith } from "./commit-write.ts";
import { changedTarget, stageNewRows, targetOf, withoutTableMetadata, type TargetTable } from "./new-rows.ts";
import { planReplace } from "./replace-rows.ts";
import { refuseAppendOnly } from "./rows/refuse-append-only.ts";
import type { RowSource, RowsToWrite } from "./source/row-source.ts";
import { txnActions } from "./transaction-id.ts";
import { withRows } from "./with-rows.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite, WritePlan } from "./write-plan.ts";
import { WRITE_ROWS_OPTIONS, type WriteRowsOptions } from "./write-rows-options.ts";

export interface OverwriteOptions extends WriteRowsOptions {
  /**
   * One SQL expression over the columns: only rows for which it is true are overwritten, and each new row must meet it. Default: all rows are
   * overwritten.
   */
  readonly replaceWhere?: string | undefined;
  /** `dynamic`: only the partitions that the rows have are overwritten. Default: all rows are. */
  readonly partitions?: "dynamic" | undefined;
  /** The table gets the columns of the rows, whatever it had: `schema` says them of objects. Default: rows must fit the table. */
  readonly overwriteSchema?: boolean | undefined;
  /** With `overwriteSchema`: by which columns files are kept apart from now on. Default: as before. */
  readonly partitionBy?: readonly string[] | undefined;
}

export const OVERWRITE_OPTIONS: OptionKinds<OverwriteOptions> = {
  ...WRITE_ROWS_OPTIONS,
  replaceWhere: "text",
  partitions: ["dynamic"],
  overwriteSchema: "flag",
  partitionBy: "texts",
};

/**
 * Without `replaceWhere` all files go without being read, and all rows of the table are what the commit rests on: whoever changes them meanwhile comes before it.
 *
 * @throws LandfallError TABLE_APPEND_ONLY, USAGE for options that exclude each other; with `replaceWhere` as `planReplace`; as `appendRows`
 */
export async function overwriteRows(
  context: WriteContext,
  rows: RowsToWrite,
  options: OverwriteOptions = {},
): Promise<CommittedWrite | undefined> {
  refuseContradictions(options);
  return withRows(context, {
    rows,
    options,
    plan: (source, state, using) => {
      const { replaceWhere: where } = options;
      const planning = { ...options, source, using, now: context.clock.now() };
      return where === undefined
        ? planOverwrite(state, planning)
        : planReplace(state, { ...planning, where });
    },
  });
}

function refuseContradictions({
  partitions,
  overwriteSchema = false,
  partitionBy,
  mergeSchema,
  replaceWhere,
}: OverwriteOptions): void {
  const wrong =
    overwriteSchema && (partitions !== undefined || mergeSchema === true)
      ? "overwriteSchema replaces all of the table."
      : partitionBy !== undefined && !overwriteSchema
        ? "partitionBy changes the table's partitioning."
        : replaceWhere !== undefined && (overwriteSchema || partitions !== undefined)
          ? "replaceWhere says which rows are replaced."
          : undefined;
  if (wrong === undefined) return;
  throw new LandfallError("USAGE", {
    message: `This overwrite is not understood: ${wrong}`,
    hint: 'partitions may be "dynamic"; overwriteSchema goes with neither partitions nor mergeSchema, partitionBy only with overwriteSchema, and replaceWhere with neither partitions nor overwriteSchema.',
  });
}

interface Planning extends OverwriteOptions {
  readonly source: RowSource;
  readonly using: PlanningWith;
  readonly now: number;
}

async function planOverwrite(state: TableState, planning: Planning): Promise<WritePlan | undefined> {
  const { source, using, now, txn, partitions } = planning;
  refuseAppendOnly(state, "An overwrite");
  const target = targetFor(state, planning);
  const { storage, parquet, onNotice } = using.parts;
  const { files: live } = await planScan({ storage, parquet, state, onNotice, signal: using.signal });
  const staged = await stageNewRows(source, { target, using, now });
  const gone = partitions === undefined ? live : ofPartitions(live, staged.adds);
  const actions: Action[] = [
    ...staged.changes,
    ...txnActions(txn, now),
    ...gone.map((add) => ({ remove: removeOf(add, { now, dataChange: true }) })),
    ...staged.adds.map((add) => ({ add })),
  ];
  if (actions.length === 0) return undefined;
  return {
    actions,
    reads: readsOf(gone, txn?.appId),
    operation: "WRITE",
    operationParameters: {
      mode: "Overwrite",
      partitionBy: target.partitionColumns,
      ...(partitions === undefined ? {} : { isDynamicPartitionOverwrite: true }),
    },
    operationMetrics: {
      ...writtenMetrics(staged),
      numRemovedFiles: String(gone.length),
      numRemovedBytes: String(bytesOf(gone)),
    },
    written: staged.keys,
  };
}

function targetFor(state: TableState, planning: Planning): TargetTable {
  const { source, overwriteSchema = false, mergeSchema, partitionBy } = planning;
  if (!overwriteSchema) return targetOf(state, source.schema, { mergeSchema });
  return changedTarget(state, {
    schema: withoutTableMetadata(source.schema),
    partitionColumns: partitionBy ?? state.partitionColumns,
  });
}

/** Files of the partitions that new files have. Without partition columns that is all of them. */
function ofPartitions(live: readonly AddFile[], adds: readonly AddFile[]): readonly AddFile[] {
  const written = new Set(adds.map(({ partitionValues }) => partitionKey(partitionValues)));
  return live.filter(({ partitionValues }) => written.has(partitionKey(partitionValues)));
}

function readsOf(gone: readonly AddFile[], appId: string | undefined): ReadSet {
  return {
    rows: "all",
    files: gone.map(({ path }) => path),
    ...(appId === undefined ? {} : { appIds: [appId] }),
  };
}
