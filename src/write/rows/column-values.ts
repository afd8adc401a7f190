/** The columns of a row that gets other values: as a select list over the row as it was. */
import { LandfallError } from "../../base/landfall-error.ts";
import { nearest } from "../../base/nearest.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { AssignRequest } from "../../engine/engine.ts";
import { quoteName } from "../../engine/sql.ts";
import type { StructField } from "../../schema/data-type.ts";
import type { TableParts } from "../../table/table-access.ts";

export interface ColumnValues {
  /** Of the table's columns in their order, under their names. */
  readonly list: string;
  /** The same of those that are set, by name. */
  readonly byColumn: ReadonlyMap<string, string>;
  /** The first value that may be another when it is computed again. */
  readonly varies: { readonly column: string; readonly name: string } | undefined;
}

export interface ColumnValuesOptions {
  readonly parts: Pick<TableParts, "engine">;
  readonly state: Pick<TableState, "schema">;
  /** By column, a person's expression over the relations. */
  readonly set: Readonly<Record<string, string>>;
  readonly relations: AssignRequest["relations"];
  readonly signal: AbortSignal;
}

/** @throws LandfallError QUERY_INVALID for a column that is not there, or a value that may not be */
export async function columnValues(options: ColumnValuesOptions): Promise<ColumnValues> {
  const { parts, state, set, relations, signal } = options;
  const { fields } = state.schema;
  const values = Object.entries(set).map(([column, sql]) => ({ field: fieldOf(fields, column), sql }));
  const twice = values.find(({ field }, i) => values.findIndex((one) => one.field === field) < i);
  if (twice !== undefined)
    throw new LandfallError("QUERY_INVALID", { message: `The column ${twice.field.name} is set twice.` });
  const assigned = values.map(({ field: { name, type }, sql }) => ({ column: name, type, sql }));
  const read = await parts.engine.readAssignments({ relations, values: assigned }, { signal });
  const byColumn = new Map(values.map(({ field }, i) => [field.name, read[i]!.sql]));
  const list = fields
    .map((field) => `${byColumn.get(field.name) ?? `t.${quoteName(field.name)}`} AS ${quoteName(field.name)}`)
    .join(", ");
  const at = read.findIndex(({ varies }) => varies !== undefined);
  const varies = at < 0 ? undefined : { column: values[at]!.field.name, name: read[at]!.varies! };
  return { list, byColumn, varies };
}

function fieldOf(fields: readonly StructField[], column: string): StructField {
  const alike = fields.filter(({ name }) => name.toLowerCase() === column.toLowerCase());
  const field = alike.find(({ name }) => name === column) ?? (alike.length === 1 ? alike[0] : undefined);
  if (field === undefined) {
    const near = nearest(
      column,
      fields.map(({ name }) => name),
    );
    throw new LandfallError("QUERY_INVALID", {
      message: `The table has no column ${column}.`,
      hint:
        near === undefined
          ? `It has: ${fields.map(({ name }) => name).join(", ")}.`
          : `Did you mean ${near}?`,
    });
  }
  return field;
}
