/**
 * Which rows two versions of a table, or two tables, have apart. Rows are compared by value, as multisets; files that both versions have
 * are not read.
 */
import { bytesOf } from "../../base/bytes-of.ts";
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import type { AddFile } from "../../delta/actions.ts";
import { columnsToRead, filesToRead } from "../../delta/files-to-read.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import { compareCountsSql, compareRowsSql } from "../../engine/compare-sql.ts";
import type { QueryTable } from "../../engine/engine.ts";
import { duckdbType } from "../../engine/sql.ts";
import type { StructType } from "../../schema/data-type.ts";
import { physicalNameOf } from "../../schema/physical-column.ts";
import type { Storage } from "../../storage/storage.ts";
import type { TableParts } from "../table-access.ts";

export interface ComparedSide {
  readonly storage: Storage;
  readonly snapshot: Snapshot;
}

export interface CompareSnapshotsOptions {
  readonly parts: Pick<TableParts, "engine" | "allowOutside">;
  readonly from: ComparedSide;
  readonly to: ComparedSide;
  /** Columns whose values name a row. Default: none does. */
  readonly keys?: readonly string[] | undefined;
  /** Rows that are given at most. Default: 20. */
  readonly sample?: number | undefined;
  readonly signal: AbortSignal;
}

export interface TableDifference {
  readonly from: { readonly table: string; readonly version: number };
  readonly to: { readonly table: string; readonly version: number };
  readonly rows: {
    readonly added: number;
    readonly removed: number;
    /** Rows whose keys both have, with other values in other columns; without keys 0: such are removed and added. */
    readonly changed: number;
  };
  /** Columns that are not compared: the one side alone has them, or their types differ. */
  readonly columns: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly retyped: readonly string[];
  };
  /** Some of the rows that differ. */
  readonly sample: readonly DifferingRow[];
  /** Files that were read, and those that both have, which were not. */
  readonly files: { readonly read: number; readonly shared: number };
}

export interface DifferingRow {
  readonly change: "insert" | "delete" | "update_preimage" | "update_postimage";
  /** How many rows of these values. */
  readonly count: number;
  /** JSON-compatible; 64-bit integers, decimals and times as text. */
  readonly row: Readonly<Record<string, unknown>>;
}

const SAMPLE = 20;
/** Bytes of data files whose rows one statement looks at; Parquet grows to some ten times that in memory. */
const PART_BYTES = 32 * 1024 ** 2;
const MOST_PARTS = 4096;

/**
 * @throws LandfallError USAGE for a key that is no column of both, or sides without a column in common; TABLE_DATA_CORRUPT, OBJECT_MISSING naming
 *   the file; QUERY_INVALID where a type does not compare
 */
export async function compareSnapshots(options: CompareSnapshotsOptions): Promise<TableDifference> {
  const { from, to } = options;
  const columns = comparedColumns(from.snapshot.schema, to.snapshot.schema);
  demandColumns(columns.common, options.keys ?? []);
  const shared = areReadAlike(columns.common, from, to)
    ? new Set(from.snapshot.adds.keys()).intersection(new Set(to.snapshot.adds.keys()))
    : new Set<string>();
  const [left, right] = [unshared(from, shared), unshared(to, shared)];
  const bytes = bytesOf([...left, ...right]);
  const tables = [await relation("l", left, from, options), await relation("r", right, to, options)];
  const compared = await compareInParts(Math.max(1, Math.ceil(bytes / PART_BYTES)), {
    ...options,
    tables,
    common: columns.common,
  });
  const { added, removed, retyped } = columns;
  return {
    from: { table: from.storage.location, version: from.snapshot.version },
    to: { table: to.storage.location, version: to.snapshot.version },
    ...compared,
    columns: { added, removed, retyped },
    files: { read: left.length + right.length, shared: shared.size },
  };
}

interface ComparedColumns {
  readonly common: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly retyped: readonly string[];
}

