/**
 * The engine's port: messages and file paths only, so that it may live in another process. Every value in a request or an
 * answer survives structured cloning. Input paths are encoded bytes (`base/path-bytes.ts`); the paths that DuckDB itself sees
 * are such as Landfall made, below `scratchFolder`.
 *
 * Calls may overlap; each is refused with ABORTED once its signal is aborted. When the engine's process dies, every call under
 * way rejects with ENGINE_DIED and the next call starts a new one.
 */
import type { FileFormat, FormatOptions } from "../formats/format-options.ts";
import type { AddFilter, AddTotals } from "../schema/add-filter.ts";
import type { CarriedRows, CarryRowsRequest } from "../schema/carried-rows.ts";
import type { StructType } from "../schema/data-type.ts";
import type { ColumnMapping } from "../schema/physical-column.ts";
import type { Predicate } from "../schema/predicate.ts";
import type { ProvenanceColumn } from "../schema/provenance.ts";
import type { ComputedColumn } from "../schema/computed-column.ts";
import type { EvolutionMode } from "../schema/evolution-mode.ts";
import type { ColumnBatch } from "./column-batch/column-batch.ts";
import type { BrokenRow } from "./expressions/check-rules.ts";
import type { RuleSql } from "./expressions/rule-sql.ts";
import type { MergedRows, MergeRequest, ReadMerge, ReadMergeRequest } from "./merge/merge-request.ts";
import type { BatchTransform } from "./transform/batch-transform.ts";

/** One file of a batch. */
export interface StageFile {
  /** The arrival's key: how messages and `_rescued_data` name the file. */
  readonly key: string;
  /** Absolute path, encoded bytes. */
  readonly path: string;
  /** A copy that the engine reads in its place, encoded bytes. Default: `path`. */
  readonly copy?: string;
  /** Bytes as listed; the work is spread by it. */
  readonly size: number;
  /** When it was modified, nanoseconds since the epoch; for provenance. */
  readonly modifiedNs?: string;
}

/** A nested path with the type that a person wants for it. */
export interface TypeHint {
  readonly path: readonly string[];
  readonly type: StructType["fields"][number]["type"];
}

/** A rule that rows must hold: `sql` is one expression over the table's columns, false for a row to be rejected. */
export interface ExpectRule {
  readonly name: string;
  readonly sql: string;
}

export interface StageLimits {
  readonly maxRecordBytes: number;
  readonly maxDepth: number;
  readonly maxColumns: number;
  readonly maxPartitions: number;
  /** A compressed file that grows by more than this factor, or past `maxExpandedBytes`, is quarantined. */
  readonly maxExpansion: number;
  readonly maxExpandedBytes: number;
}

export interface StageRequest {
  readonly format: FileFormat;
  readonly formats: FormatOptions;
  readonly files: readonly StageFile[];
  /** The table's schema as it stands, absent for a table to be created. Existing columns keep their types unless `evolutionMode` widens them. */
  readonly tableSchema?: StructType;
  /** `schema.columns`: the table has these, those that it lacks are added, and no key of the data adds another. */
  readonly columns?: StructType;
  readonly evolutionMode: EvolutionMode;
  /** Numbers that LONG does not hold are DECIMALs where 38 digits do. */
  readonly prefersDecimal: boolean;
  /** False: keys that differ from a column's name by case only go into it. */
  readonly readerCaseSensitive: boolean;
  readonly hints: readonly TypeHint[];
  /** IANA zone of times without one. */
  readonly timeZone: string;
  /** Undefined: what fits no column is left out, and counted as ignored. */
  readonly rescuedDataColumn: string | undefined;
  /** Columns that tell where a row came from. */
  readonly provenance: readonly ProvenanceColumn[];
  /** Keys of Hive-style folders in the files' paths that become columns. */
  readonly partitionColumns: readonly string[];
  /** Columns that a new table is to have, computed from others; a table that is there has its own. */
  readonly computedColumns: readonly ComputedColumn[];
  /** What provenance says of the batch; `at` in milliseconds since the epoch. */
  readonly batch?: { readonly batchId: string; readonly at: number };
  readonly partitionBy: readonly string[];
  /**
   * Rows that break one are rejected with the name of the first such rule. Null is no breach; an expression that cannot be computed for a
   * row is. Default: none.
   */
  readonly expect?: readonly ExpectRule[];
  /**
   * What makes the table's rows of the files' rows, which it sees as the relation `batch`. All that is stated of columns then speaks of
   * `batch`; the table's partitions, computed columns and rules speak of what the transform gives. Default: the files' rows are the table's.
   */
  readonly transform?: BatchTransform;
  /**
   * Parquet files of so many bytes and more that are what the table's data files would be become data files by a copy. Default: 32 MB;
   * infinite: none do.
   */
  readonly copyFromBytes?: number;
  /** With a transform: the columns of `batch` in the batch before, which keep their types and are there where no file has them. */
  readonly batchSchema?: StructType;
  /** Exists; the call's files below it are the caller's to remove. On the table's file system, where there is a choice. */
  readonly scratchFolder: string;
  readonly limits: StageLimits;
}

