import type { JsonValue } from "../base/lossless-json.ts";
import type { DataType, StructField } from "./data-type.ts";
import { editType } from "./edit-type.ts";

export interface WidenedField {
  readonly field: StructField;
  /** The type that it had. */
  readonly from: DataType;
}

/**
 * A field with a wider type, and with the change noted, which readers of older files go by (PROTOCOL.md, "Type Widening"). Whether the type is
 * a wider one is for the caller to know. Undefined where nothing is at the path within it. Pure.
 *
 * @param options.inner the way to the part that changes, through the `element`, `key` and `value` of arrays and maps. Default: the whole
 */
export function widenField(
  field: StructField,
  { inner = [], to }: { readonly inner?: readonly string[]; readonly to: DataType },
): WidenedField | undefined {
  let from: DataType | undefined;
  const type = editType(field.type, inner, (before) => {
    from = before;
    return to;
  });
  if (type === undefined || from === undefined) return undefined;
  const known = field.metadata["delta.typeChanges"];
  const change = {
    fromType: from as JsonValue,
    toType: to as JsonValue,
    ...(inner.length === 0 ? {} : { fieldPath: inner.join(".") }),
  };
  const changes: JsonValue[] = [...(Array.isArray(known) ? known : []), change];
  return { field: { ...field, type, metadata: { ...field.metadata, "delta.typeChanges": changes } }, from };
}
