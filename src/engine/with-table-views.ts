/** A fresh instance that sees tables' files and no others, and the tables as relations of it. */
import type { Duckdb } from "./duckdb.ts";
import type { EngineOptions, WriteRowsRequest } from "./engine.ts";
import { sessionOf, withFiles } from "./instance-on-files.ts";
import { quoteName } from "./sql.ts";
import { selectedRelation } from "./table-relation.ts";

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
  tables: TableViews,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
  work: (context: TableViewsContext) => Promise<T>,
): Promise<T> {
  return withTableRelations(tables, options, async (context, relations) => {
    const session = sessionOf(context.duckdb, context.signal);
    for (const [name, relation] of relations)
      await session.run(`CREATE TEMP VIEW ${quoteName(name)} AS ${relation}`);
    return work(context);
  });
}

/** The same for one statement, of which the tables are a part: a view is bound twice, which of thousands of files takes longer than to read some. */
export function withTableRelations<T>(
  { tables, folder, keepsOrder }: TableViews,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
  work: (context: TableViewsContext, relations: ReadonlyMap<string, string>) => Promise<T>,
): Promise<T> {
  const { signal } = options;
  const paths = Object.values(tables).flatMap(({ files }) => files.map((file) => file.path));
  return withFiles({ ...options, paths, folder, keepsOrder }, async (duckdb) => {
    const session = sessionOf(duckdb, signal);
    const relations = new Map<string, string>();
    for (const [name, table] of Object.entries(tables))
      relations.set(name, await selectedRelation({ ...table, name }, session));
    return work({ duckdb, signal }, relations);
  });
}
