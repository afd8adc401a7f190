/** Rows in the place of those for which a condition is true. */
import type { Action } from "../delta/actions.ts";
import { columnsToRead, filesToRead } from "../delta/files-to-read.ts";
import type { TableState } from "../delta/table-state.ts";
import { RULED_ROW } from "../engine/expressions/rule-sql.ts";
import { quoteName } from "../engine/sql.ts";
import { freeName } from "../schema/source-name.ts";
import { writtenMetrics } from "./append-rows.ts";
import type { PlanningWith } from "./commit-write.ts";
import { removingWritten } from "./removing-written.ts";
import {
  stageNewRows,
  targetOf,
  type RuleOfWrite,
  type StagedNewRows,
  type TargetTable,
} from "./new-rows.ts";
import { findRows, type FoundRows } from "./rows/find-rows.ts";
import { hasChangeFeed } from "./rows/has-change-feed.ts";
import { metricTexts } from "./rows/metric-texts.ts";
import { refuseAppendOnly } from "./rows/refuse-append-only.ts";
import { needsChanges, removedRows } from "./rows/removed-rows.ts";
import { CHANGE_TYPE, stageChanges } from "./rows/stage-changes.ts";
import { takeRowsOut } from "./rows/take-rows-out.ts";
import type { RowSource } from "./source/row-source.ts";
import { txnActions } from "./transaction-id.ts";
import type { WritePlan } from "./write-plan.ts";
import type { WriteRowsOptions } from "./write-rows-options.ts";

export interface ReplacePlanning extends WriteRowsOptions {
  readonly source: RowSource;
  readonly using: PlanningWith;
  /** Rows for which it is true go, and all new ones meet it. */
  readonly where: string;
  readonly now: number;
}

/**
 * Files of which every row goes, as their partition values tell, are not read.
 *
 * @throws LandfallError TABLE_APPEND_ONLY; QUERY_INVALID for a condition that may not be; CONSTRAINT_VIOLATED for a new row that does not meet
 *   it; as `stageNewRows`
 */
export async function planReplace(
  state: TableState,
  planning: ReplacePlanning,
): Promise<WritePlan | undefined> {
  const { source, using, where, now, txn, mergeSchema } = planning;
  const { parts, signal } = using;
  refuseAppendOnly(state, "An overwrite");
  const target = targetOf(state, source.schema, { mergeSchema });
  const found = await findRows({ parts, state, where, sparesWhole: true, signal });
  const staged = await stageNewRows(source, {
    target,
    using,
    now,
    mustMeet: (rows) => meets(target, where, rows),
  });
  const written = [...staged.keys];
  return removingWritten(using.parts.storage, written, async () => {
    const taken = await takeRowsOut({ parts, state, found, now, signal });
    written.push(...taken.written);
    const changes = await changesOf(state, { ...planning, target, found, staged, removed: taken.actions });
    written.push(...changes.keys);
    const actions: Action[] = [
      ...staged.changes,
      ...txnActions(txn, now),
      ...taken.actions,
      ...staged.adds.map((add) => ({ add })),
      ...changes.files.map((cdc) => ({ cdc })),
    ];
    if (actions.length === 0) return undefined;
    return {
      actions,
      reads: { ...found.reads, ...(txn === undefined ? {} : { appIds: [txn.appId] }) },
      operation: "WRITE",
      operationParameters: { mode: "Overwrite", partitionBy: target.partitionColumns, predicate: where },
      operationMetrics: {
        ...metricTexts({ ...taken.metrics, numAddedChangeFiles: changes.files.length }),
        ...writtenMetrics(staged),
      },
      movesRows: taken.movesRows,
      written,
    };
  });
}

/** The condition as a rule of new rows: judged where `t` may stand before the columns, as in a scan. */
function meets({ schema }: TargetTable, where: string, rows: string): RuleOfWrite {
  const columns = schema.fields.map(({ name }) => name);
  const flag = quoteName(freeName("landfall_meets", new Set(columns.map((name) => name.toLowerCase()))));
  return {
    sql: `SELECT *, coalesce((\n${where}\n), false) AS ${flag} FROM (\n${rows}\n) t`,
    rule: { words: `replaceWhere (${where})`, holds: `${quoteName(RULED_ROW)}.${flag}`, columns },
  };
}

/** Where rows that stay are written anew, or marked, files tell the changes no more: those that went and those that came are stated. */
async function changesOf(
  state: TableState,
  options: ReplacePlanning & {
    readonly target: TargetTable;
    readonly found: FoundRows;
    readonly staged: StagedNewRows;
    readonly removed: readonly Action[];
  },
): ReturnType<typeof stageChanges> {
  const { using, now, target, found, staged, removed } = options;
  if (!hasChangeFeed(state) || !needsChanges(removed)) return { files: [], keys: [] };
  const { parts, signal } = using;
  const columns = columnsToRead(target);
  const gone = await removedRows({ parts, columns, found, signal });
  const { storage, allowOutside } = parts;
  // As they were written: what the table counts would be counted anew.
  const come = await filesToRead({ storage, columns, adds: staged.adds, allowOutside, signal });
  const tables = { gone: { ...columns, files: gone }, come: { ...columns, files: come } };
  const sql = `SELECT *, 'delete' AS ${CHANGE_TYPE} FROM gone UNION ALL SELECT *, 'insert' AS ${CHANGE_TYPE} FROM come`;
  return stageChanges({ parts, state: target, tables, sql, now, signal });
}
