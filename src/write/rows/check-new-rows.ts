/** Rows that are about to stand in a table, held against its rules before a file is written. */
import type { TableState } from "../../delta/table-state.ts";
import type { WriteRowsRequest } from "../../engine/engine.ts";
import { constraintViolated } from "../../engine/expressions/check-rules.ts";
import { ruleSql, type RuleSql } from "../../engine/expressions/rule-sql.ts";
import { tableRules, type TableRules } from "../../schema/table-rules.ts";
import type { TableParts } from "../../table/table-access.ts";

export interface CheckNewRowsOptions {
  readonly parts: Pick<TableParts, "storage" | "engine">;
  /** The table as it is once the rows stand in it. */
  readonly state: Pick<TableState, "schema">;
  /** Relations that the SELECT may name. */
  readonly tables: WriteRowsRequest["tables"];
  /** One SELECT of the table's columns by their names and of their types, which has the same rows each time. */
  readonly sql: string;
  /** Those that are not known to hold. */
  readonly rules: Pick<TableRules, "rows" | "generated">;
  readonly signal: AbortSignal;
}

/**
 * The rows are read where there is a rule.
 *
 * @throws LandfallError CONSTRAINT_VIOLATED naming the rule and the row's values; EXPRESSION_UNKNOWN naming the rule and the piece of it that is
 * not known; as `Engine.findBrokenRow`
 */
export async function checkNewRows(options: CheckNewRowsOptions): Promise<void> {
  await checkRowsHold({
    ...options,
    rules: ruleSql({ rules: options.rules, schema: options.state.schema }),
  });
}

/** The same for rules that are SQL already. */
export async function checkRowsHold(
  options: Omit<CheckNewRowsOptions, "rules"> & { readonly rules: readonly RuleSql[] },
): Promise<void> {
  const { parts, state, tables, sql, rules, signal } = options;
  if (rules.length === 0) return;
  const broken = await parts.engine.findBrokenRow({ tables, sql, schema: state.schema, rules }, { signal });
  if (broken !== undefined) throw constraintViolated(broken, parts.storage.location);
}

/** @throws LandfallError as `tableRules` */
export function rulesOf(table: Pick<TableState, "schema" | "metadata">): TableRules {
  return tableRules({ schema: table.schema, configuration: table.metadata.configuration });
}

/** The columns that a table fills where rows leave them out. */
export function filledColumns({ generated, defaults, identities }: TableRules): string[] {
  return [...generated, ...defaults, ...identities].map(({ name }) => name);
}
