import { nearest } from "../../base/nearest.ts";
import { refuseChange } from "./change-schema.ts";
import { PROPERTY_VALUES } from "./property-values.ts";

const VERSIONS = new Set(["delta.minReaderVersion", "delta.minWriterVersion"]);
/** Names that go on as people choose. */
const NAMED = /^delta\.(?:feature|constraints)\./;
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
  if (VERSIONS.has(name))
    refuseChange(
      `The property ${name} is no property, but a version of the table's protocol.`,
      "What needs a table feature raises it; delta.feature.NAME set to supported does so, too.",
    );
  if (value !== null) refuseValue(name, value);
}

/** Others' properties may be anything; one of Delta's that nobody reads is a slip. */
function refuseValue(name: string, value: string): void {
  const values = PROPERTY_VALUES.get(name);
  if (values !== undefined && !values.hold(value))
    refuseChange(
      `The property ${name} cannot be ${JSON.stringify(value)}: other writers would stumble over it.`,
      `It is ${values.words}.`,
    );
  if (values !== undefined || !/^delta\./i.test(name) || NAMED.test(name)) return;
  const near = nearest(name, PROPERTY_VALUES.keys());
  if (near !== undefined) refuseChange(`No writer knows the property ${name}.`, `Did you mean ${near}?`);
}
