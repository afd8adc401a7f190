import { columnMappingOf } from "../../delta/column-mapping.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { StructField, StructType } from "../../schema/data-type.ts";
import { editType } from "../../schema/edit-type.ts";
import { fieldsOf } from "../../schema/fields-of.ts";
import { formatDdlType } from "../../schema/format-ddl.ts";
import type { WritePlan } from "../write-plan.ts";
import { noColumn, planSchemaChange, refuseChange } from "./change-schema.ts";

/** What Spark refuses in the names of columns of Parquet files; with column mapping names are free. */
const UNFIT = /[ ,;{}()\n\t=]/;

/**
 * Columns at the end of the table, or of one of its structs. Rows that are there have null in them.
 *
 * @param options.into path of the struct. Default: the table itself
 * @throws LandfallError TABLE_SCHEMA_CONFLICT for a name that is there already, whatever its case, one that files cannot have, or a
 * column that may not be null
 */
export function planAddColumns(
  state: TableState,
  options: { readonly columns: StructType; readonly into?: readonly string[] | undefined },
): WritePlan | undefined {
  const { columns, into = [] } = options;
  if (columns.fields.length === 0) return undefined;
  for (const { field, path } of fieldsOf(columns)) checkNew(state, field, [...into, ...path]);
  const appended = (to: StructType): StructType => {
    for (const { name } of columns.fields) checkFree(to, name, into);
    return { ...to, fields: [...to.fields, ...columns.fields] };
  };
  const schema = within(state, into, appended);
  return planSchemaChange(state, {
    schema,
    operation: "ADD COLUMNS",
    operationParameters: {
      columns: JSON.stringify(
        columns.fields.map((field) => ({ column: { name: field.name, type: formatDdlType(field.type) } })),
      ),
    },
  });
}

function checkNew(state: TableState, field: StructField, path: readonly string[]): void {
  if (!field.nullable)
    refuseChange(
      `The new column ${path.join(".")} may not be NOT NULL: the rows that are there have no value for it.`,
      "Add it without NOT NULL.",
    );
  checkNameFits(state, path);
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT for a name that files cannot have */
export function checkNameFits(table: Parameters<typeof columnMappingOf>[0], path: readonly string[]): void {
  if (columnMappingOf(table) === "none" && UNFIT.test(path.at(-1)!))
    refuseChange(
      `The name of the new column ${path.join(".")} holds a character that columns of files may not have (one of space , ; { } ( ) = tab and newline).`,
      "Rename it, or turn column mapping on first: setProperties with delta.columnMapping.mode: name.",
    );
}

function checkFree(to: StructType, name: string, into: readonly string[]): void {
  const other = to.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
  if (other !== undefined)
    refuseChange(
      `The table has a column ${[...into, other.name].join(".")} already.`,
      "Choose another name.",
    );
}

function within(
  state: TableState,
  into: readonly string[],
  appended: (to: StructType) => StructType,
): StructType {
  const schema = editType(state.schema, into, (type) => {
    if (typeof type !== "string" && type.type === "struct") return appended(type);
    return refuseChange(
      `${into.join(".")} is no struct, so it can have no columns.`,
      "Name a struct; the elements of an array are its `element`.",
    );
  });
  return (schema as StructType | undefined) ?? noColumn(state, into);
}
