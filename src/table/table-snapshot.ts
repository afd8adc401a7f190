/** One version of a table: what its log says of it, its files and its rows. Immutable, and small: files and rows are read when they are asked for. */
import { checkOptions, type OptionKinds } from "../base/check-options.ts";
import type { Metadata, Protocol } from "../delta/actions.ts";
import { countRows } from "../delta/count-rows.ts";
import { columnsToRead } from "../delta/files-to-read.ts";
import type { FileTotals } from "../delta/plan-scan.ts";
import type { TableState } from "../delta/table-state.ts";
import type { StructType } from "../schema/data-type.ts";
import { dataFileOf, type DataFile } from "./data-file.ts";
import { planFiles } from "./plan-files.ts";
import { SCAN_OPTIONS, scanSnapshot, type ScanOptions, type TableScan } from "./scan-snapshot.ts";
import type { TableAccess } from "./table-access.ts";

export interface FilesOptions {
  /** One SQL expression over the columns: only files that may hold a row for which it is true. Default: all. */
  readonly where?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const FILES_OPTIONS: OptionKinds<FilesOptions> = { where: "text", signal: "signal" };

export interface FilesOfSnapshot {
  readonly files: readonly DataFile[];
  /** Those that hold no such row, by their partition values and statistics. */
  readonly skipped: FileTotals;
}

export interface CountOptions {
  readonly signal?: AbortSignal | undefined;
}

const COUNT_OPTIONS: OptionKinds<CountOptions> = { signal: "signal" };

/** Usable until its table is closed. */
export interface TableSnapshot {
  readonly version: number;
  readonly protocol: Protocol;
  /** The `metaData` action as it stands in the log: id, name, description and the rest. */
  readonly metadata: Metadata;
  /** The columns in Delta's own form, partition columns among them; integers beyond 2^53 in their metadata are bigint. */
  readonly schema: StructType;
  /** Names of columns of the schema, in the order of the partitioning. */
  readonly partitionColumns: readonly string[];
  /** The table properties, such as `delta.appendOnly`. */
  readonly properties: Readonly<Record<string, string>>;
  /** The live files, without opening any of them. */
  files(options?: FilesOptions): Promise<FilesOfSnapshot>;
  /** Its rows, in batches of columns. Nothing is read before it is asked for. */
  scan(options?: ScanOptions): TableScan;
  /** The number of its rows: from statistics alone where every file has them, else counted. */
  count(options?: CountOptions): Promise<number>;
}

export function tableSnapshot(access: TableAccess, state: TableState): TableSnapshot {
  const { version, protocol, metadata, schema, partitionColumns } = state;
  return {
    version,
    protocol,
    metadata,
    schema,
    partitionColumns,
    properties: metadata.configuration,
    files: async (options = {}) => {
      checkOptions("snapshot.files", options, FILES_OPTIONS);
      const { where, signal: asked } = options;
      return access.ask(asked, async (parts, signal) => {
        const { files: adds, skipped } = await planFiles(parts, { state, where, signal });
        const { columnMapping: mapping } = columnsToRead(state);
        return { files: adds.map((add) => dataFileOf(add, { schema, partitionColumns, mapping })), skipped };
      });
    },
    scan(options) {
      checkOptions("snapshot.scan", options, SCAN_OPTIONS);
      return scanSnapshot(access, state, options);
    },
    count: async (options = {}) => {
      checkOptions("snapshot.count", options, COUNT_OPTIONS);
      return access.ask(options.signal, async (parts, signal) => {
        const known = await countRows({ ...parts, state, signal });
        if (known !== undefined) return known;
        let rows = 0;
        for await (const batch of scanSnapshot(access, state, { columns: [], signal }))
          rows += batch.rowCount;
        return rows;
      });
    },
  };
}
