/** Rows of a source go into a table by what they have in common with its rows: Delta's MERGE. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError } from "../../base/landfall-error.ts";
import type { AddFile } from "../../delta/actions.ts";
import { columnsToRead, filesToRead, type FileToRead } from "../../delta/files-to-read.ts";
import { planScan, prunedTable } from "../../delta/plan-scan.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { MergedRows } from "../../engine/merge/merge-request.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { TableRules } from "../../schema/table-rules.ts";
import type { PlanningWith } from "../commit-write.ts";
import { removingWritten } from "../removing-written.ts";
import { checkNewRows, rulesOf } from "../rows/check-new-rows.ts";
import { countedMetadata } from "../rows/counted-metadata.ts";
import { hasChangeFeed } from "../rows/has-change-feed.ts";
import type { TouchedFile } from "../rows/find-rows.ts";
import { refuseAppendOnly } from "../rows/refuse-append-only.ts";
import { stageChanges } from "../rows/stage-changes.ts";
import { takesVectors } from "../rows/file-fate.ts";
import { takeRowsOut, type TakenRows } from "../rows/take-rows-out.ts";
import { rulesToHold, type RulesToHold } from "../rows/updated-rules.ts";
import type { RowSource, RowsToWrite } from "../source/row-source.ts";
import { txnActions } from "../transaction-id.ts";
import { withRows } from "../with-rows.ts";
import type { WriteContext } from "../write-context.ts";
import type { CommittedWrite, WritePlan } from "../write-plan.ts";
import { keyBounds } from "./key-bounds.ts";
import { clausesOf, type MergeClauses, type MergeOptions } from "./merge-options.ts";
import { mergeMetrics, mergeParameters } from "./merge-words.ts";
import { mergedColumns } from "./merged-columns.ts";
import { mergedRelation, type MergedRelation } from "./merged-relation.ts";
import { readClauses, type ReadClauses } from "./read-clauses.ts";

/**
 * Undefined where nothing of the table changes: a row whose values would stay what they are is left alone.
 *
 * @throws LandfallError MERGE_AMBIGUOUS, QUERY_INVALID, USAGE for clauses that say nothing, TABLE_APPEND_ONLY, ROW_MISFIT,
 * CONSTRAINT_VIOLATED, EXPRESSION_UNKNOWN; as `commitWrite`
 */
export async function mergeRows(
  context: WriteContext,
  rows: RowsToWrite,
  options: MergeOptions,
): Promise<CommittedWrite | undefined> {
  const clauses = clausesOf(options);
  return withRows(context, {
    rows,
    options,
    plan: (source, state, using) =>
      planMerge(state, { ...using, source, clauses, options, now: context.clock.now() }),
  });
}

interface MergePlanning extends PlanningWith {
  readonly source: RowSource;
  readonly clauses: MergeClauses;
  readonly options: MergeOptions;
  readonly now: number;
}