/** What became of one file. Records in = written + rejected for "committed"; a quarantined file brings no row. */
export interface StagedFile {
  readonly key: string;
  readonly outcome: "committed" | "quarantined";
  /** Why a file is quarantined. */
  readonly reason?: string;
  /** Bytes read from the file as it lies there, and their CRC-32. */
  readonly bytes: number;
  readonly crc32: number;
  /** Records counted independently of the parse. */
  readonly read: number;
  readonly written: number;
  /** Rows of `written` that have something in the rescued-data column. */
  readonly rescued: number;
  /** Rows of `written` of which something was left out, because there is no rescued-data column. */
  readonly ignored?: number;
  /** Rows of `written` that are the text of a record that could not be read; absent where such records are rejected. */
  readonly corrupt?: number;
  readonly rejected: number;
}

/** A key of the data, dotted, and one file that holds it. */
export interface KeyInFile {
  readonly path: string;
  /** The arrival's key; absent for a column that only the declaration names. */
  readonly file?: string;
}

/** A column of the table, or a part of one, whose type is wider from this batch on. */
export interface WidenedColumn {
  /** Dotted, by the names of columns; `element`, `key` and `value` for the parts of arrays and maps. */
  readonly path: string;
  /** Types as DDL. */
  readonly from: string;
  readonly to: string;
  /** The key of an arrival that brought such a value. */
  readonly file?: string;
}

/** One leaf column's statistics as the writer saw them; texts in DuckDB's notation. */
export interface ColumnStatistics {
  readonly path: readonly string[];
  readonly min?: string;
  readonly max?: string;
  readonly nullCount?: number;
  readonly hasNan?: boolean;
}

/** A Parquet file below the scratch folder, written there or copied. */
export interface WrittenFile {
  readonly path: string;
  /** How it is packed. Absent: snappy, as all that is written. */
  readonly codec?: "snappy" | "zstd" | "gzip" | "uncompressed";
  readonly rows: number;
  readonly bytes: number;
  /** By partition column, as text in DuckDB's notation of its type; null for null. Empty for a table without partitions. */
  readonly partition: Readonly<Record<string, string | null>>;
  readonly statistics: readonly ColumnStatistics[];
}

export interface StageResult {
  /** The schema that the table needs for these rows: the table's own with columns added at the end, and wider types where they are asked for. */
  readonly schema: StructType;
  readonly files: readonly StagedFile[];
  /** Keys that became columns with this batch, nested ones too; of a new table all. */
  readonly added?: readonly KeyInFile[];
  /** Columns of the table that got a wider type, which `schema` has, with the change noted. Absent: none. */
  readonly widened?: readonly WidenedColumn[];
  /** Keys of which values were left out; the first 100 of each file. */
  readonly ignored?: readonly KeyInFile[];
  readonly dataFiles: readonly WrittenFile[];
  /**
   * Rejected records: file, record number, byte offset, length, reason, rule, content (of a row that breaks a rule the row as JSON). A row
   * that was rejected after a transform has no file and no number.
   */
  readonly rejects?: WrittenFile;
  /** Only with a transform: `written` of the files then counts the rows that went into it, and `added` and `ignored` speak of `batch`. */
  readonly transformed?: TransformedRows;
  /** Sentences that a person should read, such as a renamed column. */
  readonly notes: readonly string[];
  /** Where the engine's time went. Absent where a format does not tell. */
  readonly milliseconds?: EngineMilliseconds;
}

/** Rows of the data files = `rowsOut` − `rejected`. */
export interface TransformedRows {
  /** The columns of `batch`, for the next batch. */
  readonly batchSchema: StructType;
  /** Rows that went into the transform: what was written of all files. */
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Rows of the transform that broke a rule. */
  readonly rejected: number;
}

