/** Changes after which rows must hold more than before: those that are there are read first. */
import type { Action } from "../../delta/actions.ts";
import { columnsToRead, filesToRead } from "../../delta/files-to-read.ts";
import { planScan } from "../../delta/plan-scan.ts";
import { parseSchemaString } from "../../delta/schema-json.ts";
import type { TableState } from "../../delta/table-state.ts";
import { ruleSql } from "../../engine/expressions/rule-sql.ts";
import { quoteName } from "../../engine/sql.ts";
import { tableRules, type TableRules } from "../../schema/table-rules.ts";
import type { PlanningWith } from "../commit-write.ts";
import { checkRowsHold, rulesOf } from "../rows/check-new-rows.ts";
import type { WritePlan } from "../write-plan.ts";
import { planSchemaChange, refuseChange } from "./change-schema.ts";
import { constraintProperty } from "./constraint-name.ts";

/**
 * A CHECK constraint, which the rows that are there meet (PROTOCOL.md, "CHECK Constraints").
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT for a name that is taken; CONSTRAINT_VIOLATED naming a row that breaks it; EXPRESSION_UNKNOWN
 */
export async function planAddConstraint(
  state: TableState,
  options: { readonly name: string; readonly sql: string; readonly using: PlanningWith },
): Promise<WritePlan> {
  const { name, sql, using } = options;
  const property = constraintProperty(name);
  const { configuration } = state.metadata;
  const taken = Object.keys(configuration).find((key) => key.toLowerCase() === property);
  if (taken !== undefined)
    refuseChange(
      `The table has a constraint ${name} already: ${configuration[taken]!}.`,
      "Choose another name, or drop that one first.",
    );
  const plan = planSchemaChange(state, {
    schema: state.schema,
    configuration: { ...configuration, [property]: sql },
    features: ["checkConstraints"],
    operation: "ADD CONSTRAINT",
    operationParameters: { name, expr: sql },
  });
  return planHeld(state, { plan, using });
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT where there is none of the name */
export function planDropConstraint(state: TableState, name: string): WritePlan {
  const property = constraintProperty(name);
  const { configuration } = state.metadata;
  const found = Object.keys(configuration).find((key) => key.toLowerCase() === property);
  if (found === undefined) {
    const names = tableRules({ schema: state.schema, configuration }).rows.flatMap((rule) =>
      rule.kind === "constraint" ? [rule.name] : [],
    );
    refuseChange(
      `The table has no constraint ${name}.`,
      names.length === 0 ? "It has none at all." : `It has ${names.join(", ")}.`,
    );
  }
  const { [found]: expr, ...rest } = configuration;
  return planSchemaChange(state, {
    schema: state.schema,
    configuration: rest,
    operation: "DROP CONSTRAINT",
    operationParameters: { name, expr: expr!, existed: true },
  });
}

/**
 * The plan of a change of the metadata, where the rows that are there hold the rules that it adds. Whoever adds rows meanwhile comes before it:
 * the plan rests on all rows.
 *
 * @throws LandfallError CONSTRAINT_VIOLATED naming a row that breaks a new rule; EXPRESSION_UNKNOWN
 */
export async function planHeld(
  state: TableState,
  { plan, using }: { readonly plan: WritePlan; readonly using: PlanningWith },
): Promise<WritePlan> {
  const rows = addedRules(state, plan.actions);
  if (rows.length === 0) return plan;
  const { parts, signal } = using;
  const { storage, parquet, engine, onNotice, allowOutside } = parts;
  const { schema } = state;
  const rules = ruleSql({ rules: { rows, generated: [] }, schema });
  const { files: adds } = await planScan({ storage, parquet, state, onNotice, signal });
  const columns = columnsToRead(state);
  const files = await filesToRead({ storage, columns, adds, allowOutside, signal });
  const named = schema.fields.map(({ name }) => quoteName(name)).join(", ");
  await checkRowsHold({
    parts: { storage, engine },
    state,
    tables: { t: { ...columns, files } },
    sql: `SELECT ${named} FROM t`,
    rules,
    signal,
  });
  return { ...plan, reads: { rows: "all", files: [] } };
}

function addedRules(state: TableState, actions: readonly Action[]): TableRules["rows"] {
  const metadata = actions.find((action) => "metaData" in action)?.metaData;
  if (metadata === undefined) return [];
  const before = new Set(rulesOf(state).rows.map((rule) => JSON.stringify(rule)));
  const after = rulesOf({ metadata, schema: parseSchemaString(metadata.schemaString) });
  return after.rows.filter((rule) => !before.has(JSON.stringify(rule)));
}
