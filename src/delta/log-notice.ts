/** Something in a table's log that is not as it should be and kept nobody from reading: other files of the log served. */
export interface LogNotice {
  /** The table as people write it. */
  readonly table: string;
  /** Of the log, relative to the table's root. */
  readonly file: string;
  /** One sentence that names both, and says what was done instead. */
  readonly message: string;
}
