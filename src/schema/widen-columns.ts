import type { PrimitiveType, StructType } from "./data-type.ts";
import { editField } from "./edit-type.ts";
import { ELEMENT, VALUE, type KeyPath } from "./key-path.ts";
import { widenField } from "./widen-field.ts";

/** A column of a table, or a part of one, that gets a wider type. */
export interface ColumnWidening {
  /** By the names of the table's columns and fields. */
  readonly path: KeyPath;
  /** By the keys of the data. */
  readonly key: KeyPath;
  readonly from: PrimitiveType;
  /** A type that `isWidening` leads to from it. */
  readonly to: PrimitiveType;
}

/** The schema with each of these types, every change noted at the field that it happens in. Pure. */
export function widenColumns(schema: StructType, widenings: readonly ColumnWidening[]): StructType {
  return widenings.reduce((before, { path, to }) => {
    const depth = path.findLastIndex((part) => typeof part === "string") + 1;
    const [field, inner] = [path.slice(0, depth), path.slice(depth)].map((parts) => parts.map(nameOf));
    return editField(before, field!, (one) => widenField(one, { inner: inner!, to })?.field) ?? before;
  }, schema);
}

function nameOf(part: KeyPath[number]): string {
  if (typeof part === "string") return part;
  if (part === ELEMENT) return "element";
  return part === VALUE ? "value" : "key";
}
