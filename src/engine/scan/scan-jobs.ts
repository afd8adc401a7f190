/** What the engine asks its scan workers to do. Plain data: it crosses threads. */
import type { PlainCsv } from "./csv-reader.ts";
import type { ByteRange } from "./feed-file.ts";
import type { CsvOptions } from "../../formats/csv-options.ts";
import type { FileFormat, FormatOptions } from "../../formats/format-options.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { TargetNode } from "../../schema/fit.ts";
import type { TrieNode } from "../../schema/lattice.ts";
import type { MisfitNumbers } from "./misfit-numbers.ts";

/** Formats that the scanner reads itself, record by record. */
export type TextFormat = Exclude<FileFormat, "parquet" | "avro" | "binaryFile">;

export interface JobLimits {
  readonly maxRecordBytes: number;
  readonly maxDepth: number;
  readonly maxColumns: number;
  readonly maxPaths: number;
  readonly maxExpansion: number;
  readonly maxExpandedBytes: number;
}

export interface JobFile {
  /** The file's rank by key in its batch. */
  readonly rank: number;
  /** How rejected records and `_file_path` name it. */
  readonly key: string;
  /** Encoded bytes. */
  readonly path: string;
  /** Bytes, as they were listed. */
  readonly size: number;
}

/** First pass: what the files hold. */
export interface ScanJob {
  readonly kind: "scan";
  readonly format: TextFormat;
  readonly formats: FormatOptions;
  readonly files: readonly JobFile[];
  /** Plain bytes of files that are compressed, archives or no lines go here, one file each, named by rank; and the rows of files that are gathered. */
  readonly spillFolder: string;
  /**
   * Lines of JSON of files and members of fewer bytes are gathered: copied into one spill file as they are scanned, since DuckDB
   * spends about 0.7 ms on each file that it opens. 0: none.
   */
  readonly gatherBelow: number;
  /** Digits of numbers in CSV are counted only where something asks for them; those in JSON always are. */
  readonly countsDigits: boolean;
  readonly limits: JobLimits;
}

export interface ScannedFile {
  readonly rank: number;
  /** Set when the file cannot be read to its end: it is quarantined and nothing else here counts. */
  readonly damage?: string;
  readonly bytes: number;
  readonly crc32: number;
  /** The file itself, or each member of an archive that was read, in its order; none for an empty one. */
  readonly parts: readonly ScannedPart[];
}

export interface ScannedPart {
  /** The member's name in its archive, encoded bytes. */
  readonly member?: string;
  /** Its plain bytes. */
  readonly bytes: number;
  readonly records: number;
  readonly malformed: number;
  /** Bytes of its longest well-formed record. */
  readonly longest: number;
  /** A byte order mark stands at its start: the engine does not read it as it is. */
  readonly marked: boolean;
  /** Its lines were made of records that lay otherwise, or were encoded otherwise: offsets in them say nothing about the file. */
  readonly isMade: boolean;
  /** Set for a CSV file that the engine can read as it lies there, if every value fits its column. */
  readonly plainCsv?: PlainCsv;
  /** Where its plain bytes lie, unless they are the file's own. */
  readonly plainPath?: string;
  /** Every record of it stands in the job's `gathered` file. */
  readonly gathered?: true;
}

export interface ScanJobResult {
  readonly files: readonly ScannedFile[];
  /** Of all files of the job that are not damaged. */
  readonly trie: TrieNode;
  /** NDJSON of all files that were gathered; undefined when there is none. */
  readonly gathered: string | undefined;
}

/** First pass over a stretch of one large CSV file, which several threads share. */
export interface CsvRangeJob {
  readonly kind: "csvRange";
  readonly csv: CsvOptions;
  readonly file: JobFile;
  /** The stretch goes from the first line that begins at or behind `from` to the first that begins at or behind `to`, or to the end. */
  readonly range: ByteRange;
  readonly limits: JobLimits;
}

export interface CsvRangeResult {
  readonly bytes: number;
  readonly crc32: number;
  /** Absent where what stands there does not tell whether a reader of the whole file would see the same. */
  readonly scan?: {
    readonly records: number;
    readonly longest: number;
    readonly plain: PlainCsv;
    readonly trie: TrieNode;
  };
}

/** Second pass, for files that the engine cannot take as they are: clean and repaired records go to spill files. */
export interface PrepareJob {
  readonly kind: "prepare";
  readonly format: TextFormat;
  readonly formats: FormatOptions;
  readonly files: readonly PrepareFile[];
  readonly target: TargetNode;
  /** Undefined: what fits no column is left out. */
  readonly rescuedColumn: string | undefined;
  /** The key that holds the text of a record that cannot be read; undefined: such records are set aside. */
  readonly corruptColumn: string | undefined;
  /** Undefined: lines do not tell which record they are. */
  readonly mark: RecordMark | undefined;
  /** Which numbers do not fit their columns is to be told. */
  readonly learnsMisfits: boolean;
  /** Paths of the job's output begin with it. */
  readonly outPrefix: string;
  readonly limits: JobLimits;
}

/**
 * Names of the members that each line begins with: the file's `name`, the record's number in it from 1, and, where it is asked for, the
 * offset of its first byte, which lines lack where there is none to tell.
 */
