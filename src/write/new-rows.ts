/** New rows of a table in its columns: what the table is to be for them, and their files. */
import { LandfallError } from "../base/landfall-error.ts";
import type { Action } from "../delta/actions.ts";
import { checkColumns } from "../delta/create-table.ts";
import { parseSchemaString } from "../delta/schema-json.ts";
import type { TableState } from "../delta/table-state.ts";
import { duckdbType, quoteName } from "../engine/sql.ts";
import type { DataType, StructType } from "../schema/data-type.ts";
import { mapFields } from "../schema/edit-type.ts";
import { fieldsOf } from "../schema/fields-of.ts";
import { fitColumns } from "../schema/fit-columns.ts";
import { checkNameFits } from "./alter/add-columns.ts";
import { planSchemaChange } from "./alter/change-schema.ts";
import type { PlanningWith } from "./commit-write.ts";
import type { RowSource } from "./source/row-source.ts";
import { stageRows, type StagedRows } from "./stage-rows.ts";

/** The table as it is once new rows stand in it. */
export interface TargetTable extends Pick<
  TableState,
  "protocol" | "metadata" | "schema" | "partitionColumns"
> {
  /** `metaData`, and `protocol` where it is raised; none where the columns are as they were. */
  readonly changes: readonly Action[];
}

export interface TargetOptions {
  readonly mergeSchema?: boolean | undefined;
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT where the rows do not fit, TABLE_FEATURE_UNSUPPORTED */
export function targetOf(state: TableState, rows: StructType, options: TargetOptions = {}): TargetTable {
  const { schema, isWider } = fitColumns({ rows, table: state.schema, ...options });
  return isWider
    ? changedTarget(state, { schema, partitionColumns: state.partitionColumns })
    : { ...state, changes: [] };
}

/**
 * The table with other columns: same id, same properties. New columns get ids where the table has column mapping, and the protocol is raised
 * where a type asks for it.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT for names that clash or that files cannot have
 */
export function changedTarget(
  state: TableState,
  shape: Pick<TableState, "schema" | "partitionColumns">,
): TargetTable {
  checkColumns(shape);
  for (const { path } of fieldsOf(shape.schema)) checkNameFits(state, path);
  const { actions } = planSchemaChange(state, { ...shape, operation: "WRITE", operationParameters: {} });
  const metadata = actions.find((action) => "metaData" in action)!.metaData;
  const protocol = actions.find((action) => "protocol" in action)?.protocol ?? state.protocol;
  const schema = parseSchemaString(metadata.schemaString);
  return { protocol, metadata, schema, partitionColumns: shape.partitionColumns, changes: actions };
}

/** What a table of its own says of its columns, such as their ids, counts there only. */
export function withoutTableMetadata(schema: StructType): StructType {
  return mapFields(schema, (field) => {
    const { comment } = field.metadata;
    return { ...field, metadata: comment === undefined ? {} : { comment } };
  });
}

/** @throws LandfallError as `stageRows`; TABLE_SCHEMA_CONFLICT for a column that must not be null, and may be in the rows */
export function stageNewRows(
  source: RowSource,
  options: { readonly target: TargetTable; readonly using: PlanningWith; readonly now: number },
): Promise<StagedRows> {
  const { target, using, now } = options;
  const { parts, signal } = using;
  checkRequired(target.schema, source);
  const given = new Map(source.schema.fields.map((field) => [field.name.toLowerCase(), field]));
  const { tables, sql } = source.select(target.schema);
  const columns = target.schema.fields.map((field) => {
    const from = given.get(field.name.toLowerCase());
    return `${from === undefined ? `CAST(NULL AS ${duckdbType(field.type)})` : quoteName(from.name)} AS ${quoteName(field.name)}`;
  });
  return stageRows({
    parts,
    state: target,
    tables,
    sql: `SELECT ${columns.join(", ")} FROM (\n${sql}\n)`,
    now,
    signal,
  });
}

/** Nulls are looked for where rows are objects; a table's own scan has none where its schema says so. */
function checkRequired(table: StructType, { schema, holdsNotNull }: RowSource): void {
  const held = new Set(holdsNotNull ? requiredPaths(schema, []) : []);
  const open = requiredPaths(table, []).find((path) => !held.has(path));
  if (open === undefined) return;
  throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `The column ${open} of the table must not be null, and these rows may be null in it.`,
    hint: "Write the rows as objects, with a schema that says NOT NULL there, too.",
  });
}

/** In lower case: names are one whatever their case. */
function requiredPaths(type: DataType, path: readonly string[]): string[] {
  if (typeof type === "string") return [];
  const named = (...last: string[]): string => [...path, ...last].join(".").toLowerCase();
  if (type.type === "array") {
    const inner = requiredPaths(type.elementType, [...path, "element"]);
    return type.containsNull ? inner : [named("element"), ...inner];
  }
  if (type.type === "map") {
    const inner = [
      ...requiredPaths(type.keyType, [...path, "key"]),
      ...requiredPaths(type.valueType, [...path, "value"]),
    ];
    return type.valueContainsNull ? inner : [named("value"), ...inner];
  }
  return type.fields.flatMap((field) => {
    const inner = requiredPaths(field.type, [...path, field.name]);
    return field.nullable ? inner : [named(field.name), ...inner];
  });
}
