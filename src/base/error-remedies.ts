/**
 * What to do about an error of each code, in general: the hint of those that have none of their own, and a column of
 * docs/reference/errors.md. What a code means stands at the code.
 */
import type { ErrorCode } from "./error-codes.ts";

export const ERROR_REMEDIES: Readonly<Record<ErrorCode, string>> = {
  USAGE: "Add --help to the command: it shows what there is.",
  DECLARATION_INVALID: "Correct the lines that are named; `landfall check` reads the file without a run.",
  DECLARATION_MISSING: "Check the path and the rights to the file.",
  PROVE_UNSUITED:
    "Take what is named out of the declaration, or run `landfall prove` without one: it brings its own.",
  SCHEMA_INVALID: "Write the type as Spark does, such as `id BIGINT, tags ARRAY<STRING>`.",
  OVERLAP: "Move one of the two places out of the other.",
  PLATFORM_UNSUPPORTED: "Use Node 24 or newer on Linux or macOS; on Windows use WSL.",
  SOURCE_MISSING: "Check the path, and whether what it lies on is mounted.",
  SOURCE_UNREADABLE:
    "Give the user that runs landfall the right to read it, or wait until the disk answers again.",
  FILE_DAMAGED: "Have the file sent again; a whole one of the same name is read by the next run.",
  STORAGE_FAILED:
    "Give the user that runs landfall the right to write there, or wait until the disk answers again.",
  STORAGE_FULL: "Make room, then run again: nothing is lost.",
  OBJECT_MISSING:
    "See what removed it, and put it back from a backup; `landfall verify` says what else is missing.",
  STORE_UNSUITABLE: "Put the table on a file system that can create a file only if its name is free.",
  TABLE_FOLDER_OCCUPIED: "Name an empty or new folder, or a Delta table.",
  TABLE_FEATURE_UNSUPPORTED:
    "See docs/support-matrix.md; turn the feature off where the table allows it, or write to another table.",
  TABLE_MISSING: "Check the path: it is the folder that holds `_delta_log`. `landfall ingest` makes a table.",
  TABLE_VERSION_MISSING: "`landfall table history` shows the versions that there are.",
  CHANGE_FEED_OFF: "Ask for a range in which it is on, or take what the files tell (`withoutFeed: true`).",
  CHANGES_UNLIKE_SCHEMA: "Ask for the changes before the version that is named, and for those from it on.",
  TABLE_LOG_CORRUPT:
    "Put the missing or damaged file of `_delta_log` back from a backup; `landfall verify` names it.",
  TABLE_DATA_CORRUPT: "Put the file back from a backup; `landfall verify --data` says what else is damaged.",
  TABLE_FILE_OUTSIDE: "Where you trust whoever wrote the log, say --allow-outside (`allowOutside: true`).",
  TABLE_SCHEMA_CONFLICT:
    "Make the declaration say what the table has (`landfall table schema`), or write to a new table.",
  TABLE_APPEND_ONLY: "Append instead, or take the property delta.appendOnly off the table first.",
  MERGE_AMBIGUOUS: "Merge one row for each row of the table, such as the newest of each key.",
  CONFLICT_PROTOCOL_CHANGED: "Run again: it is planned for the table as it is now.",
  CONFLICT_METADATA_CHANGED: "Run again: it is planned for the table as it is now.",
  CONFLICT_CONCURRENT_TRANSACTION:
    "See which version has the transaction: it may be this very write, done by another process.",
  CONFLICT_CONCURRENT_APPEND:
    "Run again; where it happens often, name the partitions in the condition, or take `WriteSerializable`.",
  CONFLICT_CONCURRENT_DELETE_READ:
    "Run again; where it happens often, do not let the two work on the same files at once.",
  CONFLICT_CONCURRENT_DELETE_DELETE:
    "Run again; where it happens often, do not let the two work on the same files at once.",
  ROW_MISFIT: "Mend the row that is named, or leave it out; nothing was written.",
  TABLE_EXISTS: "Open it instead, or say `ifNotExists: true`.",
  NEW_COLUMNS: "Declare the columns, choose another evolutionMode, or take the files away.",
  EXPECT_INVALID: "Correct the rule: one expression over the columns of the table.",
  EXPRESSION_UNKNOWN:
    "Write to this table with Spark, or say the same in words that Landfall knows (docs/reference/expressions.md).",
  CONSTRAINT_VIOLATED:
    "Nothing was committed. Correct the row, or change the rule (ALTER TABLE … DROP CONSTRAINT, … DROP NOT NULL).",
  TABLE_CHANGED_IDENTITY:
    "Put the table back as it was, or choose a new place for it: Landfall does not guess which files it would have to read again.",
  CONFLICTS_UNENDED: "Run again when fewer programs write to the table.",
  COMMIT_CLOBBERED:
    "Run again, and see to it that no other writer replaces commits: docs/support-matrix.md says which may.",
  PIPELINE_HELD: "Wait for the other run, or stop it; `landfall status` says who it is.",
  PIPELINE_NAME_TAKEN: "Use the name that the pipeline has, or another name for another source.",
  PIPELINE_STARTED_OVER:
    "Run again; if the error comes back, run with `--full-refresh`, which ends a refresh that was cut off.",
  REFRESH_REFUSED:
    "Choose with --refresh-rows which rows go (`--dry-run` shows them), or ingest into a new table.",
  HISTORY_LOST: "Put the missing files of `_landfall` or `_delta_log` back from a backup.",
  STATE_CORRUPT: "Put the file back from a backup; nobody but landfall should write in `_landfall`.",
  STATE_NEWER: "Use the newer landfall that wrote it.",
  LEDGER_PLACE_UNSUITABLE: "Put the ledger on a local disk with --state.",
  LEDGER_FAILED:
    "Delete `ledger.db` in the pipeline's folder (`_landfall/<name>` below the table, or in the `--state` folder): the next run rebuilds it from the table.",
  LIMIT_EXCEEDED: "Raise the limit that is named, or take away what exceeds it.",
  OVERWRITE_FORBIDDEN: "Put the file back as it was, or choose another onOverwrite.",
  TOO_MANY_REJECTED: "Mend the files, or raise limits.maxRejected, and run again.",
  TOO_MANY_QUARANTINED: "Mend or remove the files, or raise limits.maxQuarantined, and run again.",
  RECORD_BROKEN: "Mend the record, or choose another mode, and run again.",
  COUNTS_DO_NOT_CLOSE: "Nothing was committed. Run again; if the error comes back, please report it.",
  ENGINE_DIED: "Run again; where memory is short, give engine.memory less than the machine has.",
  ENGINE_FAILED: "Read what the engine says; if it is not about SQL of yours, please report it.",
  ENGINE_OUT_OF_MEMORY: "Raise engine.memory, or lower limits.maxBytesPerTrigger.",
  QUERY_INVALID:
    "Correct the SELECT: the table's name is t in `table query`; `landfall query` without SQL shows its tables.",
  TRANSFORM_INVALID: "Correct the transform: docs/reference/transform.md says what may stand in it.",
  TRANSFORM_FAILED: "Correct the transform, or the rows that are named, and run again.",
  ADDRESS_UNAVAILABLE:
    "Choose another port or host for `--metrics`; a port that is in use is mostly another Landfall's, or Prometheus' own.",
  ABORTED: "Run again to go on.",
  INTERNAL: "Please report it, with the whole message.",
};