export interface RecordMark {
  readonly file: string;
  readonly record: string;
  readonly offset?: string;
}

export interface PrepareFile extends JobFile {
  /** How its rows tell it, where they are marked. */
  readonly name: string;
  /** Uncompressed bytes to read: the file itself or what was made of it. Encoded bytes. */
  readonly plainPath: string;
  /** As in `ScannedFile`. */
  readonly isMade: boolean;
  /** It is one of an archive. */
  readonly isMember: boolean;
}

export interface PreparedFile {
  readonly rank: number;
  readonly records: number;
  readonly written: number;
  readonly rescued: number;
  readonly rejected: number;
  /** Records of `written` that could not be read and are rows of their text; absent where they are rejected. */
  readonly corrupt?: number;
  /** Without a rescued column: records of which something was left out, and the keys that it stood at. */
  readonly ignored?: number;
  readonly ignoredKeys?: readonly string[];
  /** Only where they are asked for. */
  readonly misfitNumbers?: readonly MisfitNumbers[];
}

export interface PrepareJobResult {
  readonly files: readonly PreparedFile[];
  /** NDJSON for the engine; empty when nothing was written. */
  readonly outputs: readonly string[];
  /** Bytes of the longest line in them. */
  readonly longest: number;
  /** NDJSON of rejected records; undefined when there is none. */
  readonly rejects: string | undefined;
}

/** Avro: the rows of each file, or of each member of an archive, as lines of JSON that the engine casts to `columns`. */
export interface ConvertJob {
  readonly kind: "convert";
  readonly files: readonly JobFile[];
  /** JSON of the schema that the rows are to have; undefined for each file's own. */
  readonly avroSchema: string | undefined;
  /** Lines begin with the key `ROW_NUMBER_KEY`: the engine keeps no order of its own. */
  readonly numbered: boolean;
  /** The lines go here, a file for each part, named by rank. */
  readonly spillFolder: string;
  readonly limits: JobLimits;
}

/** Of a row in its file, from 0. No field of Avro can be called so. */
export const ROW_NUMBER_KEY = "landfall row";

/** Avro: the rows of a stretch of one large file, which several threads share. */
export interface ConvertRangeJob {
  readonly kind: "convertRange";
  readonly file: JobFile;
  /** The stretch goes from the first block that begins behind `from` to the first that begins behind `to`, or to the end. */
  readonly range: ByteRange;
  /** As in `ConvertJob`. */
  readonly avroSchema: string | undefined;
  /** The number of its first row, greater than any in the stretches before; undefined for rows without any. */
  readonly firstRow: number | undefined;
  /** The lines go there. */
  readonly output: string;
  readonly limits: JobLimits;
}

export interface ConvertRangeResult extends StoredBytes {
  /** Absent where a reader of the whole file must tell what stands there. */
  readonly rows?: ConvertedRows;
}

export interface ConvertedFile extends LookedFile, WithParts<ConvertedRows> {}

export interface ConvertedRows {
  /** The member's name in its archive, encoded bytes. */
  readonly member?: string;
  readonly columns: StructType;
  readonly records: number;
  /** The lines, in this order; none for no records. */
  readonly paths: readonly string[];
  /** Bytes of the longest line. */
  readonly longest: number;
}

export interface ConvertJobResult {
  readonly files: readonly ConvertedFile[];
}

/** Parquet, which the engine reads itself: whether each file can be it at all; and what is packed unpacked. */
export interface UnpackJob {
  readonly kind: "unpack";
  readonly files: readonly JobFile[];
  /** Ranks of files that are copied while they are read, if they are not packed. */
  readonly copied: readonly number[];
  /** What was packed goes here, one file each, named by rank; and what is copied. */
  readonly spillFolder: string;
  readonly limits: JobLimits;
}

export interface UnpackedFile extends LookedFile, WithParts<UnpackedPart> {}

export interface UnpackedPart {
  /** The member's name in its archive, encoded bytes. */
  readonly member?: string;
  /** Where its bytes lie, unless they are the file's own. */
  readonly path?: string;
  /** They are a copy of the file's own. */
  readonly isCopy?: true;
}

export interface UnpackJobResult {
  readonly files: readonly UnpackedFile[];
}

/** For files of which nothing is read: what lies there, for the manifest. */
export interface LookJob {
  readonly kind: "look";
  readonly files: readonly JobFile[];
}

/** Of a file as it lies there. */
export interface StoredBytes {
  readonly bytes: number;
  readonly crc32: number;
}

export interface WithParts<Part> extends StoredBytes {
  /** The file itself, or each member of an archive, in its order. */
  readonly parts: readonly Part[];
}

export interface LookedFile extends StoredBytes {
  readonly rank: number;
  /** Why the file cannot be read: it is quarantined. */
  readonly damage?: string;
}

export interface LookJobResult {
  readonly files: readonly LookedFile[];
}

export type Job = ScanJob | CsvRangeJob | PrepareJob | ConvertJob | ConvertRangeJob | UnpackJob | LookJob;
export type JobResult =
  | ScanJobResult
  | CsvRangeResult
  | PrepareJobResult
  | ConvertJobResult
  | ConvertRangeResult
  | UnpackJobResult
  | LookJobResult;
