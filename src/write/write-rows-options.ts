import type { OptionKinds } from "../base/check-options.ts";
import type { StructType } from "../schema/data-type.ts";
import { ISOLATION_LEVELS, type IsolationLevel } from "../delta/conflicts/isolation-level.ts";
import type { TransactionId } from "./transaction-id.ts";

export interface WriteRowsOptions {
  /**
   * The columns of rows that are objects, as DDL or in Delta's form. Default: those of the table; others are needed for `mergeSchema` and
   * `overwriteSchema`.
   */
  readonly schema?: string | StructType | undefined;
  /** Adds columns to the table that only the rows have. Default: they are refused. */
  readonly mergeSchema?: boolean | undefined;
  /** Makes a write happen once, however often it is tried: nothing is done where the table holds it already. Default: it always happens. */
  readonly txn?: TransactionId | undefined;
  /** Default: as the table's property says, else `Serializable`. */
  readonly isolation?: IsolationLevel | undefined;
  /** Ends it; nothing is committed then. */
  readonly signal?: AbortSignal | undefined;
}

export const WRITE_ROWS_OPTIONS: OptionKinds<WriteRowsOptions> = {
  schema: "textOrObject",
  mergeSchema: "flag",
  txn: "any",
  isolation: [...ISOLATION_LEVELS, "SnapshotIsolation"],
  signal: "signal",
};
