import { isJsonObject, parseJson } from "../../base/lossless-json.ts";
import { prunedTable } from "../../delta/plan-scan.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { StructType } from "../../schema/data-type.ts";
import { editField } from "../../schema/edit-type.ts";
import { fieldsOf } from "../../schema/fields-of.ts";
import { findTableColumn } from "../../schema/find-table-column.ts";
import type { WritePlan } from "../write-plan.ts";
import { noColumn, planSchemaChange, refuseChange } from "./change-schema.ts";
import { checkUnmentioned } from "./check-unmentioned.ts";
import { checkMappedTable } from "./rename-column.ts";

/**
 * Takes columns away; their values stay in the files, and in earlier versions, until those are rewritten and vacuumed.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT without column mapping, for a partition or clustering column, for the last of a struct, and
 * for a column that a rule speaks of
 */
export function planDropColumns(
  state: TableState,
  { paths }: { readonly paths: readonly (readonly string[])[] },
): WritePlan | undefined {
  if (paths.length === 0) return undefined;
  checkMappedTable(state, "drop");
  let schema: StructType = state.schema;
  for (const path of paths) {
    const [top] = path;
    if (path.length === 1 && state.partitionColumns.some((name) => name.toLowerCase() === top!.toLowerCase()))
      refuseChange(
        `${path.join(".")} is a partition column.`,
        "Only a new table can be without it: overwrite it with overwriteSchema.",
      );
    checkClustering(state, path);
    checkUnmentioned(state, path.at(-1)!);
    schema = editField(schema, path, () => undefined) ?? noColumn(state, path);
  }
  for (const { field, path } of fieldsOf(schema))
    if (typeof field.type !== "string" && field.type.type === "struct" && field.type.fields.length === 0)
      refuseChange(`Nothing would be left in ${path.join(".")}.`, "Drop the struct itself.");
  if (schema.fields.length === state.partitionColumns.length)
    refuseChange("No column would be left for the files.", "Keep one, or drop the table.");
  return planSchemaChange(state, {
    schema,
    operation: "DROP COLUMNS",
    operationParameters: { columns: JSON.stringify(paths.map((path) => path.join("."))) },
  });
}

/** The domain holds physical names, each as a text or as a path (PROTOCOL.md, "Clustered Table"). */
function checkClustering(state: TableState, path: readonly string[]): void {
  const domain = state.domainMetadata.get("delta.clustering");
  if (domain === undefined) return;
  const physical = findTableColumn(prunedTable(state), path)?.physicalPath ?? path;
  const value = parseJson(domain.configuration);
  const columns = isJsonObject(value) ? value["clusteringColumns"] : undefined;
  for (const column of Array.isArray(columns) ? columns : []) {
    const names = (Array.isArray(column) ? column : [column]).map(String);
    if (physical.every((name, i) => names[i] === name))
      refuseChange(
        `The table is clustered by ${path.join(".")}.`,
        "Change its clustering first, with the program that clusters it (ALTER TABLE … CLUSTER BY).",
      );
  }
}
