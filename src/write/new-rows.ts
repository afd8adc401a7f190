/** New rows of a table in its columns: what the table is to be for them, and their files. */
import type { Action } from "../delta/actions.ts";
import { checkColumns } from "../delta/create-table.ts";
import { parseSchemaString } from "../delta/schema-json.ts";
import type { TableState } from "../delta/table-state.ts";
import { fillColumns } from "../engine/expressions/fill-columns.ts";
import { ruleSql, type RuleSql } from "../engine/expressions/rule-sql.ts";
import { duckdbType, quoteName } from "../engine/sql.ts";
import type { StructType } from "../schema/data-type.ts";
import { mapFields } from "../schema/edit-type.ts";
import { fieldsOf } from "../schema/fields-of.ts";
import { fitColumns } from "../schema/fit-columns.ts";
import type { RowRule, TableRules } from "../schema/table-rules.ts";
import { checkNameFits } from "./alter/add-columns.ts";
import { planSchemaChange } from "./alter/change-schema.ts";
import type { PlanningWith } from "./commit-write.ts";
import { checkRowsHold, rulesOf } from "./rows/check-new-rows.ts";
import { countedMetadata } from "./rows/counted-metadata.ts";
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

export interface StagedNewRows extends StagedRows {
  /** What the table's metadata is changed to: the target's changes, and how far its counted columns have come. */
  readonly changes: readonly Action[];
}

/** What one write asks of its rows beside the table's rules. */
export interface RuleOfWrite {
  /** The rows with what the rule speaks of. */
  readonly sql: string;
  readonly rule: RuleSql;
}

export interface StageNewRowsOptions {
  readonly target: TargetTable;
  readonly using: PlanningWith;
  readonly now: number;
  /** @param rows SELECT of all the table's columns. Default: nothing more than the table's rules */
  readonly mustMeet?: (rows: string) => RuleOfWrite;
}

/**
 * Fills the columns that the rows leave out, holds the rows against the table's rules, and writes them.
 *
 * @throws LandfallError CONSTRAINT_VIOLATED, EXPRESSION_UNKNOWN before a file is written; as `stageRows`
 */
export async function stageNewRows(source: RowSource, options: StageNewRowsOptions): Promise<StagedNewRows> {
  const { target, using, now, mustMeet } = options;
  const { parts, signal } = using;
  const rules = rulesOf(target);
  const { tables, sql } = filledRows(source, { target, rules, now });
  const open = { generated: rules.generated, rows: rules.rows.filter((rule) => !isHeld(rule, source)) };
  const more = mustMeet?.(sql);
  await checkRowsHold({
    parts,
    state: target,
    tables,
    sql: more?.sql ?? sql,
    rules: [...ruleSql({ rules: open, schema: target.schema }), ...(more === undefined ? [] : [more.rule])],
    signal,
  });
  const staged = await stageRows({ parts, state: target, tables, sql, now, signal });
  return { ...staged, changes: countedChanges({ source, target, rules, rows: staged.rows }) };
}

/** A SELECT of all the table's columns. */
function filledRows(
  source: RowSource,
  options: { readonly target: TargetTable; readonly rules: TableRules; readonly now: number },
): ReturnType<RowSource["select"]> {
  const { target, rules, now } = options;
  const { schema } = target;
  const { tables, sql } = source.select(schema);
  const types = new Map(schema.fields.map((field) => [field.name.toLowerCase(), field]));
  const given = source.schema.fields.filter(({ name }) => !isLeftOutByAll(source, name));
  const columns = given.map(({ name }) => {
    const to = types.get(name.toLowerCase())!;
    return `CAST(${quoteName(name)} AS ${duckdbType(to.type)}) AS ${quoteName(to.name)}`;
  });
  const leftOut = [...(source.leftOut ?? [])].filter(([, { rows }]) => rows > 0);
  const flags = leftOut.map(([, { flag }]) => quoteName(flag));
  const list = [...columns, ...flags];
  const select = `SELECT ${list.length === 0 ? "1" : list.join(", ")} FROM (\n${sql}\n)`;
  const filled = fillColumns({
    select,
    given: given.map(({ name }) => name),
    leftOut: new Map(leftOut.map(([name, { flag }]) => [name, flag])),
    schema,
    rules,
    now: new Date(now).toISOString(),
  });
  return { tables, sql: filled };
}

function isLeftOutByAll({ leftOut, rows }: RowSource, name: string): boolean {
  const found = leftOut?.get(name.toLowerCase());
  return found !== undefined && found.rows === rows;
}

/** Nulls at the top were looked for where rows are objects; a table's own scan has none where its schema says so. */
function isHeld(rule: RowRule, { schema, holdsNotNull, leftOut }: RowSource): boolean {
  if (rule.kind !== "notNull" || rule.column.length > 1 || !holdsNotNull) return false;
  const name = String(rule.column[0]).toLowerCase();
  const field = schema.fields.find((one) => one.name.toLowerCase() === name);
  return field !== undefined && !field.nullable && leftOut?.has(name) !== true;
}

function countedChanges(options: {
  readonly source: RowSource;
  readonly target: TargetTable;
  readonly rules: TableRules;
  readonly rows: number;
}): readonly Action[] {
  const { source, target, rules, rows } = options;
  const names = new Set(source.schema.fields.map(({ name }) => name.toLowerCase()));
  const metaData = countedMetadata(target, rules, ({ name }) => {
    const lower = name.toLowerCase();
    return names.has(lower) ? (source.leftOut?.get(lower)?.rows ?? 0) : rows;
  });
  if (metaData === undefined) return target.changes;
  return [...target.changes.filter((action) => !("metaData" in action)), { metaData }];
}
