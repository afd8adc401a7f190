/** A Delta table's columns at a version. */
import type { LogNotice } from "../delta/log-notice.ts";
import { readTableState } from "../delta/table-state.ts";
import { tableMissing } from "../delta/table-missing.ts";
import { columnHistory, type ColumnArrival } from "./column-history.ts";
import type { StructField } from "../schema/data-type.ts";
import { formatDdl } from "../schema/format-ddl.ts";
import type { TableView } from "./table-view.ts";

export interface TableSchema {
  readonly table: string;
  readonly version: number;
  /** One line of Spark DDL. */
  readonly ddl: string;
  readonly partitionColumns: readonly string[];
  /** As in Delta's schema JSON. */
  readonly fields: readonly StructField[];
  /** Which file brought which column, where it is asked for. */
  readonly history?: readonly ColumnArrival[];
}

/** At the newest version unless one is asked for. @throws LandfallError TABLE_MISSING, TABLE_VERSION_MISSING, TABLE_LOG_CORRUPT, TABLE_FEATURE_UNSUPPORTED; with the history STATE_CORRUPT, STATE_NEWER */
export async function tableSchema(
  view: Pick<TableView, "storage" | "parquet">,
  options: {
    readonly version?: number;
    readonly signal?: AbortSignal;
    readonly history?: boolean;
    readonly onNotice?: (notice: LogNotice) => void;
  } = {},
): Promise<TableSchema> {
  const { storage, parquet } = view;
  const { history = false, ...reading } = options;
  const state = await readTableState({ storage, parquet, ...reading });
  if (state === undefined) throw tableMissing(storage);
  const { signal } = reading;
  const arrivals = history ? await columnHistory(storage, signal ? { signal } : {}) : [];
  return {
    table: storage.location,
    version: state.version,
    ddl: formatDdl(state.schema),
    partitionColumns: state.partitionColumns,
    fields: state.schema.fields,
    ...(history ? { history: arrivals.filter(({ version }) => version <= state.version) } : {}),
  };
}
