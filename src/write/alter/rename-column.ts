import { columnMappingOf } from "../../delta/column-mapping.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { StructField, StructType } from "../../schema/data-type.ts";
import { editField, editType } from "../../schema/edit-type.ts";
import type { WritePlan } from "../write-plan.ts";
import { noColumn, planSchemaChange, refuseChange } from "./change-schema.ts";
import { checkUnmentioned } from "./check-unmentioned.ts";

/**
 * Another name for a column; its files stay as they are.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT without column mapping, for a name that is taken, and for a column that a rule speaks of
 */
export function planRenameColumn(
  state: TableState,
  { path, name }: { readonly path: readonly string[]; readonly name: string },
): WritePlan | undefined {
  checkMappedTable(state, "rename");
  const parent = path.slice(0, -1);
  let from: StructField | undefined;
  const renamed = editField(state.schema, path, (field) => {
    from = field;
    return { ...field, name };
  });
  if (renamed === undefined || from === undefined) noColumn(state, path);
  if (from.name === name) return undefined;
  checkUnmentioned(state, from.name);
  checkOnce(renamed, parent, name);
  const old = from.name;
  return planSchemaChange(state, {
    schema: renamed,
    partitionColumns: state.partitionColumns.map((column) =>
      parent.length === 0 && column === old ? name : column,
    ),
    operation: "RENAME COLUMN",
    operationParameters: { oldColumnPath: path.join("."), newColumnPath: [...parent, name].join(".") },
  });
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT */
export function checkMappedTable(state: TableState, verb: "rename" | "drop"): void {
  if (columnMappingOf(state) !== "none") return;
  refuseChange(
    `To ${verb} a column the table needs column mapping: without it, files know their columns by these names.`,
    "Turn it on first: setProperties with delta.columnMapping.mode: name. Old readers cannot read the table any more then.",
  );
}

function checkOnce(schema: StructType, parent: readonly string[], name: string): void {
  editType(schema, parent, (type) => {
    if (typeof type === "string" || type.type !== "struct") return type;
    const taken = type.fields.filter((field) => field.name.toLowerCase() === name.toLowerCase());
    if (taken.length > 1)
      refuseChange(`The table has a column ${[...parent, name].join(".")} already.`, "Choose another name.");
    return type;
  });
}
