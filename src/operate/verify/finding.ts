/** What `verify` finds. The comments of the codes are the reference page (docs/reference/verify.md). */

/**
 * `fault`: something is wrong. `unprovable`: it may be right, and nobody can tell; never counted as passed. `note`: right, and a person
 * may want to know.
 */
export type FindingLevel = "fault" | "unprovable" | "note";

const CODES = {
  /** The Delta log lacks a commit in its middle, or a commit cannot be read. */
  LOG_DAMAGED: true,
  /** The table is not the one that the ledger knows: older, restored, or made again. */
  TABLE_CHANGED: true,
  /** Commits before some version have been cleaned up: their batches are known by done marks and manifests alone. */
  HISTORY_TRIMMED: true,
  /** Another program's commit. What it added and took away is not Landfall's to prove. */
  FOREIGN_COMMIT: true,
  /** The table has a transaction of a pipeline of Landfall whose `pipeline.json` is gone. */
  PIPELINE_UNKNOWN: true,
  /** Two commits carry one batch number, or the numbers do not ascend with the versions. */
  BATCH_REPEATED: true,
  /** A batch committed, and neither a done mark nor the log says what it held. */
  BATCH_UNKNOWN: true,
  /** The manifest of a committed batch is gone. */
  MANIFEST_MISSING: true,
  /** The manifest of a committed batch is not the one that its commit names: edited or damaged. */
  MANIFEST_DAMAGED: true,
  /** A file of folded batches is damaged: of batches that are nowhere else it can no longer be told what they held. */
  FOLDED_DAMAGED: true,
  /** A done mark is missing. While the log holds the commit, nothing is lost. */
  DONE_MARK_MISSING: true,
  /** A done mark does not say what the commit of its batch says, or cannot be read. */
  DONE_MARK_WRONG: true,
  /** A done mark names a batch that the table does not have. */
  DONE_MARK_WITHOUT_COMMIT: true,
  /** The rows of a commit's data files are not the rows that its manifest accounts for. */
  ROWS_DIFFER: true,
  /** The data files of a commit are not those of its manifest. */
  FILES_DIFFER: true,
  /** A compaction changed the number of rows, or its commit is not what its record says. */
  COMPACTION_DIFFERS: true,
  /** The record or the mark of a compaction is gone or is not the one that the log names. */
  COMPACTION_RECORD_DAMAGED: true,
  /** A compaction did not come to its end: its files are no part of the table, or its mark is still to be written. */
  COMPACTION_OPEN: true,
  /** A data file of Landfall is in no version's set of files any more, and no commit took it out. */
  DATA_FILE_DROPPED: true,
  /** The table has a data file that no commit of the log and no manifest knows. */
  DATA_FILE_UNKNOWN: true,
  /** A data file that the table names is not there. */
  DATA_FILE_MISSING: true,
  /** A data file has another size than the log says. */
  DATA_FILE_SIZE: true,
  /** A data file lies outside the table's folder: Landfall does not look into it. */
  DATA_FILE_UNREACHABLE: true,
  /** A data file cannot be read as Parquet. */
  DATA_FILE_DAMAGED: true,
  /** A data file has another number of rows than the log says. */
  DATA_FILE_ROWS: true,
  /** A data file's statistics in the log are not those of its values. */
  STATISTICS_WRONG: true,
  /** The file with a batch's rejected records is gone. */
  REJECTS_MISSING: true,
  /** There is no ledger: the next run rebuilds it. */
  LEDGER_LOST: true,
  /** The ledger cannot be read. */
  LEDGER_DAMAGED: true,
  /** Committed batches that the ledger does not know yet: the next run takes them in. */
  LEDGER_BEHIND: true,
  /** The ledger says of a batch what neither log nor manifests say. */
  LEDGER_BATCH_DIFFERS: true,
  /** Rows from before a full refresh are in the table: it was restored to an earlier version. */
  REFRESHED_ROWS_STAND: true,
  /** A full refresh has taken the rows out and was cut off: `run --full-refresh` ends it. */
  REFRESH_CUT_OFF: true,
  /** A file that the manifests know is missing from the ledger. */
  LEDGER_FILE_MISSING: true,
  /** The ledger says of a file what its manifest does not say. */
  LEDGER_FILE_DIFFERS: true,
  /** The ledger says that a file is done, and no manifest does. */
  LEDGER_FILE_UNPROVEN: true,
  /** The ledger's sums are not those of its files. */
  LEDGER_SUMS_DIFFER: true,
  /** A decision that the ledger has taken in is gone. */
  DECISION_MISSING: true,
  /** A decision that the ledger does not know yet: the next run takes it in. */
  DECISION_WAITING: true,
  /** A file is claimed by a batch that is not under way. */
  CLAIM_WITHOUT_BATCH: true,
  /** Ledger and manifests could not be compared, for a reason that another finding names. */
  LEDGER_NOT_COMPARED: true,
  /** A vacate record cannot be read, or speaks of another batch: a rebuilt ledger would not know which names were vacated. */
  VACATE_RECORD_DAMAGED: true,
  /** The name of a file was about to be vacated; it lies neither there nor where the record says. */
  VACATED_FILE_GONE: true,
  /** An archived file is not where it was moved to any more. Its rows stand in the table. */
  ARCHIVED_FILE_GONE: true,
  /** An input has other bytes than were read, though its size and time are the same. */
  SOURCE_FILE_CHANGED: true,
  /** An input is neither in the source, in this generation, nor where Landfall moved it: nothing can be compared with it. */
  SOURCE_FILE_GONE: true,
  /** An input, counted again by other means, has another number of records than its manifest says. */
  SOURCE_RECORDS_DIFFER: true,
  /** A column of the table does not hold the values that the inputs of a batch hold, or its rows are fewer or more. */
  SOURCE_ROWS_DIFFER: true,
  /** Inputs of a format or layout that is not counted by other means: only their bytes were compared. */
  SOURCE_NOT_COUNTED: true,
  /** A run is under way: what it has not committed yet is not judged. */
  RUN_UNDER_WAY: true,
} as const;

export type FindingCode = keyof typeof CODES;
export const FINDING_CODES = Object.keys(CODES) as readonly FindingCode[];

export interface Finding {
  readonly level: FindingLevel;
  readonly code: FindingCode;
  /** One sentence. */
  readonly what: string;
  /** The file, version, batch or arrival that it is about. */
  readonly where: string;
  /** What to do next. */
  readonly hint?: string;
}

/** Of one code more than these are counted and not kept: one cause may have a million effects. */
const KEPT = 1000;

export class Findings {
  readonly #kept: Finding[] = [];
  readonly #counts = new Map<string, number>();

  add(level: FindingLevel, code: FindingCode, finding: Omit<Finding, "level" | "code">): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= KEPT) this.#kept.push({ level, code, ...finding });
  }

  has(...codes: readonly FindingCode[]): boolean {
    return codes.some((code) => this.#counts.has(code));
  }

  /** Faults first, then what cannot be proved, then notes; in the order in which they were found. */
  all(): Finding[] {
    const order: readonly FindingLevel[] = ["fault", "unprovable", "note"];
    return order.flatMap((level) => this.#kept.filter((finding) => finding.level === level));
  }

  /** How many of a code were counted and not kept. */
  left(): Partial<Record<FindingCode, number>> {
    const more: Partial<Record<FindingCode, number>> = {};
    for (const [code, count] of this.#counts) if (count > KEPT) more[code as FindingCode] = count - KEPT;
    return more;
  }
}
