import type { CheckpointWritten } from "../delta/checkpoint.ts";
import { HONOURED_BY_LOG } from "../delta/features.ts";
import type { TableState } from "../delta/table-state.ts";
import type { StructType } from "../schema/data-type.ts";
import { parseDdl, parseDdlType } from "../schema/ddl.ts";
import { planAddColumns } from "./alter/add-columns.ts";
import { planChangeColumn } from "./alter/change-column.ts";
import { planAddConstraint, planDropConstraint, planHeld } from "./alter/change-rules.ts";
import { planDropColumns } from "./alter/drop-columns.ts";
import { planRenameColumn } from "./alter/rename-column.ts";
import { planDescription } from "./alter/set-description.ts";
import { planProperties, type Properties } from "./alter/set-properties.ts";
import { appendRows } from "./append-rows.ts";
import { commitWrite, type CommitWriteOptions, type PlanningWith } from "./commit-write.ts";
import { optimizeTable, type Optimized, type OptimizeOptions } from "./optimize/optimize-table.ts";
import { restore, type RestoreOptions } from "./restore/restore.ts";
import { vacuum, type Vacuumed, type VacuumOptions } from "./vacuum/vacuum.ts";
import { writeCheckpointNow, type CheckpointOptions } from "./write-checkpoint-now.ts";
import { deleteRows, type DeleteOptions } from "./delete-rows.ts";
import { updateRows, type UpdateOptions } from "./update-rows.ts";
import { overwriteRows, type OverwriteOptions } from "./overwrite-rows.ts";
import { mergeRows } from "./merge/merge-rows.ts";
import type { MergeOptions } from "./merge/merge-options.ts";
import type { RowsToWrite } from "./source/row-source.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite, WritePlan } from "./write-plan.ts";
import type { WriteRowsOptions } from "./write-rows-options.ts";

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Of a nested column its names from the outside in, through arrays by `element` and maps by `key` and `value`. */
export type ColumnPath = string | readonly string[];

export interface AddColumnsOptions extends WriteOptions {
  /** The struct that gets them. Default: the table itself. */
  readonly into?: ColumnPath | undefined;
}

export interface AlterColumnOptions {
  /** A wider type as DDL, such as `BIGINT`: files keep the narrow values, and readers widen them. */
  readonly type?: string | undefined;
  /** Null takes the comment away. */
  readonly comment?: string | null | undefined;
  /** Whether null may be in it from now on. False: the rows that are there are read first. */
  readonly nullable?: boolean | undefined;
  /** What it has of rows that leave it out, in Spark's SQL such as `'new'` or `current_timestamp()`; null takes that away. */
  readonly default?: string | null | undefined;
}

/**
 * What changes a table. Each call is one commit at most, and answers once it stands; undefined where there was nothing to do. A conflict with
 * another writer is planned anew, and rejects with its class (`CONFLICT_…`) where it does not end. Rejects with TABLE_FEATURE_UNSUPPORTED for
 * a table that asks more of its writers than is known here.
 */
