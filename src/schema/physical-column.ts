/** How a table's columns are called in its files, partition values and statistics (PROTOCOL.md, "Column Mapping"). */
import type { DataType, StructField, StructType } from "./data-type.ts";

/** `none`: by their names. `name`: by physical names in the schema. `id`: by the field ids of Parquet. */
export type ColumnMapping = "none" | "name" | "id";

export const PHYSICAL_NAME = "delta.columnMapping.physicalName";
export const COLUMN_ID = "delta.columnMapping.id";
/** Of the table's properties: the highest id that a column of it ever had. */
export const MAX_COLUMN_ID = "delta.columnMapping.maxColumnId";

/** The field's name in files, partition values and statistics. */
export function physicalNameOf({ name, metadata }: StructField, mapping: ColumnMapping): string {
  const physical = mapping === "none" ? undefined : metadata[PHYSICAL_NAME];
  return typeof physical === "string" ? physical : name;
}

/** The field's id in Parquet; undefined where the schema has none. */
export function columnIdOf({ metadata }: StructField): number | undefined {
  const id = metadata[COLUMN_ID];
  return typeof id === "number" ? id : undefined;
}

/** The schema by the names that files use, those of fields in structs, too. */
export function physicalSchema(schema: StructType, mapping: ColumnMapping): StructType {
  return mapping === "none" ? schema : (physicalType(schema, mapping) as StructType);
}

function physicalType(type: DataType, mapping: ColumnMapping): DataType {
  if (typeof type === "string") return type;
  if (type.type === "array") return { ...type, elementType: physicalType(type.elementType, mapping) };
  if (type.type === "map")
    return {
      ...type,
      keyType: physicalType(type.keyType, mapping),
      valueType: physicalType(type.valueType, mapping),
    };
  const fields = type.fields.map((field) => ({
    ...field,
    name: physicalNameOf(field, mapping),
    type: physicalType(field.type, mapping),
  }));
  return { type: "struct", fields };
}
