/** What `table check` finds. The comments of the codes are explained in docs/reference/table-check.md. */

const CODES = {
  /** The protocol's versions and feature lists contradict each other, or a property uses a feature that the protocol lacks. */
  PROTOCOL_UNSOUND: true,
  /** The table is partitioned by a column that it does not have, or a file's partition values are of other columns. */
  PARTITION_UNSOUND: true,
  /** A commit breaks a rule of the protocol: two `metaData`, a file added twice, a file added and removed alike. */
  COMMIT_UNSOUND: true,
  /** A path is live twice, with different deletion vectors: its rows are read twice. */
  PATH_REPEATED: true,
  /** A checkpoint cannot be read. */
  CHECKPOINT_UNREADABLE: true,
  /** A checkpoint does not hold what the commits up to its version make. */
  CHECKPOINT_DIFFERS: true,
  /** The version's `.crc` file does not say what the log says. */
  CHECKSUM_WRONG: true,
  /** A data file, or the file of a deletion vector, is not there. */
  FILE_MISSING: true,
  /** A data file has not the size that the log says. */
  FILE_SIZE: true,
  /** A data file cannot be read (`--data`). */
  FILE_UNREADABLE: true,
  /** A deletion vector is damaged, or deletes another number of rows than the log says (`--data`). */
  VECTOR_DAMAGED: true,
  /** A data file does not have as many rows as its statistics say (`--data`). */
  ROWS_WRONG: true,
  /** A value lies outside of the bounds that the statistics state: readers skip rows that they should find (`--data`). */
  BOUNDS_WRONG: true,
  /** The statistics say that bounds are tight, and no row has such a value (`--data`). */
  BOUNDS_LOOSE: true,
  /** The statistics state a wrong number of nulls (`--data`). */
  NULLS_WRONG: true,
} as const;

export type CheckCode = keyof typeof CODES;
export const CHECK_CODES = Object.keys(CODES) as readonly CheckCode[];

export interface CheckFinding {
  readonly code: CheckCode;
  /** Below the table's folder, or as the log names it; absent where it is about the table as a whole. */
  readonly file?: string;
  /** Of the commit or checkpoint that it is about, or the version that was looked at. */
  readonly version: number;
  /** What is wrong, in one sentence. */
  readonly message: string;
}
