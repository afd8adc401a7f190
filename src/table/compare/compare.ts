import { checkOptions, demandOptions, type OptionKinds } from "../../base/check-options.ts";
import { readSnapshot, type Snapshot } from "../../delta/snapshot.ts";
import { tableMissing } from "../../delta/table-missing.ts";
import { readTableState, type TableState } from "../../delta/table-state.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { askedVersion, type AskedVersion } from "../asked-version.ts";
import type { TableParts } from "../table-access.ts";
import { tableLocation } from "../table-location.ts";
import { compareSnapshots, type TableDifference } from "./compare-snapshots.ts";

export interface CompareOptions {
  /** What is compared with: a version of this table, or of another, its newest by default. */
  readonly from: AskedVersion & { readonly table?: string | URL | undefined };
  /** The version of this table. Default: the newest. */
  readonly to?: AskedVersion | undefined;
  /** Columns whose values name a row: rows with the same keys and other values are one that changed. Default: it is removed, and one is added. */
  readonly keys?: readonly string[] | undefined;
  /** Rows that are given at most, of those that differ. Default: 20. */
  readonly sample?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const COMPARE_OPTIONS: OptionKinds<CompareOptions> = {
  from: "any",
  to: "any",
  keys: "texts",
  sample: "number",
  signal: "signal",
};
const VERSION_OPTIONS: OptionKinds<AskedVersion> = { version: "any", timestamp: "any" };

/** @throws LandfallError USAGE for an option that is not known, of the comparison or of a side */
export function checkCompareOptions(options: CompareOptions): void {
  checkOptions("table.compare", options, COMPARE_OPTIONS);
  demandOptions("table.compare", options, ["from"]);
  checkOptions("the `from` of table.compare", options.from, { ...VERSION_OPTIONS, table: "any" });
  checkOptions("the `to` of table.compare", options.to, VERSION_OPTIONS);
}

/** @throws LandfallError as `compareSnapshots`, `askedVersion` and `readSnapshot` */
export async function compare(
  parts: TableParts,
  options: CompareOptions & {
    readonly newest: (parts: TableParts, signal: AbortSignal) => Promise<TableState>;
    readonly signal: AbortSignal;
  },
): Promise<TableDifference> {
  const { from, to = {}, newest, signal } = options;
  const other = from.table === undefined ? undefined : localStorage({ root: tableLocation(from.table) });
  const fromParts = other === undefined ? parts : { ...parts, storage: other };
  const newestOther = async ({ storage }: TableParts): Promise<TableState> => {
    const state = await readTableState({ ...fromParts, signal });
    if (state === undefined) throw tableMissing(storage);
    return state;
  };
  const using = { parts: fromParts, newest: other === undefined ? newest : newestOther, signal };
  const before = await snapshotOf(fromParts, await askedVersion(from, using), signal);
  const after = await snapshotOf(parts, await askedVersion(to, { parts, newest, signal }), signal);
  return compareSnapshots({
    ...options,
    parts,
    from: { storage: fromParts.storage, snapshot: before },
    to: { storage: parts.storage, snapshot: after },
  });
}

async function snapshotOf(
  parts: TableParts,
  version: number | undefined,
  signal: AbortSignal,
): Promise<Snapshot> {
  const snapshot = await readSnapshot({ ...parts, ...(version === undefined ? {} : { version }), signal });
  if (snapshot === undefined) throw tableMissing(parts.storage);
  return snapshot;
}
