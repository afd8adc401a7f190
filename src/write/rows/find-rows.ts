/** The rows that a condition means, by the files that they stand in. */
import type { AddFile } from "../../delta/actions.ts";
import type { ReadSet } from "../../delta/conflicts/read-set.ts";
import { columnsToRead, filesToRead, type FileToRead } from "../../delta/files-to-read.ts";
import { planScan, prunedTable } from "../../delta/plan-scan.ts";
import { wholeFileTest } from "../../delta/prune/may-match.ts";
import { recordsOf } from "../../delta/stated-statistics.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { TableParts } from "../../table/table-access.ts";

/** A file that has some of the rows. */
export interface TouchedFile {
  readonly add: AddFile;
  /** As the engine reads it, with the rows that were deleted before. */
  readonly file: FileToRead;
  /** All of its rows, deleted ones too. */
  readonly rows: number;
  /** Row r is meant iff `matched[r >> 3] & (128 >> (r & 7))`; none that was deleted before. */
  readonly matched: Uint8Array;
  /** How many are meant. */
  readonly count: number;
}

export interface FoundRows {
  /** Files of which every row is meant, by their partition values; nothing of them was read. Their adds tell how many rows they have. */
  readonly whole: readonly AddFile[];
  readonly touched: readonly TouchedFile[];
  readonly reads: ReadSet;
}

export interface FindRowsOptions {
  readonly parts: TableParts;
  readonly state: TableState;
  /** Default: all rows. */
  readonly where: string | undefined;
  /** False: files of which every row is meant are read like others. */
  readonly sparesWhole: boolean;
  readonly signal: AbortSignal;
}

/** @throws LandfallError QUERY_INVALID for a condition that may not be; as a scan */
export async function findRows(options: FindRowsOptions): Promise<FoundRows> {
  const { parts, state, where, sparesWhole, signal } = options;
  const { storage, parquet, engine, onNotice, allowOutside } = parts;
  const predicate =
    where === undefined
      ? undefined
      : await engine.predicateOf({ sql: where, schema: state.schema }, { signal });
  const { files: candidates } = await planScan({ storage, parquet, state, predicate, onNotice, signal });
  const holdsOfAll =
    predicate === undefined ? () => true : wholeFileTest({ ...prunedTable(state), predicate });
  const isWhole = (add: AddFile): boolean => sparesWhole && recordsOf(add) !== undefined && holdsOfAll(add);
  const whole = candidates.filter(isWhole);
  const adds = candidates.filter((add) => !isWhole(add));
  const columns = columnsToRead(state);
  const files = await filesToRead({ storage, columns, adds, allowOutside, signal });
  const found =
    files.length === 0
      ? []
      : await engine.matchRows(
          {
            table: { name: "t", ...columns, files, wanted: predicate },
            ...(where === undefined ? {} : { where }),
          },
          { signal },
        );
  const touched = found.map(({ file, rows, count, matched }) => ({
    add: adds[file]!,
    file: files[file]!,
    rows,
    matched,
    count,
  }));
  const reads: ReadSet = {
    rows: predicate === undefined ? "all" : { where: [predicate] },
    files: [...whole, ...touched.map(({ add }) => add)].map(({ path }) => path),
  };
  return { whole, touched, reads };
}
