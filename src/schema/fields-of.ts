import type { DataType, StructField } from "./data-type.ts";

/**
 * Each field of a type at every depth, those around it first. Its path are the names of fields alone: what lies between them in arrays and
 * maps has none.
 */
export function* fieldsOf(
  type: DataType,
  path: readonly string[] = [],
): Generator<{ readonly field: StructField; readonly path: readonly string[] }, void, undefined> {
  if (typeof type === "string") return;
  if (type.type === "array") return yield* fieldsOf(type.elementType, path);
  if (type.type === "map") {
    yield* fieldsOf(type.keyType, path);
    return yield* fieldsOf(type.valueType, path);
  }
  for (const field of type.fields) {
    const here = [...path, field.name];
    yield { field, path: here };
    yield* fieldsOf(field.type, here);
  }
}