/** `scan`: inference and counts. `prepare`: what the engine cannot take as it is. `write`: reading, fitting, Parquet. */
export type EngineMilliseconds = Readonly<Partial<Record<"scan" | "prepare" | "write", number>>>;

export interface QueryRequest {
  readonly sql: string;
  readonly tables: readonly QueryTable[];
  /** Rows at most. */
  readonly limit?: number;
}

export interface PredicateRequest {
  /** A condition over the schema's columns, which `t` may stand before; or, with `whole`, a SELECT. */
  readonly sql: string;
  readonly schema: StructType;
  /** The relation of the SELECT whose rows the predicate is to be about. */
  readonly whole?: string;
}

/** A live data file of a table. */
export interface QueryTableFile {
  /** Absolute and local. */
  readonly path: string;
  /** By physical name: text that DuckDB casts to the column's type with the time zone UTC; null and "" are null. */
  readonly partitionValues: Readonly<Record<string, string | null>>;
  /** Row r, counted from the file's start, is deleted iff `deleted[r >> 3] & (128 >> (r & 7))`; what it is too short for is not. */
  readonly deleted?: Uint8Array;
  /** Instead of `deleted`: row r is read iff its bit is set here. */
  readonly kept?: Uint8Array;
  /** How many rows it has, deleted ones too, as far as that is known: joins are planned by it, and nothing rests on it. */
  readonly rows?: number;
}

/** The names of columns that tell where a row stands. */
export interface PlaceColumns {
  /** BIGINT: the place of its file in `files`. */
  readonly file: string;
  /** BIGINT: its place in the file, from 0; deleted rows count. */
  readonly row: string;
}

/** A relation that the query may name. */
export interface QueryTable {
  readonly name: string;
  /** With the metadata of its fields, which tells their names and ids in files where `columnMapping` says so. */
  readonly schema: StructType;
  /** How columns are found in files. Default: `none`, by their names. */
  readonly columnMapping?: ColumnMapping;
  readonly partitionColumns: readonly string[];
  readonly files: readonly QueryTableFile[];
  /** Rows come in the order of the files, where those differ in their columns, too; for few files only, and a scan then takes one thread. Default: in any order. */
  readonly inOrder?: boolean;
  /** Columns more, under names that the schema has not: where a row stands. Default: none. */
  readonly places?: PlaceColumns;
  /** Rows for which it is not true may be missing: whoever asks leaves them out. Default: none is. */
  readonly wanted?: Predicate | undefined;
  /** No condition, aggregate or order is put on its columns: floating-point values come without the guard against bounds that leave NaN out. Default: false. */
  readonly isOnlyRead?: boolean | undefined;
  /** The columns that the query sees, as a select list of Landfall's own over the schema's. Default: those of the schema. */
  readonly select?: string;
}

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Values as JSON-compatible data; 64-bit integers, decimals and times as text. */
  readonly rows: readonly (readonly unknown[])[];
  /** True when `limit` cut the rows off. */
  readonly truncated: boolean;
}

/** Which rows of which files. */
export interface MatchRequest {
  readonly table: QueryTable;
  /** One SQL expression over the table's columns: rows for which it is true. Default: all rows. */
  readonly where?: string;
}

/** A file that has such rows. */
export interface MatchedFile {
  /** Its place in the table's `files`. */
  readonly file: number;
  /** All rows of the file, deleted ones too. */
  readonly rows: number;
  /** Rows that match, of those that were not deleted before. */
  readonly count: number;
  /** Row r, counted from the file's start, matches iff `matched[r >> 3] & (128 >> (r & 7))`. A bit for each row. */
  readonly matched: Uint8Array;
}

/** A person's expressions that are to be the values of columns. */
export interface AssignRequest {
  /** What they may name columns of, by the names of the relations. */
  readonly relations: Readonly<Record<string, StructType>>;
  readonly values: readonly ValueToAssign[];
}

export interface ValueToAssign {
  /** For messages. */
  readonly column: string;
  readonly type: StructType["fields"][number]["type"];
  /** One SQL expression over columns of the relations. */
  readonly sql: string;
}

export interface AssignedValue {
  /** Of the column's type or null, for a SELECT over the relations. It fails for a row whose value does not fit. */
  readonly sql: string;
  /** What in it may be another value when it is computed again, such as `random`. Absent: nothing. */
  readonly varies?: string;
}

