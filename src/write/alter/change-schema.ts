/** What changes of a table's columns share: the metadata with a new schema, and the protocol that it asks for. Pure. */
import { LandfallError } from "../../base/landfall-error.ts";
import { randomUUID } from "node:crypto";
import type { Action, Metadata } from "../../delta/actions.ts";
import { columnMappingOf } from "../../delta/column-mapping.ts";
import { NOTHING_READ } from "../../delta/conflicts/read-set.ts";
import { serializeSchema } from "../../delta/schema-json.ts";
import { featuresOfSchema, withFeatures } from "../../delta/table-features.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { StructField, StructType } from "../../schema/data-type.ts";
import { mapFields } from "../../schema/edit-type.ts";
import { fieldsOf } from "../../schema/fields-of.ts";
import { COLUMN_ID, columnIdOf, MAX_COLUMN_ID, PHYSICAL_NAME } from "../../schema/physical-column.ts";
import type { WritePlan } from "../write-plan.ts";

export interface SchemaChange {
  readonly schema: StructType;
  /** Default: as they are. */
  readonly partitionColumns?: readonly string[];
  /** Table properties beside it. Default: as they are. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** Features that it asks for beside those of its types. */
  readonly features?: readonly string[];
  readonly operation: string;
  readonly operationParameters: WritePlan["operationParameters"];
}

/** New fields of a table with column mapping get their ids and physical names here. */
export function planSchemaChange(state: TableState, change: SchemaChange): WritePlan {
  const { protocol, metadata } = state;
  const { operation, operationParameters, partitionColumns = metadata.partitionColumns } = change;
  const configuration = change.configuration ?? metadata.configuration;
  const mapped =
    columnMappingOf(state) === "none"
      ? { schema: change.schema, configuration }
      : withColumnIds(change.schema, { configuration, physicalName: () => `col-${randomUUID()}` });
  const raised = withFeatures(protocol, [...featuresOfSchema(change.schema), ...(change.features ?? [])]);
  const next: Metadata = {
    ...metadata,
    schemaString: serializeSchema(mapped.schema),
    partitionColumns,
    configuration: mapped.configuration,
  };
  const actions: Action[] = [...(raised === protocol ? [] : [{ protocol: raised }]), { metaData: next }];
  return {
    actions,
    reads: NOTHING_READ,
    operation,
    operationParameters,
    operationMetrics: {},
    written: [],
  };
}

/**
 * Gives an id and a physical name to each field that has none, and keeps the highest id as a property (PROTOCOL.md, "Column Mapping").
 *
 * @param options.physicalName of a field that has none
 */
export function withColumnIds(
  schema: StructType,
  options: {
    readonly configuration: Readonly<Record<string, string>>;
    readonly physicalName: (field: StructField) => string;
  },
): { readonly schema: StructType; readonly configuration: Readonly<Record<string, string>> } {
  const { configuration, physicalName } = options;
  let highest = Number(configuration[MAX_COLUMN_ID] ?? 0);
  for (const { field } of fieldsOf(schema)) highest = Math.max(highest, columnIdOf(field) ?? 0);
  const named = mapFields(schema, (field) => {
    if (columnIdOf(field) !== undefined && typeof field.metadata[PHYSICAL_NAME] === "string") return field;
    return {
      ...field,
      metadata: { ...field.metadata, [COLUMN_ID]: ++highest, [PHYSICAL_NAME]: physicalName(field) },
    };
  });
  return { schema: named, configuration: { ...configuration, [MAX_COLUMN_ID]: String(highest) } };
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT */
export function refuseChange(message: string, hint: string): never {
  throw new LandfallError("TABLE_SCHEMA_CONFLICT", { message, hint });
}

/** @throws LandfallError TABLE_SCHEMA_CONFLICT, with the columns that there are */
export function noColumn(state: TableState, path: readonly string[]): never {
  refuseChange(
    `The table has no column ${path.join(".")}.`,
    `Its columns are ${state.schema.fields.map(({ name }) => name).join(", ")}.`,
  );
}
