/**
 * Delta Lake for Node: `import { openTable } from "landfall/delta"`. Reads Delta tables, whoever wrote them. Nothing is printed, no
 * environment variable is read, the process is never ended. See docs/guide/delta-for-node.md.
 */
export { ERROR_CODES, type ErrorCode } from "./base/error-codes.ts";
export { isLandfallError, LandfallError, type ErrorSubject } from "./base/landfall-error.ts";
export type { JsonValue } from "./base/lossless-json.ts";
export type { Metadata, Protocol } from "./delta/actions.ts";
export type { CommitDescription } from "./delta/describe-commit.ts";
export type {
  ArrayType,
  DataType,
  MapType,
  PrimitiveType,
  StructField,
  StructType,
} from "./schema/data-type.ts";
export {
  openTable,
  type DeltaTable,
  type HistoryOptions,
  type OpenTableOptions,
  type SnapshotOptions,
  type CommittedVersion,
  type WatchOptions,
} from "./table/open-table.ts";
export type { TableSnapshot } from "./table/table-snapshot.ts";
