/** Which adds of a checkpoint are wanted, as plain data for whoever reads the checkpoint. */
import type { PrunedTable } from "./find-table-column.ts";
import type { Predicate } from "./predicate.ts";

export interface AddFilter {
  readonly table: PrunedTable;
  /** An add may be left out only where this is true for no row of its file. Absent: every add is left out, but for `names`. */
  readonly predicate?: Predicate;
  /** Adds of files with such a name are wanted whatever the predicate says: the last part of the path, decoded. */
  readonly names: readonly string[];
  /** Whether rows are counted, of adds that are left out. */
  readonly countsRows: boolean;
}

/** What was found in one file of a checkpoint. */
export interface AddTotals {
  /** Adds, wanted or not. */
  readonly files: number;
  /** Of their data files. */
  readonly bytes: number;
  /**
   * Rows of the adds that were left out, by their statistics and without those that deletion vectors delete; undefined where not asked for,
   * or where one of them does not tell.
   */
  readonly rowsLeftOut?: number | undefined;
}
