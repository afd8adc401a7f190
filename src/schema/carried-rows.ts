/** Rows of files that go from one checkpoint into the next without being looked at one by one. */
import type { StructType } from "./data-type.ts";

export interface CarryRowsRequest {
  /** Local Parquet files: those of a classic checkpoint, or sidecars. */
  readonly carriedPaths: readonly string[];
  /**
   * A line of JSON for each file whose row is not to come along: `path` in canonical form, and `vector`, its deletion vector's id, "" without
   * one.
   */
  readonly withoutPath: string;
  /** Milliseconds since the epoch: tombstones that are not younger are left out. */
  readonly expired: number;
  /** Lines of JSON: rows beside those that are carried, in no order. */
  readonly jsonPath: string;
  /** Written new; overwritten if it is there. */
  readonly parquetPath: string;
  /** Columns and types of the file, `add` and `remove` among them. */
  readonly columns: StructType;
}

/** What was carried. */
export interface CarriedRows {
  /** Adds, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Adds with a deletion vector, and the rows that those delete. */
  readonly vectors: number;
  readonly deletedRows: bigint;
  readonly tombstones: number;
}
