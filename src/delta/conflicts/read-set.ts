import type { Predicate } from "../../schema/predicate.ts";

/** What a commit rests on, of the table that it was planned for: another's commit that changes any of it is in its way. */
export interface ReadSet {
  /**
   * Rows that were looked for: files with such rows that another adds would have been part of the plan. `where`: files that may hold a row
   * for which one of the conditions is true.
   */
  readonly rows: "none" | "all" | { readonly where: readonly Predicate[] };
  /** Paths, as their adds write them, of files whose content the plan rests on. */
  readonly files: readonly string[];
  /** Applications whose last transaction was looked up (PROTOCOL.md, "Transaction Identifiers"). Default: none. */
  readonly appIds?: readonly string[] | undefined;
}

/** Of a commit that only adds what it was given. */
export const NOTHING_READ: ReadSet = { rows: "none", files: [] };
