/** Which files a scan has to read. */
import type { AddFilter } from "../schema/add-filter.ts";
import type { Predicate } from "../schema/predicate.ts";
import type { AddFile } from "./actions.ts";
import { columnMappingOf } from "./column-mapping.ts";
import { fileTest } from "./prune/may-match.ts";
import { replayFiles } from "./snapshot.ts";
import type { ReadTableOptions, TableState } from "./table-state.ts";
import { withSegment } from "./with-segment.ts";

export interface FileTotals {
  readonly files: number;
  readonly bytes: number;
}

export interface ScanPlan {
  /** Those that may have rows that the predicate keeps. */
  readonly files: readonly AddFile[];
  /** All live files of the version. */
  readonly considered: FileTotals;
  readonly skipped: FileTotals;
}

export interface PlanScanOptions extends Omit<ReadTableOptions, "version"> {
  /** The version to scan. */
  readonly state: TableState;
  /** Default: every file is read. */
  readonly predicate?: Predicate | undefined;
}

/**
 * Streams the log of the state's version and keeps the files that a predicate cannot rule out by partition values and statistics. What is
 * skipped is never held.
 *
 * @throws LandfallError as `readTableState`
 */
export async function planScan(options: PlanScanOptions): Promise<ScanPlan> {
  const { state, predicate } = options;
  const table = prunedTable(state);
  const test = predicate === undefined ? () => true : fileTest({ ...table, predicate });
  const of = { ...options, version: state.version, known: state.segment };
  const plan = await withSegment(of, async (segment) => {
    const files: AddFile[] = [];
    const considered = { files: 0, bytes: 0 };
    const skipped = { files: 0, bytes: 0 };
    const count = (into: typeof considered, of: FileTotals): void => {
      into.files += of.files;
      into.bytes += of.bytes;
    };
    const onLeftOut = (leftOut: FileTotals): void => {
      count(considered, leftOut);
      count(skipped, leftOut);
    };
    const replay = {
      ...options,
      segment,
      held: state.held,
      schema: state.schema,
      ...(predicate === undefined ? {} : { wanted: { table, predicate, countsRows: false, onLeftOut } }),
    };
    for await (const action of replayFiles(replay)) {
      if (!("add" in action)) continue;
      const size = { files: 1, bytes: action.add.size };
      count(considered, size);
      if (test(action.add)) files.push(action.add);
      else count(skipped, size);
    }
    return { files, considered, skipped };
  });
  return plan ?? { files: [], considered: { files: 0, bytes: 0 }, skipped: { files: 0, bytes: 0 } };
}

/** The columns of a table by the names that its adds use. */
export function prunedTable(table: TableState): AddFilter["table"] {
  const { schema, partitionColumns } = table;
  return { schema, partitionColumns, columnMapping: columnMappingOf(table) };
}
