/** The rows of a snapshot: which files are read is decided from the log, the rest is the engine's. */
import type { OptionKinds } from "../base/check-options.ts";
import { bytesOf } from "../base/bytes-of.ts";
import { keptAnswer } from "../base/kept-answer.ts";
import { columnsToRead, filesToRead } from "../delta/files-to-read.ts";
import type { FileTotals } from "../delta/plan-scan.ts";
import type { TableState } from "../delta/table-state.ts";
import type { QueryTable } from "../engine/engine.ts";
import { planFiles } from "./plan-files.ts";
import type { RecordBatch } from "./record-batch.ts";
import { scanBatches } from "./scan-batches.ts";
import type { TableAccess, TableParts } from "./table-access.ts";

export interface ScanOptions {
  /** Top-level columns, in the order in which they are to come. Default: all. */
  readonly columns?: readonly string[] | undefined;
  /** One SQL expression over the columns, such as `id > 5 AND day = '2026-01-01'`: rows for which it is true are given. Default: all are. */
  readonly where?: string | undefined;
  /** Rows of a batch, from 1; fewer where they are large, and in the last. Default: 65,536. */
  readonly batchRows?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const SCAN_OPTIONS: OptionKinds<ScanOptions> = {
  columns: "texts",
  where: "text",
  batchRows: "number",
  signal: "signal",
};

/** What a scan reads of the table's files. */
export interface ScanPlan extends FileTotals {
  /** What it need not read, by partition values and statistics. */
  readonly skipped: FileTotals;
}

/**
 * Batches of rows, read as they are asked for and in no order that is promised; leaving the loop ends the reading. Rejects with QUERY_INVALID for a column or a condition
 * that may not be, TABLE_DATA_CORRUPT and OBJECT_MISSING naming the file, TABLE_FILE_OUTSIDE without `allowOutside`.
 */
export interface TableScan extends AsyncIterable<RecordBatch> {
  /** Which part of the table it reads. Asked before the loop or after it, the files are looked for once. */
  plan(): Promise<ScanPlan>;
}

/** What a scan reads, for an engine. */
export interface ScannedRows {
  readonly table: Omit<QueryTable, "name">;
  /** Default: all. */
  readonly columns: readonly string[] | undefined;
  /** A condition over the columns, which `t` may stand before; it was judged. Default: none. */
  readonly where: string | undefined;
}

/** Only scans are keys, so that nobody else can say what a scan reads. */
const SCANNED = new WeakMap<object, () => Promise<ScannedRows>>();

/** What a scan would read, without reading it; undefined for what is no scan. Rejects as its reading does. */
export function scannedRows(scan: object): (() => Promise<ScannedRows>) | undefined {
  return SCANNED.get(scan);
}

export function scanSnapshot(access: TableAccess, state: TableState, options: ScanOptions = {}): TableScan {
  const { columns, where, signal: asked } = options;
  const planOf = keptAnswer((parts: TableParts, signal: AbortSignal) =>
    planFiles(parts, { state, where, signal }),
  );
  const tableOf = async (parts: TableParts, signal: AbortSignal): Promise<ScannedRows["table"]> => {
    const { storage, allowOutside } = parts;
    const { files: adds, predicate: wanted } = await planOf(parts, signal);
    const tableColumns = columnsToRead(state);
    const files = await filesToRead({ storage, columns: tableColumns, adds, allowOutside, signal });
    return { ...tableColumns, files, wanted };
  };
  const scan: TableScan = {
    plan: () =>
      access.ask(asked, async (parts, signal) => {
        const { files, skipped } = await planOf(parts, signal);
        return { files: files.length, bytes: bytesOf(files), skipped };
      }),
    [Symbol.asyncIterator]: () =>
      access.askInPieces(asked, async function* (parts, signal) {
        const table = { name: "t", ...(await tableOf(parts, signal)) };
        yield* scanBatches(parts, { table, asked: options, signal });
      }),
  };
  SCANNED.set(scan, () =>
    access.ask(asked, async (parts, signal) => ({ table: await tableOf(parts, signal), columns, where })),
  );
  return scan;
}