function comparedColumns(from: StructType, to: StructType): ComparedColumns {
  const types = (schema: StructType): Map<string, string> =>
    new Map(schema.fields.map(({ name, type }) => [name, duckdbType(type)]));
  const [before, after] = [types(from), types(to)];
  const inBoth = [...after.keys()].filter((name) => before.has(name));
  return {
    common: inBoth.filter((name) => before.get(name) === after.get(name)),
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    retyped: inBoth.filter((name) => before.get(name) !== after.get(name)),
  };
}

function demandColumns(common: readonly string[], keys: readonly string[]): void {
  const unknown = keys.find((key) => !common.includes(key));
  if (unknown === undefined && common.length > 0) return;
  throw new LandfallError("USAGE", {
    message:
      unknown === undefined
        ? "The two have no column in common."
        : `The key ${unknown} is no column that both have with one type.`,
    hint: common.length === 0 ? "Compare tables of the same kind." : `Both have ${common.join(", ")}.`,
  });
}

/** One file gives one set of rows to both only where its columns are found in it alike: a column may have been dropped and made again. */
function areReadAlike(common: readonly string[], from: ComparedSide, to: ComparedSide): boolean {
  if (from.storage.location !== to.storage.location) return false;
  const found = ({ snapshot }: ComparedSide): string => {
    const { columnMapping, partitionColumns, schema } = columnsToRead(snapshot);
    const fields = common.map((name) => {
      const field = schema.fields.find((one) => one.name === name)!;
      return [physicalNameOf(field, columnMapping), partitionColumns.includes(name), field.type];
    });
    return JSON.stringify([columnMapping, fields]);
  };
  return found(from) === found(to);
}

function unshared({ snapshot }: ComparedSide, shared: ReadonlySet<string>): AddFile[] {
  return [...snapshot.adds].filter(([key]) => !shared.has(key)).map(([, add]) => add);
}

async function relation(
  name: string,
  adds: readonly AddFile[],
  { storage, snapshot }: ComparedSide,
  { parts, signal }: CompareSnapshotsOptions,
): Promise<QueryTable> {
  const columns = columnsToRead(snapshot);
  const { allowOutside } = parts;
  return { name, ...columns, files: await filesToRead({ storage, columns, adds, allowOutside, signal }) };
}

type Compared = Pick<TableDifference, "rows" | "sample">;

interface PartsOptions extends CompareSnapshotsOptions {
  readonly tables: readonly QueryTable[];
  readonly common: readonly string[];
}

/** Where a part does not fit into memory after all, all is done again in smaller ones. */
async function compareInParts(count: number, options: PartsOptions): Promise<Compared> {
  try {
    return await compareParts(count, options);
  } catch (error) {
    const isTooLarge =
      isLandfallError(error, "ENGINE_OUT_OF_MEMORY") ||
      (isLandfallError(error, "QUERY_INVALID") && /out of memory/i.test(error.message));
    if (!isTooLarge || count >= MOST_PARTS) throw error;
    return compareInParts(count * 4, options);
  }
}

async function compareParts(count: number, options: PartsOptions): Promise<Compared> {
  const { parts, tables, common, keys = [], sample: wanted = SAMPLE, signal } = options;
  const { engine } = parts;
  const rows = { added: 0, removed: 0, changed: 0 };
  const sample: DifferingRow[] = [];
  for (let part = 0; part < count; part++) {
    const asked = { columns: common, keys, part, parts: count };
    const counted = await engine.query({ sql: compareCountsSql(asked), tables, limit: 1 }, { signal });
    const [added = 0, removed = 0, changed = 0] = counted.rows[0]!.map(Number);
    rows.added += added;
    rows.removed += removed;
    rows.changed += changed;
    const limit = wanted - sample.length;
    if (added + removed + changed === 0 || limit <= 0) continue;
    const found = await engine.query({ sql: compareRowsSql(asked), tables, limit }, { signal });
    for (const [change, times, ...values] of found.rows) {
      const row = Object.fromEntries(common.map((name, i) => [name, values[i]]));
      sample.push({ change: change as DifferingRow["change"], count: Number(times), row });
    }
  }
  return { rows, sample };
}
