/**
 * Every error code of Landfall in one place; the comments are the reference page (docs/reference/errors.md), and what to do about
 * each stands in error-remedies.ts.
 *
 * `exit` is the exit code of the command line (docs/reference/exit-codes.md); `retryable` says whether running the same
 * command again, with nothing changed, may succeed.
 */
export const ERROR_CODES = {
  /** The command line is wrong: unknown option, missing argument. */
  USAGE: { exit: 2, retryable: false },
  /** The declaration is wrong; every mistake is listed with its line and column. */
  DECLARATION_INVALID: { exit: 2, retryable: false },
  /** The declaration's file cannot be read. */
  DECLARATION_MISSING: { exit: 2, retryable: false },
  /** `prove` cannot make scratch data for the declaration; the message names what stands in the way. */
  PROVE_UNSUITED: { exit: 2, retryable: false },
  /** A type written as DDL cannot be read. */
  SCHEMA_INVALID: { exit: 2, retryable: false },
  /** Two places that must be apart lie in each other (table inside the source, …). */
  OVERLAP: { exit: 2, retryable: false },
  /** The running Node or operating system is not supported. */
  PLATFORM_UNSUPPORTED: { exit: 2, retryable: false },
  /** The source folder or file does not exist. */
  SOURCE_MISSING: { exit: 3, retryable: true },
  /** The source cannot be listed or read: no permission, I/O error. */
  SOURCE_UNREADABLE: { exit: 3, retryable: true },
  /** A file's bytes are not what its format demands (a damaged gzip, one that expands past `limits.expansion`, …): it is quarantined. */
  FILE_DAMAGED: { exit: 1, retryable: false },
  /** Storage refused or failed: no permission, read-only, I/O error. */
  STORAGE_FAILED: { exit: 3, retryable: true },
  /** Storage or the spill folder has no room left. */
  STORAGE_FULL: { exit: 3, retryable: true },
  /** An object that should be there is not. */
  OBJECT_MISSING: { exit: 3, retryable: false },
  /** The file system or store has no put-if-absent (create a file only if its name is free), so it cannot hold a Delta log. */
  STORE_UNSUITABLE: { exit: 2, retryable: false },
  /** The folder given as a table holds other things and is no Delta table. */
  TABLE_FOLDER_OCCUPIED: { exit: 2, retryable: false },
  /** The table uses a protocol version or a table feature that Landfall does not support; the message names it. */
  TABLE_FEATURE_UNSUPPORTED: { exit: 2, retryable: false },
  /** There is no Delta table at the location. */
  TABLE_MISSING: { exit: 2, retryable: false },
  /** The version asked for does not exist or its history has been trimmed. */
  TABLE_VERSION_MISSING: { exit: 2, retryable: false },
  /** Changes were asked for of a version at which the table's change data feed was not on. */
  CHANGE_FEED_OFF: { exit: 2, retryable: false },
  /** A range of changes cannot be given as rows of one schema: a version in it dropped, renamed or retyped a column, or one has a reserved name. */
  CHANGES_UNLIKE_SCHEMA: { exit: 2, retryable: false },
  /** The Delta log is damaged: gap, truncated commit, missing protocol or metadata. */
  TABLE_LOG_CORRUPT: { exit: 2, retryable: false },
  /** A data file or deletion vector of the table is damaged, or not what the log says. */
  TABLE_DATA_CORRUPT: { exit: 2, retryable: false },
  /** The Delta log names a file outside of the table's folder, and nobody allowed to read such. */
  TABLE_FILE_OUTSIDE: { exit: 2, retryable: false },
  /** The table's schema or partitioning cannot take what the declaration asks for. */
  TABLE_SCHEMA_CONFLICT: { exit: 2, retryable: false },
  /** The table takes new rows only (`delta.appendOnly`): none may be changed or taken out. */
  TABLE_APPEND_ONLY: { exit: 2, retryable: false },
  /** Several of the rows that are merged match one row of the table, which takes one: nothing was committed. */
  MERGE_AMBIGUOUS: { exit: 1, retryable: false },
  /** Another writer changed the table's protocol while this commit was planned. */
  CONFLICT_PROTOCOL_CHANGED: { exit: 4, retryable: true },
  /** Another writer changed the table's schema, properties or partitioning while this commit was planned. */
  CONFLICT_METADATA_CHANGED: { exit: 4, retryable: true },
  /** Another writer committed a transaction of the same application, or changed the same domain, while this commit was planned. */
  CONFLICT_CONCURRENT_TRANSACTION: { exit: 4, retryable: true },
  /** Another writer added rows that this commit should have seen. */
  CONFLICT_CONCURRENT_APPEND: { exit: 4, retryable: true },
  /** Another writer removed a file that this commit had read. */
  CONFLICT_CONCURRENT_DELETE_READ: { exit: 4, retryable: true },
  /** Another writer removed a file that this commit removes, too. */
  CONFLICT_CONCURRENT_DELETE_DELETE: { exit: 4, retryable: true },
  /** A row that is to be written does not fit the table: a value of another type or size, null where none may be, no column for it. */
  ROW_MISFIT: { exit: 1, retryable: false },
  /** There is a table already where one is to be made. */
  TABLE_EXISTS: { exit: 2, retryable: false },
  /** `schema.evolutionMode: failOnNewColumns`: the files hold keys that no column stands for; nothing was committed. */
  NEW_COLUMNS: { exit: 2, retryable: false },
  /** A rule of `expect` is not one expression, uses what no rule may, or names a column that the table does not have; nothing was committed. */
  EXPECT_INVALID: { exit: 2, retryable: false },
  /** SQL in a table's metadata (a constraint, a generated or default column) holds a piece that Landfall does not compute as Spark does. */
  EXPRESSION_UNKNOWN: { exit: 2, retryable: false },
  /** A row breaks a rule of the table: a CHECK constraint, NOT NULL, an invariant, a generated column; nothing was committed. */
  CONSTRAINT_VIOLATED: { exit: 1, retryable: false },
  /** The table is not the one that the ledger knows: dropped and made again, restored, overwritten, or begun meanwhile by another process. */
  TABLE_CHANGED_IDENTITY: { exit: 2, retryable: false },
  /** Other writers committed first, at every attempt. */
  CONFLICTS_UNENDED: { exit: 4, retryable: true },
  /** Another writer replaced our commit after it was written: it does not keep put-if-absent. */
  COMMIT_CLOBBERED: { exit: 4, retryable: true },
  /** A process of this or another host holds the pipeline. */
  PIPELINE_HELD: { exit: 4, retryable: true },
  /** A full refresh started the pipeline over while this process worked on it, or was cut off and is to be ended. */
  PIPELINE_STARTED_OVER: { exit: 4, retryable: true },
  /** A full refresh cannot take this pipeline's rows, and no others, out of the table. */
  REFRESH_REFUSED: { exit: 2, retryable: false },
  /** The pipeline's name is taken by another source, or the (source, table) pair by another name. */
  PIPELINE_NAME_TAKEN: { exit: 2, retryable: false },
  /** A batch number is neither in a done mark nor in the Delta log, so what it held cannot be known. */
  HISTORY_LOST: { exit: 2, retryable: false },
  /** A manifest, done mark, decision or pipeline.json is damaged or edited. */
  STATE_CORRUPT: { exit: 2, retryable: false },
  /** A file of state was written by a newer Landfall. */
  STATE_NEWER: { exit: 2, retryable: false },
  /** The ledger is on a network file system or cannot be locked. */
  LEDGER_PLACE_UNSUITABLE: { exit: 2, retryable: false },
  /** The ledger cannot be opened or is damaged; it can be deleted and is rebuilt. */
  LEDGER_FAILED: { exit: 3, retryable: false },
  /** The batch would break a limit of the declaration. */
  LIMIT_EXCEEDED: { exit: 2, retryable: false },
  /** An arrival changed after it had been ingested and `onOverwrite: fail` stands. */
  OVERWRITE_FORBIDDEN: { exit: 1, retryable: false },
  /** A batch would reject more records than `limits.maxRejected`: nothing was committed. */
  TOO_MANY_REJECTED: { exit: 1, retryable: false },
  /** A batch would quarantine more files than `limits.maxQuarantined`: nothing was committed. */
  TOO_MANY_QUARANTINED: { exit: 1, retryable: false },
  /** `json.mode` or `csv.mode` is FAILFAST and a record cannot be read: nothing was committed. */
  RECORD_BROKEN: { exit: 1, retryable: false },
  /** Records in are not equal to rows written, rejected and quarantined: nothing was committed. */
  COUNTS_DO_NOT_CLOSE: { exit: 3, retryable: true },
  /** The engine's process died (signal, memory limit, hang) and took the batch with it. */
  ENGINE_DIED: { exit: 3, retryable: true },
  /** The engine refused a statement. */
  ENGINE_FAILED: { exit: 3, retryable: false },
  /** A statement needed more memory than `engine.memory`, even with one thread; nothing was committed. */
  ENGINE_OUT_OF_MEMORY: { exit: 3, retryable: false },
  /** A SQL query of the user's is wrong or not allowed. */
  QUERY_INVALID: { exit: 2, retryable: false },
  /** The transform is not one SELECT, uses what none may, or the module lacks what it must export; nothing was committed. */
  TRANSFORM_INVALID: { exit: 2, retryable: false },
  /** The transform failed on rows of the batch; nothing was committed. */
  TRANSFORM_FAILED: { exit: 1, retryable: false },
  /** The address at which metrics are to be served cannot be had: in use, not allowed, none of this machine's. */
  ADDRESS_UNAVAILABLE: { exit: 2, retryable: false },
  /** Stopped by a signal after a clean stop. */
  ABORTED: { exit: 130, retryable: true },
  /** A fault of Landfall itself; please report it. */
  INTERNAL: { exit: 70, retryable: false },
} as const satisfies Record<string, { readonly exit: number; readonly retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;