async function planMerge(state: TableState, planning: MergePlanning): Promise<WritePlan | undefined> {
  const { parts, source, clauses, options, signal } = planning;
  const changesRows = clauses.whenMatched.length + clauses.whenNotMatchedBySource.length > 0;
  if (changesRows) refuseAppendOnly(state, "MERGE");
  const { on } = options;
  const rules = rulesOf(state);
  const columns = mergedColumns(source);
  const read = await readClauses({ parts, state, source: columns, on, clauses, rules, signal });
  refuseMixedCounting(rules, read);
  const folder = await mkdtemp(join(parts.parquet.scratchFolder, "merge-"));
  try {
    const { merged, touched } = await workOut(state, { ...planning, read, rules, columns, folder });
    return await planOf(state, { ...planning, read, rules, merged, touched });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Which value of a column comes next is told by how many rows had theirs from the table. @throws LandfallError QUERY_INVALID */
function refuseMixedCounting({ identities }: TableRules, { whenNotMatched }: ReadClauses): void {
  const mixed = identities.find(({ name }) => {
    const setting = whenNotMatched.filter(({ values }) => values?.[name] !== undefined);
    return setting.length > 0 && setting.length < whenNotMatched.length;
  });
  if (mixed === undefined) return;
  throw new LandfallError("QUERY_INVALID", {
    message: `The column ${mixed.name} is counted by the table (AS IDENTITY), and only some of the merge's inserts set it.`,
    hint: "Set it in all inserts of the merge, or in none.",
  });
}

interface ReadPlanning extends MergePlanning {
  readonly read: ReadClauses;
  readonly rules: TableRules;
}

interface WorkedOut {
  readonly merged: MergedRows;
  readonly touched: readonly TouchedFile[];
}

async function workOut(
  state: TableState,
  planning: ReadPlanning & { readonly columns: StructType; readonly folder: string },
): Promise<WorkedOut> {
  const { parts, source, columns: schema, read, rules, folder, now, signal } = planning;
  const { storage, parquet, engine, onNotice, allowOutside } = parts;
  const { whenMatched, whenNotMatched, whenNotMatchedBySource, on, keys, isByKeysAlone } = read;
  const looksAtAll = whenNotMatchedBySource.length > 0;
  const predicate = looksAtAll ? undefined : read.ofTarget;
  const { files: adds } = await planScan({ storage, parquet, state, predicate, onNotice, signal });
  const columns = columnsToRead(state);
  const files = await filesToRead({ storage, columns, adds, allowOutside, signal });
  const bounds = looksAtAll ? undefined : keyBounds(adds, { table: prunedTable(state), keys });
  const merged = await engine.mergeRows(
    {
      target: { ...columns, files },
      ...(bounds === undefined ? {} : { bounds }),
      source: { ...source.select(source.schema), schema },
      on,
      keys,
      isByKeysAlone,
      whenMatched,
      whenNotMatched,
      whenNotMatchedBySource,
      fills: { rules, now: new Date(now).toISOString() },
      tellsChanges: hasChangeFeed(state),
      writesFiles: mayWriteFiles(state, { clauses: read, rules }),
      folder,
    },
    { signal },
  );
  return { merged, touched: touchedOf(merged, adds, files) };
}

/**
 * Whether rows can become data files as they are worked out: nothing of them has to be looked at once more, neither by a rule of the table nor for
 * its change feed, and they do not go into one writing with what is left of files that are written anew.
 */
function mayWriteFiles(
  state: TableState,
  { clauses, rules }: { readonly clauses: ReadClauses; readonly rules: TableRules },
): boolean {
  const open = openRules(rules, clauses);
  const isUnruled = open.rows.length === 0 && open.generated.length === 0;
  const addsOnly = clauses.whenMatched.length + clauses.whenNotMatchedBySource.length === 0;
  return isUnruled && !hasChangeFeed(state) && (addsOnly || takesVectors(state));
}

function touchedOf(
  { matched }: MergedRows,
  adds: readonly AddFile[],
  files: readonly FileToRead[],
): readonly TouchedFile[] {
  return matched.map(({ file, ...rows }) => ({ ...rows, add: adds[file]!, file: files[file]! }));
}

async function planOf(state: TableState, planning: ReadPlanning & WorkedOut): Promise<WritePlan | undefined> {
  const { parts, clauses, read, rules, merged, touched, options, now, signal } = planning;
  const { counts } = merged;
  const { on, txn } = options;
  const relation = mergedRelation(state.schema, merged.changes);
  const comes = counts.inserted + counts.matchedUpdated + counts.notMatchedBySourceUpdated;
  const comesInChanges = comes > 0 && merged.changes.length > 0;
  if (comesInChanges) {
    const open = openRules(rules, read);
    await checkNewRows({ parts, state, tables: relation.tables, sql: relation.newRows, rules: open, signal });
  }
  const taken = await takeRowsOut({
    parts,
    state,
    found: { whole: [], touched },
    ...(comesInChanges ? { newRows: { tables: relation.tables, selects: [relation.newRows] } } : {}),
    newFiles: merged.files,
    now,
    signal,
  });
  const changes = await changesOf(state, { ...planning, relation, taken });
  const metaData = countedMetadata(state, rules, ({ name }) =>
    read.whenNotMatched.some(({ values }) => values?.[name] !== undefined) ? 0 : counts.inserted,
  );
  const actions = [
    ...(metaData === undefined ? [] : [{ metaData }]),
    ...txnActions(txn, now),
    ...taken.actions,
    ...changes.files.map((cdc) => ({ cdc })),
  ];
  if (actions.length === 0) return undefined;
  return {
    actions,
    reads: {
      rows: clauses.whenNotMatchedBySource.length > 0 ? "all" : { where: [read.ofTarget] },
      files: touched.map(({ add }) => add.path),
      ...(txn === undefined ? {} : { appIds: [txn.appId] }),
    },
    operation: "MERGE",
    operationParameters: mergeParameters(on, clauses),
    operationMetrics: mergeMetrics(counts, { taken: taken.metrics, changeFiles: changes.files.length }),
    movesRows: touched.length > 0 && taken.movesRows,
    written: [...taken.written, ...changes.keys],
  };
}

/** What new rows may break: all rules where rows are inserted, else those of what is set. */
function openRules(rules: TableRules, read: ReadClauses): RulesToHold {
  const { whenMatched, whenNotMatched, whenNotMatchedBySource } = read;
  const set = [...whenMatched, ...whenNotMatchedBySource, ...whenNotMatched].map(({ values }) => values);
  const open = rulesToHold(rules, Object.assign({}, ...set) as Readonly<Record<string, string>>);
  return whenNotMatched.length > 0 ? { ...open, rows: rules.rows } : open;
}

/** Where rows are only added, their files are the changes. */
async function changesOf(
  state: TableState,
  options: MergePlanning &
    Pick<WorkedOut, "touched"> & { readonly relation: MergedRelation; readonly taken: TakenRows },
): ReturnType<typeof stageChanges> {
  const { parts, touched, relation, taken, now, signal } = options;
  if (!hasChangeFeed(state) || touched.length === 0) return { files: [], keys: [] };
  const { tables, changes } = relation;
  return removingWritten(parts.storage, taken.written, () =>
    stageChanges({ parts, state, tables, sql: changes, now, signal }),
  );
}
