import type { PlaceColumns } from "../engine.ts";

/** Relations of a merge's session. */
export const MERGE_RELATIONS = {
  /** The rows that are merged, each with a number. */
  source: '"landfall source"',
  /** Rows of the files that may have a pair, deleted ones too: they are few among the pairs. */
  candidates: '"landfall candidates"',
  /** Rows of one of these files. */
  sampled: '"landfall sampled"',
  /** Rows of the files that have one. */
  touched: '"landfall touched"',
  /** Pairs of which the column that was read with them did not show that they change anything, and the rows of their files. */
  undecided: '"landfall undecided"',
  looked: '"landfall looked at again"',
  /** All rows that are not deleted. */
  live: '"landfall live"',
  /** Which row of the target belongs to which of the source. */
  pairs: '"landfall pairs"',
  /** Those of rows of the target that have more than one. */
  several: '"landfall several"',
  /** Rows of the target that go, or get other values. */
  changed: '"landfall changed"',
} as const;

/** Names that are no column's. */
export interface MergeNames extends PlaceColumns {
  /** The number of a source row. */
  readonly source: string;
  /** What a column was that is read with the keys; or whether a row changes by any. */
  readonly old: string;
}
