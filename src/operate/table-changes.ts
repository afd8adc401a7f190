/** What versions did to a table's rows, for a person to look at. */
import { planChanges } from "../delta/changes/plan-changes.ts";
import { readTableState } from "../delta/table-state.ts";
import { tableMissing } from "../delta/table-missing.ts";
import type { QueryResult } from "../engine/engine.ts";
import { changedFiles, tableOfChanges, type ChangedFiles } from "../table/changed-files.ts";
import type { TableParts } from "../table/table-access.ts";

export interface TableChangesResult extends QueryResult {
  readonly table: string;
  /** The first version whose changes are given, and the last; `from - 1` where the range begins with the version that comes next. */
  readonly from: number;
  readonly to: number;
}

/**
 * The first rows of a range's changes, version after version: the table's columns, `_change_type`, `_commit_version` and
 * `_commit_timestamp`, as Spark's `table_changes` gives them.
 *
 * @throws LandfallError TABLE_MISSING, QUERY_INVALID for a condition that may not be; as `planChanges`, `changedFiles` and `Engine.query`
 */
export async function tableChanges(
  parts: TableParts,
  options: {
    /** A version, or a time: the first version that is not older. */
    readonly from: number | Date;
    /** A version, or a time: the last version that is not younger. Undefined: the newest. */
    readonly to: number | Date | undefined;
    /** Versions at which the feed was off are told by their files. */
    readonly withoutFeed: boolean;
    /** Rows of changes for which it is true. Undefined: all. */
    readonly where: string | undefined;
    /** Rows at most. */
    readonly limit: number;
    readonly signal: AbortSignal;
  },
): Promise<TableChangesResult> {
  const { storage, parquet, engine, onNotice } = parts;
  const { from, to, withoutFeed, where, limit, signal } = options;
  const newest = await readTableState({ storage, parquet, onNotice, signal });
  if (newest === undefined) throw tableMissing(storage);
  const plan = await planChanges({ ...parts, newest, from, to, withoutFeed, signal });
  const asked = async (together: ChangedFiles, most: number): Promise<QueryResult> => {
    const sql = `SELECT * FROM t${where === undefined ? "" : ` WHERE (\n${where}\n)`}`;
    // Of several versions' rows the first are those of the first version, whatever the engine reads first.
    const ordered = together.inOrder ? `${sql} ORDER BY _commit_version` : sql;
    const tables = [tableOfChanges(plan.state, together)];
    return engine.query({ sql: `${ordered} LIMIT ${most + 1}`, limit: most, tables }, { signal });
  };
  const rows: (readonly unknown[])[] = [];
  let truncated = false;
  for await (const together of changedFiles({ plan, where, parts, signal })) {
    const more = await asked(together, limit - rows.length);
    rows.push(...more.rows);
    truncated = more.truncated;
    if (truncated) break;
  }
  const { columns } = await asked({ files: [], inOrder: false }, 0);
  return { table: storage.location, from: plan.from, to: plan.to, columns, rows, truncated };
}
