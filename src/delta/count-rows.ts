/** The number of a table's rows from its log alone. */
import { prunedTable } from "./plan-scan.ts";
import { replayFiles } from "./snapshot.ts";
import { liveRowsOf } from "./stated-statistics.ts";
import type { ReadTableOptions, TableState } from "./table-state.ts";
import { withSegment } from "./with-segment.ts";

export interface CountRowsOptions extends Omit<ReadTableOptions, "version"> {
  /** The version to count. */
  readonly state: TableState;
}

/**
 * The rows of the state's version by the files' statistics, without those that deletion vectors delete; no data file is opened. Undefined
 * where a file's statistics do not tell.
 *
 * @throws LandfallError as `readTableState`
 */
export async function countRows(options: CountRowsOptions): Promise<number | undefined> {
  const { state } = options;
  const { schema, segment: known, held } = state;
  return withSegment({ ...options, version: state.version, known }, async (segment) => {
    let rows: number | undefined = 0;
    const count = (more: number | undefined): void => {
      rows = rows === undefined || more === undefined ? undefined : rows + more;
    };
    const wanted = {
      table: prunedTable(state),
      countsRows: true,
      onLeftOut: (leftOut: { readonly rows: number | undefined }) => count(leftOut.rows),
    };
    for await (const action of replayFiles({ ...options, segment, held, schema, wanted })) {
      if ("add" in action) count(liveRowsOf(action.add));
    }
    return rows;
  });
}
