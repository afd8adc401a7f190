/** Changing one place of a schema, at any depth; all else stays the same. Pure. */
import type { DataType, StructField, StructType } from "./data-type.ts";

/**
 * The type with the part at a path changed. Undefined where nothing is there, and where `edit` says so. A path names fields, whatever their
 * case as in Spark, and leads through arrays by `element` and through maps by `key` and `value`.
 */
export function editType(
  type: DataType,
  path: readonly string[],
  edit: (type: DataType) => DataType | undefined,
): DataType | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return edit(type);
  if (typeof type === "string") return undefined;
  const inner = (of: DataType): DataType | undefined => editType(of, rest, edit);
  if (type.type === "struct") {
    const index = indexOf(type, name);
    const field = type.fields[index];
    const changed = field === undefined ? undefined : inner(field.type);
    return changed === undefined
      ? undefined
      : { ...type, fields: type.fields.with(index, { ...field!, type: changed }) };
  }
  if (type.type === "array") {
    const elementType = name === "element" ? inner(type.elementType) : undefined;
    return elementType === undefined ? undefined : { ...type, elementType };
  }
  if (name === "key") {
    const keyType = inner(type.keyType);
    return keyType === undefined ? undefined : { ...type, keyType };
  }
  const valueType = name === "value" ? inner(type.valueType) : undefined;
  return valueType === undefined ? undefined : { ...type, valueType };
}

/** The schema with one field changed, or without it where `edit` gives undefined. Undefined where there is no such field. */
export function editField(
  schema: StructType,
  path: readonly string[],
  edit: (field: StructField) => StructField | undefined,
): StructType | undefined {
  const edited = editType(schema, path.slice(0, -1), (parent) => {
    if (typeof parent === "string" || parent.type !== "struct") return undefined;
    const index = indexOf(parent, path.at(-1) ?? "");
    if (index < 0) return undefined;
    const changed = edit(parent.fields[index]!);
    return {
      ...parent,
      fields: parent.fields.toSpliced(index, 1, ...(changed === undefined ? [] : [changed])),
    };
  });
  return edited as StructType | undefined;
}

/** The schema with every field changed, those within it first. */
export function mapFields(schema: StructType, change: (field: StructField) => StructField): StructType {
  const inner = (type: DataType): DataType => {
    if (typeof type === "string") return type;
    if (type.type === "array") return { ...type, elementType: inner(type.elementType) };
    if (type.type === "map")
      return { ...type, keyType: inner(type.keyType), valueType: inner(type.valueType) };
    return mapFields(type, change);
  };
  return {
    ...schema,
    fields: schema.fields.map((field) => change({ ...field, type: inner(field.type) })),
  };
}

function indexOf({ fields }: StructType, name: string): number {
  return fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
}
