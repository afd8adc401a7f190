import type { JsonValue } from "../base/lossless-json.ts";
import type { Action } from "../delta/actions.ts";
import type { ReadSet } from "../delta/conflicts/read-set.ts";

/** One commit as it is meant, of the table at one version: plain data, of which nothing has happened but that its new files are durable. */
export interface WritePlan {
  /** Without `commitInfo`, and without row ids for what is new: both are given with each attempt. */
  readonly actions: readonly Action[];
  readonly reads: ReadSet;
  /** In Spark's words, which `DESCRIBE HISTORY` shows: `WRITE`, `DELETE`, `MERGE`, `OPTIMIZE`. */
  readonly operation: string;
  /** A list or an object is written as JSON text, as Spark does. */
  readonly operationParameters: Readonly<Record<string, JsonValue>>;
  readonly operationMetrics: Readonly<Record<string, string>>;
  /** Rows stand in other files than before: of a table with row tracking their ids are new, which the commit says. Default: false. */
  readonly movesRows?: boolean;
  /** Storage keys of the files that were written for it, which are removed again where it is not committed for certain. */
  readonly written: readonly string[];
}

/** What became of a write. */
export interface CommittedWrite {
  readonly version: number;
  /** Counts, as the commit states them. */
  readonly metrics: Readonly<Record<string, number>>;
}
