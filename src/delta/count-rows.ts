/** The number of a table's rows from its log alone. */
import type { AddFile } from "./actions.ts";
import { prunedTable } from "./plan-scan.ts";
import { replayFiles } from "./snapshot.ts";
import { recordsOf } from "./stated-statistics.ts";
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
      if ("add" in action) count(rowsOf(action.add));
    }
    return rows;
  });
}

function rowsOf(add: AddFile): number | undefined {
  const records = recordsOf(add);
  return records === undefined ? undefined : records - Number(add.deletionVector?.cardinality ?? 0);
}
