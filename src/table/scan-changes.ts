/** What changed in a table's rows, version by version: which files tell it is decided from the log, the rest is the engine's. */
import type { OptionKinds } from "../base/check-options.ts";
import { keptAnswer } from "../base/kept-answer.ts";
import { planChanges } from "../delta/changes/plan-changes.ts";
import type { TableState } from "../delta/table-state.ts";
import { changedFiles, tableOfChanges } from "./changed-files.ts";
import type { RecordBatch } from "./record-batch.ts";
import { scanBatches } from "./scan-batches.ts";
import type { QueryTable } from "../engine/engine.ts";
import { SCAN_OPTIONS, type ScanOptions } from "./scan-snapshot.ts";
import type { TableAccess, TableParts } from "./table-access.ts";

/** Columns and condition may name `_change_type`, `_commit_version` and `_commit_timestamp`, too. */
export interface ChangesOptions extends ScanOptions {
  /** The first version whose changes are given; or a time, which stands for the first version that is not older. */
  readonly from: number | Date;
  /** The last version; or a time, which stands for the last version that is not younger. Default: the newest when the reading begins. */
  readonly to?: number | Date | undefined;
  /**
   * Gives changes, too, of versions at which the change data feed was off, as far as added and removed files tell them: an update is then a
   * delete and an insert, and so are rows that were only rewritten beside it. Default: false.
   */
  readonly withoutFeed?: boolean | undefined;
}

export const CHANGES_OPTIONS: OptionKinds<ChangesOptions> = {
  ...SCAN_OPTIONS,
  from: "any",
  to: "any",
  withoutFeed: "flag",
};

/**
 * Batches of changed rows, version after version and in no order within one, read as they are asked for. Each has the table's columns, as they are at the last
 * version, and `_change_type` (`insert`, `delete`, `update_preimage`, `update_postimage`), `_commit_version` and `_commit_timestamp`.
 * Rejects with USAGE for a range that is none, CHANGE_FEED_OFF, CHANGES_UNLIKE_SCHEMA, TABLE_VERSION_MISSING where a commit was cleaned
 * up, OBJECT_MISSING where a vacuum took a file away; as a scan.
 */
export interface TableChanges extends AsyncIterable<RecordBatch> {
  /** The versions that are given, the same before the loop and after it. Go on from `to + 1`; where that is the next version to come, nothing is given. */
  range(): Promise<{ readonly from: number; readonly to: number }>;
}

/** Reads the newest state of the table. */
type NewestState = (parts: TableParts, signal: AbortSignal) => Promise<TableState>;

export function scanChanges(access: TableAccess, newest: NewestState, options: ChangesOptions): TableChanges {
  const { from, to, withoutFeed = false, where, signal: asked } = options;
  const planOf = keptAnswer(async (parts: TableParts, signal: AbortSignal) =>
    planChanges({ ...parts, newest: await newest(parts, signal), from, to, withoutFeed, signal }),
  );
  return {
    range: () =>
      access.ask(asked, async (parts, signal) => {
        const plan = await planOf(parts, signal);
        return { from: plan.from, to: plan.to };
      }),
    [Symbol.asyncIterator]: () =>
      access.askInPieces(asked, async function* (parts, signal) {
        const plan = await planOf(parts, signal);
        const scanned = (table: QueryTable): AsyncIterable<RecordBatch> =>
          scanBatches(parts, { table, asked: options, signal });
        // What may not be asked is said before anything is read, and where nothing has changed.
        if (where !== undefined || options.columns !== undefined)
          yield* scanned(tableOfChanges(plan.state, { files: [], inOrder: false }));
        for await (const together of changedFiles({ plan, where, parts, signal }))
          yield* scanned(tableOfChanges(plan.state, together));
      }),
  };
}
