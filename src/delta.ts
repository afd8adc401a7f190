/**
 * Delta Lake for Node: `import { openTable } from "landfall/delta"`. Reads Delta tables, whoever wrote them. Nothing is printed, no
 * environment variable is read, the process is never ended. See docs/guide/delta-for-node.md.
 */
export { ERROR_CODES, type ErrorCode } from "./base/error-codes.ts";
export { isLandfallError, LandfallError, type ErrorSubject } from "./base/landfall-error.ts";
export type { JsonValue } from "./base/lossless-json.ts";
export type { Metadata, Protocol } from "./delta/actions.ts";
export type { CommitDescription } from "./delta/describe-commit.ts";
export type { LogNotice } from "./delta/log-notice.ts";
export type {
  ArrayColumn,
  BooleanColumn,
  Column,
  DecimalColumn,
  LongColumn,
  MapColumn,
  NumberColumn,
  StructColumn,
  TextColumn,
} from "./engine/column-batch/column-batch.ts";
export { isNullAt, valueAt, valuesOf, type ColumnValue } from "./engine/column-batch/value-at.ts";
export type {
  ArrayType,
  DataType,
  MapType,
  PrimitiveType,
  StructField,
  StructType,
} from "./schema/data-type.ts";
export {
  type DeltaTable,
  type HistoryOptions,
  type OpenTableOptions,
  type SnapshotOptions,
  type CommittedVersion,
  type WatchOptions,
} from "./table/open-table.ts";
export { createTable, type CreateTableOptions } from "./write/create-table.ts";
export { openTable, type WritableTable } from "./write/open-table.ts";
export type { CheckpointWritten } from "./delta/checkpoint.ts";
export type { CheckOptions } from "./table/open-table.ts";
export type { AskedVersion } from "./table/asked-version.ts";
export type { CompareOptions } from "./table/compare/compare.ts";
export type { DifferingRow, TableDifference } from "./table/compare/compare-snapshots.ts";
export type { TableCheck } from "./table/check/check-table.ts";
export type { CheckCode, CheckFinding } from "./table/check/finding.ts";
export type { RestoreOptions } from "./write/restore/restore.ts";
export type { Vacuumed, VacuumOptions } from "./write/vacuum/vacuum.ts";
export type { CheckpointOptions } from "./write/write-checkpoint-now.ts";
export type {
  DeleteClause,
  InsertClause,
  MergedValues,
  MergeOptions,
  OneOrMore,
  UpdateBySourceClause,
  UpdateClause,
} from "./write/merge/merge-options.ts";
export type { OverwriteOptions } from "./write/overwrite-rows.ts";
export type { RowsToWrite, RowToWrite } from "./write/source/row-source.ts";
export type { TransactionId } from "./write/transaction-id.ts";
export type { WriteRowsOptions } from "./write/write-rows-options.ts";
export type { IsolationLevel } from "./delta/conflicts/isolation-level.ts";
export type { CommittedWrite } from "./write/write-plan.ts";
export type {
  AddColumnsOptions,
  AlterColumnOptions,
  ColumnPath,
  TableWrites,
  WriteOptions,
} from "./write/table-writes.ts";
export type { Optimized, OptimizeOptions } from "./write/optimize/optimize-table.ts";
export type { DeleteOptions } from "./write/delete-rows.ts";
export type { UpdateOptions } from "./write/update-rows.ts";
export type { Properties } from "./write/alter/set-properties.ts";
export type { ChangesOptions, TableChanges } from "./table/scan-changes.ts";
export type { DataFile, FileStatistics, StatisticsByColumn } from "./table/data-file.ts";
export type { RecordBatch, Row } from "./table/record-batch.ts";
export type { ScanOptions, ScanPlan, TableScan } from "./table/scan-snapshot.ts";
export type { FilesOfSnapshot, FilesOptions, TableSnapshot } from "./table/table-snapshot.ts";