/** Rows that are held against the rules of their table. */
export interface BrokenRowRequest {
  /** Relations that the SELECT may name, by their names; the name in a table itself does not count. */
  readonly tables: WriteRowsRequest["tables"];
  /** One SELECT whose columns are those of `schema`, by their names and of their types. */
  readonly sql: string;
  readonly schema: StructType;
  /** As `ruleSql` makes them. */
  readonly rules: readonly RuleSql[];
}

/** Rows of a table, as columns. */
export interface ScanRequest {
  readonly table: QueryTable;
  /** Top-level columns, in the order in which they are to come. Default: all. None: batches tell their rows only. */
  readonly columns?: readonly string[];
  /** One SQL expression over the table's columns; rows for which it is true are given. Default: all are. */
  readonly where?: string;
  /** Rows of a batch, from 1; fewer where they are large, and in the last. Default: 65,536. */
  readonly batchRows?: number;
}

/** Small data files of one partition that are to become one. */
export interface CompactRequest {
  /** Absolute local paths. */
  readonly files: readonly string[];
  /** The table's columns that stand in data files: without partition columns. */
  readonly schema: StructType;
  /** Exists; what is written below it is the caller's to move or to remove. On the table's file system, where there is a choice. */
  readonly scratchFolder: string;
}

export interface CompactResult {
  /** Of each file of the request, in its order: its rows, or why it is left as it is. */
  readonly read: readonly (number | string)[];
  /** The rows of those that were read, each value as it was, in the order of the schema's columns. */
  readonly written: readonly WrittenFile[];
}

/** Rows of a SELECT that are to become data files of a table. */
export interface WriteRowsRequest {
  /** Relations that the SELECT may name, by their names; the name in a table itself does not count. */
  readonly tables: Readonly<Record<string, Omit<QueryTable, "name">>>;
  /** One SELECT whose columns are those of `schema`, by their names. A person's condition may stand in it once `predicateOf` took it. */
  readonly sql: string;
  /** With the metadata of its fields, which tells their names and ids in files where `columnMapping` says so. */
  readonly schema: StructType;
  /** By the names of the schema. */
  readonly partitionColumns: readonly string[];
  /** Default: `none`. */
  readonly columnMapping?: ColumnMapping;
  /** Exists; what is written below it is the caller's to move or to remove. On the table's file system, where there is a choice. */
  readonly folder: string;
  /** Bytes after which a file is closed at its next row group. Default: 128 MB. */
  readonly targetFileBytes?: number;
  /** Files hold the rows as the SELECT orders them, one file after another, which takes more memory. Default: in any order. */
  readonly inOrder?: boolean;
}

export interface WrittenRows {
  /** Partition values and statistics are by physical names. None where there are no rows. */
  readonly files: readonly WrittenFile[];
  readonly rows: number;
}