export interface TableWrites {
  /**
   * Adds rows. Undefined where there are none, or where the table holds the transaction already. Rejects with ROW_MISFIT naming row and column,
   * TABLE_SCHEMA_CONFLICT naming the column; nothing is committed then.
   */
  append(rows: RowsToWrite, options?: WriteRowsOptions): Promise<CommittedWrite | undefined>;
  /** Puts rows in the place of all rows, or of those of the partitions that they have. Rejects as `append`, and with TABLE_APPEND_ONLY. */
  overwrite(rows: RowsToWrite, options?: OverwriteOptions): Promise<CommittedWrite | undefined>;
  /**
   * Updates, deletes and inserts rows by what they have in common with those of a source, with the meaning of Spark's MERGE. Rejects with
   * MERGE_AMBIGUOUS where several source rows would change one row, QUERY_INVALID, and as `append`; nothing is committed then. Rows whose
   * values would stay the same are not written; undefined where that is so of all.
   */
  merge(source: RowsToWrite, options: MergeOptions): Promise<CommittedWrite | undefined>;
  /** Columns at the end, as DDL such as `speed DOUBLE COMMENT 'km/h'` or as a schema. Rows that are there have null in them. */
  addColumns(columns: string | StructType, options?: AddColumnsOptions): Promise<CommittedWrite | undefined>;
  /** Another name; needs column mapping (`delta.columnMapping.mode`). */
  renameColumn(column: ColumnPath, name: string, options?: WriteOptions): Promise<CommittedWrite | undefined>;
  /** Needs column mapping. The values stay in the files, and in earlier versions. */
  dropColumns(columns: readonly ColumnPath[], options?: WriteOptions): Promise<CommittedWrite | undefined>;
  /**
   * Another comment, a wider type (`delta.enableTypeWidening`), another default, or null allowed or not. Rejects with CONSTRAINT_VIOLATED where a row
   * is null that must not be.
   */
  alterColumn(
    column: ColumnPath,
    change: AlterColumnOptions,
    options?: WriteOptions,
  ): Promise<CommittedWrite | undefined>;
  /**
   * A condition in Spark's SQL that each row must meet from now on; those that are there are read. Rejects with CONSTRAINT_VIOLATED where one does
   * not meet it, EXPRESSION_UNKNOWN for a condition that Landfall cannot compute.
   */
  addConstraint(name: string, sql: string, options?: WriteOptions): Promise<CommittedWrite | undefined>;
  dropConstraint(name: string, options?: WriteOptions): Promise<CommittedWrite | undefined>;
  /** Deletes the rows for which a condition is true. */
  delete(options?: DeleteOptions): Promise<CommittedWrite | undefined>;
  /** Gives columns of rows other values, where a condition is true. */
  update(options: UpdateOptions): Promise<CommittedWrite | undefined>;
  /** Sets table properties, and takes away those that are null. One that puts a table feature to use raises the protocol. */
  setProperties(properties: Properties, options?: WriteOptions): Promise<CommittedWrite | undefined>;
  /** The table's description; null takes it away. */
  setDescription(description: string | null, options?: WriteOptions): Promise<CommittedWrite | undefined>;
  /**
   * Small files become large ones, and rows that are marked as deleted go; what would only be copied is left alone. Rows stay what they are.
   * In several commits where there is much, of which each stands: stopped, it goes on with the next call.
   */
  optimize(options?: OptimizeOptions): Promise<Optimized>;
  /**
   * Makes the table what it was at another version, by a commit: rows, columns, properties; transactions stay. Rejects with OBJECT_MISSING where
   * a file of that version is gone.
   */
  restore(options: RestoreOptions): Promise<CommittedWrite | undefined>;
  /**
   * Takes away files that neither the newest version nor one within the retention needs, between the two commits `VACUUM START` and `VACUUM
   * END`. Where nothing is to go no version is made.
   */
  vacuum(options?: VacuumOptions): Promise<Vacuumed>;
  /** Writes a checkpoint of the newest version, whether or not one is due. No version is made. */
  checkpoint(options?: CheckpointOptions): Promise<CheckpointWritten>;
}

export function tableWrites(context: WriteContext): TableWrites {
  const change = (
    plan: (state: TableState, using: PlanningWith) => WritePlan | undefined | Promise<WritePlan | undefined>,
    options: WriteOptions & Pick<CommitWriteOptions, "isolation"> = {},
  ): Promise<CommittedWrite | undefined> =>
    commitWrite(context, {
      ...options,
      honoured: HONOURED_BY_LOG,
      // Async, so that what a plan refuses rejects.
      plan: async (state, using) => Promise.resolve(plan(state, using)),
    });
  return {
    append: (rows, options) => appendRows(context, rows, options),
    overwrite: (rows, options) => overwriteRows(context, rows, options),
    merge: (source, options) => mergeRows(context, source, options),
    addColumns: (columns, { into, ...options } = {}) =>
      change(
        (state) => planAddColumns(state, { columns: schemaOf(columns), into: pathOf(into ?? []) }),
        options,
      ),
    renameColumn: (column, name, options) =>
      change((state) => planRenameColumn(state, { path: pathOf(column), name }), options),
    dropColumns: (columns, options) =>
      change((state) => planDropColumns(state, { paths: columns.map(pathOf) }), options),
    alterColumn: (column, { type, ...asked }, options) =>
      change(
        async (state, using) => {
          const plan = planChangeColumn(state, {
            path: pathOf(column),
            change: { ...asked, type: type === undefined ? undefined : parseDdlType(type) },
          });
          return plan && planHeld(state, { plan, using });
        },
        // Rows that are appended blindly are not held against what is only becoming a rule.
        asked.nullable === false ? { ...options, isolation: "Serializable" } : options,
      ),
    addConstraint: (name, sql, options) =>
      change((state, using) => planAddConstraint(state, { name, sql, using }), {
        ...options,
        isolation: "Serializable",
      }),
    dropConstraint: (name, options) => change((state) => planDropConstraint(state, name), options),
    delete: (options) => deleteRows(context, options),
    update: (options) => updateRows(context, options),
    setProperties: (properties, options) => change((state) => planProperties(state, properties), options),
    setDescription: (description, options) => change((state) => planDescription(state, description), options),
    optimize: (options) => optimizeTable(context, options),
    restore: (options) => restore(context, options),
    vacuum: (options) => vacuum(context, options),
    checkpoint: (options) => writeCheckpointNow(context, options),
  };
}

function schemaOf(columns: string | StructType): StructType {
  return typeof columns === "string" ? parseDdl(columns) : columns;
}

function pathOf(column: ColumnPath): readonly string[] {
  return typeof column === "string" ? [column] : column;
}
