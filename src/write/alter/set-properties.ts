import type { Metadata } from "../../delta/actions.ts";
import { columnMappingOf } from "../../delta/column-mapping.ts";
import { featureOfProperty, isOnlySupport } from "../../delta/table-features.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { WritePlan } from "../write-plan.ts";
import { refuseProperty } from "./refuse-property.ts";
import { planSchemaChange, refuseChange, withColumnIds } from "./change-schema.ts";

/** Null takes a property away. */
export type Properties = Readonly<Record<string, string | null>>;

const MODE = "delta.columnMapping.mode";

/**
 * Sets table properties, and takes away those that are null. A property that puts a table feature to use raises the protocol, and
 * `delta.feature.NAME: supported` does only that. Undefined where the table has them like that already.
 *
 * @throws LandfallError TABLE_FEATURE_UNSUPPORTED for a feature that is not known; TABLE_SCHEMA_CONFLICT for what a table cannot become
 */
export function planProperties(state: TableState, properties: Properties): WritePlan | undefined {
  const { metadata, schema } = state;
  const configuration: Record<string, string> = { ...metadata.configuration };
  const features: string[] = [];
  for (const [name, value] of Object.entries(properties)) {
    if (value === (configuration[name] ?? null)) continue;
    checkSettable(state, name, value);
    const feature = value === null ? undefined : featureOfProperty(name, value);
    if (feature !== undefined) features.push(feature);
    if (isOnlySupport(name)) continue;
    if (value === null) delete configuration[name];
    else configuration[name] = value;
  }
  const plan = planSchemaChange(state, {
    ...(becomesMapped(state, configuration)
      ? withColumnIds(schema, { configuration, physicalName: ({ name }) => name })
      : { schema, configuration }),
    features,
    operation: Object.values(properties).every((value) => value === null)
      ? "UNSET TBLPROPERTIES"
      : "SET TBLPROPERTIES",
    operationParameters: { properties: JSON.stringify(properties) },
  });
  const isSame = (next: Metadata): boolean =>
    JSON.stringify(next.configuration) === JSON.stringify(metadata.configuration);
  return plan.actions.every((action) => "metaData" in action && isSame(action.metaData)) ? undefined : plan;
}

/** Files that are there know their columns by these names, which become their physical ones. */
function becomesMapped(state: TableState, configuration: Readonly<Record<string, string>>): boolean {
  return columnMappingOf(state) === "none" && (configuration[MODE] ?? "none").toLowerCase() !== "none";
}

function checkSettable(state: TableState, name: string, value: string | null): void {
  refuseProperty(name, value);
  if (name.startsWith("delta.constraints."))
    refuseChange(
      `The property ${name} is a constraint, which the rows that are there must meet.`,
      "Add it with addConstraint, or take it away with dropConstraint.",
    );
  if (name === MODE) checkMode(state, value);
}

/** Names can be mapped later; ids only from the first file on, and never back (PROTOCOL.md, "Column Mapping"). */
function checkMode(state: TableState, value: string | null): void {
  const from = columnMappingOf(state);
  const to = (value ?? "none").toLowerCase();
  if (from === to || (from === "none" && to === "name")) return;
  refuseChange(
    `delta.columnMapping.mode cannot go from ${from} to ${to}.`,
    "It can go from none to name; any other change needs the table written anew.",
  );
}