/** How far a stage has come: bytes while it scans and prepares, hundredths while it writes. */
export interface StageProgress {
  readonly phase: "scan" | "prepare" | "write";
  readonly done: number;
  readonly total: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface StageOptions extends CallOptions {
  /** Called some times a second. */
  readonly onProgress?: (progress: StageProgress) => void;
}

export interface Engine {
  /**
   * Reads, fits and writes one batch's files. Nothing is committed; a retry starts from nothing.
   * @throws LandfallError EXPECT_INVALID, TRANSFORM_INVALID for a rule or a transform that may not be: before any file is read, or once the
   *   columns are known; TRANSFORM_FAILED where rows make the transform fail
   */
  stage(request: StageRequest, options?: StageOptions): Promise<StageResult>;
  /** Answers one SELECT; nothing else is run. @throws LandfallError QUERY_INVALID */
  query(request: QueryRequest, options?: CallOptions): Promise<QueryResult>;
  /**
   * What of a condition partition values and statistics can judge; the rest of it is `unknown`. Of a SELECT it is the WHERE, where
   * that alone says which rows of the relation are looked at. Nothing is run.
   * @throws LandfallError QUERY_INVALID for a condition that is none over the columns; a SELECT is not judged
   */
  predicateOf(request: PredicateRequest, options?: CallOptions): Promise<Predicate>;
  /**
   * A table's rows; in the order of its files, and of the rows in each, where it is `inOrder`. Nothing is read before the first batch is
   * asked for, and little more than what was: whoever is slow holds the reading up. To leave the loop, or to abort, ends it. Scans may overlap.
   * @throws LandfallError QUERY_INVALID for a column that is not there, or a condition that is not one expression over the columns
   */
  scan(request: ScanRequest, options?: CallOptions): AsyncIterable<ColumnBatch>;
  /**
   * The files that have rows for which a condition is true, and which those are. Only the columns that it names are read.
   * @throws LandfallError as a scan
   */
  matchRows(request: MatchRequest, options?: CallOptions): Promise<readonly MatchedFile[]>;
  /**
   * Values for columns, as SQL that may stand in a statement of `writeRows`. Nothing is run.
   * @throws LandfallError QUERY_INVALID for what is not one expression over the columns, or of a type that is not the column's
   */
  readAssignments(request: AssignRequest, options?: CallOptions): Promise<readonly AssignedValue[]>;
  /**
   * The first row of a SELECT that is found to break a rule, with the first rule that it breaks. Undefined: all rows hold all rules. Nothing is read
   * where there are no rules.
   * @throws LandfallError QUERY_INVALID where the SELECT cannot be bound or fails for a row; as a scan
   */
  findBrokenRow(request: BrokenRowRequest, options?: CallOptions): Promise<BrokenRow | undefined>;
  /**
   * Reads what a merge joins by, and its clauses' conditions. Nothing is run.
   * @throws LandfallError QUERY_INVALID for what is no condition over the two relations, calls what varies, or joins by no two columns of one
   *   type
   */
  readMerge(request: ReadMergeRequest, options?: CallOptions): Promise<ReadMerge>;
  /**
   * Works out what a merge does to a table. Nothing of the table is changed or written: the rows that are to come lie in `folder`.
   * @throws LandfallError MERGE_AMBIGUOUS where several source rows would change one row; as `writeRows`
   */
  mergeRows(request: MergeRequest, options?: CallOptions): Promise<MergedRows>;
  /**
   * Writes the rows of data files into one, or few where it grows past the size of a data file. A file whose columns are not the table's,
   * type by type, is left out and said. Nothing is written where fewer than two are left.
   */
  compact(request: CompactRequest, options?: CallOptions): Promise<CompactResult>;
  /**
   * Writes the rows of a SELECT as data files, each value cast to its column's type: on an instance that can read the tables' files and
   * nothing else.
   * @throws LandfallError QUERY_INVALID where the SELECT cannot be bound or a value does not fit its column; as a scan
   */
  writeRows(request: WriteRowsRequest, options?: CallOptions): Promise<WrittenRows>;
  /**
   * The columns of Parquet files, one schema for each shape, in the order of the files.
   * @throws LandfallError SOURCE_MISSING, FILE_DAMAGED naming the file
   */
  schemasOfParquet(
    request: { readonly paths: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly StructType[]>;
  /** Writes the rows of a Parquet file as JSON objects, one a line; 64-bit integers exact. For checkpoints. */
  toJsonLines(request: {
    readonly parquetPath: string;
    readonly jsonPath: string;
    /** Top-level columns to read; rows in which all of them are null are left out. Default: all columns and rows. */
    readonly columns?: readonly string[];
    /** Rows of adds that are not wanted are left out; the answer then tells of all of them. Default: all rows, and no answer. */
    readonly adds?: AddFilter;
    readonly signal?: AbortSignal;
  }): Promise<AddTotals | undefined>;
  /** Writes a Parquet file with the rows of lines of JSON, in their order; a key that a line lacks is null. */
  fromJsonLines(request: {
    readonly jsonPath: string;
    readonly parquetPath: string;
    readonly columns: StructType;
    readonly signal?: AbortSignal;
  }): Promise<void>;
  /**
   * Writes a Parquet file with the rows of lines of JSON and, as they stand in columns, those of files of an earlier checkpoint. Nothing, and no
   * file, where one of those has to be looked at: then each goes by `toJsonLines`.
   */
  carryRows(request: CarryRowsRequest & { readonly signal?: AbortSignal }): Promise<CarriedRows | undefined>;
  /** Says that a call is about to come: what takes time to start is started meanwhile. Never fails. */
  warm(): void;
  /** True once a process runs or DuckDB is loaded: a run with nothing new must not start it. */
  readonly started: boolean;
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Bytes that DuckDB may use. Default: 60 % of `memory` of the declaration, which is 1 GB. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** Where DuckDB spills; made when missing, removed when the engine closes. */
  readonly spillFolder: string;
  readonly spillBytes: number;
  /** Files of text are about to be staged, so that the threads that scan them start with the engine. Default: they start when they are needed. */
  readonly readsText?: boolean | undefined;
}
