import { refuseChange } from "./change-schema.ts";

const POLICIES = new Set(["classic", "v2"]);
/** What the table's writers keep themselves. */
const KEPT = /^delta\.(?:columnMapping\.maxColumnId|inCommitTimestampEnablement|rowTracking\.materialized)/;

/**
 * Of a table that only supports row tracking new rows get ids, and commits that move rows say that they do not keep them; one that has it on promises
 * that.
 *
 * @param value null: the property is taken away
 * @throws LandfallError TABLE_SCHEMA_CONFLICT for a property that no table is given here, whatever it is like
 */
export function refuseProperty(name: string, value: string | null): void {
  if (KEPT.test(name)) refuseChange(`The property ${name} is kept by writers themselves.`, "Leave it out.");
  if (name === "delta.enableRowTracking" && value?.toLowerCase() === "true")
    refuseChange(
      "Row tracking cannot be turned on here: all rows would need ids, and keep them wherever they go.",
      "Turn it on with Spark or Databricks; or set delta.feature.rowTracking to supported, with which new rows get ids.",
    );
  if (name === "delta.checkpointPolicy" && value !== null && !POLICIES.has(value))
    refuseChange(`There is no checkpoint policy ${JSON.stringify(value)}.`, "Say classic or v2.");
}
