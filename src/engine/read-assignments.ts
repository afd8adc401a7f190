/** Reads expressions that give columns their values: parsed and bound by the engine, run by nobody yet. */
import { isJsonObject } from "../base/lossless-json.ts";
import { isLandfallError, LandfallError, messageOf } from "../base/landfall-error.ts";
import type { DataType } from "../schema/data-type.ts";
import { assignSql } from "./assign-sql.ts";
import { readCondition } from "./column-batch/read-condition.ts";
import type { Duckdb } from "./duckdb.ts";
import type { AssignedValue, AssignRequest, ValueToAssign } from "./engine.ts";
import { duckdbType, nullColumns, quoteName } from "./sql.ts";
import { onlyValue, parseSql, queryOf } from "./user-sql/parse-sql.ts";
import type { TreeNode } from "./user-sql/walk-expression.ts";
import { varyingName } from "./varying-names.ts";

const READING = "read the value of a column";

/** See `Engine.readAssignments`. */
export async function readAssignments(
  duckdb: Duckdb,
  { relations, values }: AssignRequest,
): Promise<readonly AssignedValue[]> {
  const from = Object.entries(relations)
    .map(([name, schema]) => `(SELECT ${nullColumns(schema)}) ${quoteName(name)}`)
    .join(", ");
  const columns = new Set(
    Object.values(relations).flatMap(({ fields }) => fields.map(({ name }) => name.toLowerCase())),
  );
  const read: AssignedValue[] = [];
  const asTheyStand = new Set(columnTexts(relations));
  for (const value of values) {
    if (asTheyStand.has(columnText(value.sql, value.type))) {
      read.push({ sql: value.sql });
      continue;
    }
    const sql = await readCondition(duckdb, value.sql, `value for ${value.column}`);
    const found = await typeOf(duckdb, value, from, sql);
    const parsed = await parseSql(duckdb, `SELECT ${sql}`, READING);
    const tree = "error" in parsed ? undefined : onlyValue(queryOf(parsed.statements[0]));
    // The binder has a type for a bare NULL, too.
    const assigned = isNull(tree) ? nullOf(value) : assignSql({ sql, from: found, to: value.type });
    if ("fault" in assigned) throw refused(value, assigned.fault);
    const varies = tree === undefined ? undefined : await varyingName(duckdb, tree, columns);
    read.push({ sql: assigned.sql, ...(varies === undefined ? {} : { varies }) });
  }
  return read;
}

/** Columns by their quoted names are most of what a merge sets: the engine need not read them. */
function columnTexts(relations: AssignRequest["relations"]): readonly string[] {
  return Object.entries(relations).flatMap(([relation, { fields }]) =>
    fields.map(({ name, type }) => columnText(`${relation}.${quoteName(name)}`, type)),
  );
}

function columnText(sql: string, type: DataType): string {
  return `${duckdbType(type)} ${sql}`;
}

function isNull(tree: TreeNode | undefined): boolean {
  const constant = tree?.["class"] === "CONSTANT" ? tree["value"] : undefined;
  return isJsonObject(constant) && constant["is_null"] === true;
}

function nullOf({ type }: ValueToAssign): { readonly sql: string } {
  return { sql: `CAST(NULL AS ${duckdbType(type)})` };
}

/** Bound as a condition, too, where nothing may stand that is of several rows or makes several. */
async function typeOf(
  duckdb: Duckdb,
  value: ValueToAssign,
  from: string,
  sql: string,
): Promise<Awaited<ReturnType<Duckdb["described"]>>[number]["type"]> {
  try {
    await duckdb.described(`SELECT 1 FROM ${from} WHERE ${sql} IS NULL`, READING);
    const found = await duckdb.described(`SELECT ${sql} FROM ${from}`, READING);
    if (found.length === 1) return found[0]!.type;
  } catch (error) {
    if (!isLandfallError(error, "ENGINE_FAILED")) throw error;
    throw refused(
      value,
      `cannot be used: ${messageOf(error.cause)
        .split("\n", 1)[0]!
        .replace(/[.!]+$/, "")}`,
    );
  }
  throw refused(value, "is not one value");
}

function refused({ column }: ValueToAssign, fault: string): LandfallError {
  return new LandfallError("QUERY_INVALID", {
    message: `The value for ${column} ${fault}.`,
    hint: "A value is one SQL expression over the row's columns, of the column's type, such as: price * 2, or DATE '2026-01-01', or 'done'.",
  });
}
