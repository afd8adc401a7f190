/** Rows of a SELECT become data files of a table, on a fresh instance that sees the tables' files and the folder to write into, and no more. */
import { physicalNameOf, physicalSchema } from "../schema/physical-column.ts";
import type { EngineOptions, WriteRowsRequest, WrittenRows } from "./engine.ts";
import { fieldIds, physicalColumns } from "./physical-columns.ts";
import { quoteName } from "./sql.ts";
import { withTableRelations, type TableViewsContext } from "./with-table-views.ts";
import { writeParquet } from "./write-parquet.ts";

/** See `Engine.writeRows`. */
export function writeSelected(
  request: WriteRowsRequest,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
): Promise<WrittenRows> {
  return withTableRelations({ ...request, keepsOrder: request.inOrder }, options, (context, relations) =>
    writeDataFiles({ ...request, sql: withTables(relations, request.sql) }, context),
  );
}

function withTables(relations: ReadonlyMap<string, string>, sql: string): string {
  const tables = [...relations].map(
    ([name, relation]) => `${quoteName(name)} AS NOT MATERIALIZED (${relation})`,
  );
  return tables.length === 0 ? sql : `WITH ${tables.join(", ")} SELECT * FROM (\n${sql}\n)`;
}

/** On an instance that has the relations which the SELECT names. */
export async function writeDataFiles(
  request: Omit<WriteRowsRequest, "tables">,
  context: TableViewsContext,
): Promise<WrittenRows> {
  const { sql, schema, partitionColumns, columnMapping = "none", folder, targetFileBytes, inOrder } = request;
  const inFiles = schema.fields.filter(({ name }) => !partitionColumns.includes(name));
  const files = await writeParquet({
    ...context,
    select: `SELECT ${physicalColumns(schema, columnMapping)} FROM (\n${sql}\n)`,
    schema: physicalSchema(schema, columnMapping),
    partitionBy: partitionColumns.map((name) => {
      const field = schema.fields.find((one) => one.name === name);
      return field === undefined ? name : physicalNameOf(field, columnMapping);
    }),
    folder,
    maxPartitions: Infinity,
    targetFileBytes,
    inOrder,
    fieldIds: fieldIds(inFiles, columnMapping),
  });
  return { files, rows: files.reduce((sum, file) => sum + file.rows, 0) };
}
