/**
 * What the log needs of a Parquet engine: checkpoints to and from newline-delimited JSON. Messages and local paths only, so that
 * the engine can live in another process; the rows never pass through the call.
 *
 * A struct is a JSON object, MAP<string,string> an object with its entries, an array an array; 64-bit integers and decimals are
 * printed exactly; floating-point numbers that are not finite may come as bare `NaN` and `Infinity`; timestamps as text in UTC. Compression of the Parquet file: Snappy or zstd, data pages V1.
 */
import type { AddFilter, AddTotals } from "../schema/add-filter.ts";
import type { CarriedRows, CarryRowsRequest } from "../schema/carried-rows.ts";
import type { StructType } from "../schema/data-type.ts";

export interface ToJsonLinesOptions {
  readonly parquetPath: string;
  /** Written new; overwritten if it is there. */
  readonly jsonPath: string;
  /**
   * Top-level columns to read. One that the file lacks is left out; rows in which all of them are null are left out. Default: all
   * columns and rows.
   */
  readonly columns?: readonly string[];
  /** Adds that are not wanted may be left out. Default: all are written. */
  readonly adds?: AddFilter;
  readonly signal?: AbortSignal;
}

export interface FromJsonLinesOptions {
  readonly jsonPath: string;
  /** Written new; overwritten if it is there. */
  readonly parquetPath: string;
  /** Columns and types of the file; a key that a line lacks is null. All are written as optional. */
  readonly columns: StructType;
  readonly signal?: AbortSignal;
}

export interface ParquetPort {
  /**
   * Writes the rows of a Parquet file as JSON objects, one a line. With `adds` it answers with the totals of all adds in the file, or with
   * nothing where it has left none out. @throws when the file is no readable Parquet
   */
  toJsonLines(options: ToJsonLinesOptions): Promise<AddTotals | undefined | void>;
  /** Writes a Parquet file with the rows of the JSON lines, in their order. @throws when a line does not fit the columns */
  fromJsonLines(options: FromJsonLinesOptions): Promise<void>;
  /**
   * Writes a Parquet file with the rows of the JSON lines and those of files of an earlier checkpoint, which stay in columns on their way.
   * Nothing, and no file, where a row has to be looked at: of a path in another form than the plain one, of what a reader would refuse. Absent in a
   * port that cannot do it. @throws when a file is no readable Parquet
   */
  carryRows?(options: CarryRowsRequest & { readonly signal?: AbortSignal }): Promise<CarriedRows | undefined>;
}
