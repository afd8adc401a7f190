/** A fresh instance that sees tables' files and no others, with a view of each table. */
import type { Duckdb } from "./duckdb.ts";
import type { EngineOptions, WriteRowsRequest } from "./engine.ts";
import { sessionOf, withFiles } from "./instance-on-files.ts";
import type { SqlSession } from "./parquet-shape.ts";
import { quoteName } from "./sql.ts";
import { tableRelation } from "./table-relation.ts";

export interface TableViews {
  readonly tables: WriteRowsRequest["tables"];
  /** Exists, and may be written into. Default: none is. */
  readonly folder?: string;
  /** Rows keep their order through statements. Default: false. */
  readonly keepsOrder?: boolean | undefined;
}

export interface TableViewsContext {
  readonly duckdb: Duckdb;
  readonly signal: AbortSignal | undefined;
}

/**
 * @throws LandfallError QUERY_INVALID where a statement cannot be bound, or fails for a row; as a scan; what `work` throws
 */
export function withTableViews<T>(
  { tables, folder, keepsOrder }: TableViews,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
  work: (context: TableViewsContext) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  const paths = Object.values(tables).flatMap(({ files }) => files.map((file) => file.path));
  return withFiles({ ...options, paths, folder, keepsOrder }, async (duckdb) => {
    await makeViews(tables, sessionOf(duckdb, signal));
    return work({ duckdb, signal });
  });
}

async function makeViews(tables: TableViews["tables"], session: SqlSession): Promise<void> {
  for (const [name, table] of Object.entries(tables)) {
    const { select = "*" } = table;
    const relation = await tableRelation({ ...table, name }, session);
    await session.run(`CREATE TEMP VIEW ${quoteName(name)} AS SELECT ${select} FROM (${relation})`);
  }
}
