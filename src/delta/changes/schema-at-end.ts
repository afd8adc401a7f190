/** Whether rows that were written under one schema of a table can be given under a later one. */
import { stringifyJson } from "../../base/lossless-json.ts";
import type { DataType, StructType } from "../../schema/data-type.ts";
import { isWidening } from "../../schema/is-widening.ts";
import { physicalNameOf, type ColumnMapping } from "../../schema/physical-column.ts";

export interface SchemaOfVersion {
  readonly schema: StructType;
  readonly columnMapping: ColumnMapping;
  readonly partitionColumns: readonly string[];
}

/**
 * What stands against it, as a clause; undefined where nothing does. Columns may have been added and widened since; one that was dropped or
 * renamed would be lost or become another, and Spark refuses such a range likewise.
 */
export function unlikeEnd(earlier: SchemaOfVersion, end: SchemaOfVersion): string | undefined {
  const partitioning = (of: SchemaOfVersion): string => stringifyJson([...of.partitionColumns]);
  if (partitioning(earlier) !== partitioning(end)) return "the partitioning is another";
  return unlike({ from: earlier.schema, to: end.schema, path: [] }, [
    earlier.columnMapping,
    end.columnMapping,
  ]);
}

interface Pair<T> {
  readonly from: T;
  readonly to: T;
  readonly path: readonly string[];
}

type Mappings = readonly [from: ColumnMapping, to: ColumnMapping];

function unlike({ from, to, path }: Pair<DataType>, mappings: Mappings): string | undefined {
  if (typeof from === "string" || typeof to === "string") {
    // A column without a type has no value in any file.
    if (from === to || from === "void") return undefined;
    if (typeof from === "string" && typeof to === "string" && isWidening(from, to)) return undefined;
    return `the column ${path.join(".")} has another type`;
  }
  if (from.type === "struct" && to.type === "struct") return unlikeFields({ from, to, path }, mappings);
  if (from.type === "array" && to.type === "array")
    return unlike({ from: from.elementType, to: to.elementType, path: [...path, "element"] }, mappings);
  if (from.type === "map" && to.type === "map") {
    return (
      unlike({ from: from.keyType, to: to.keyType, path: [...path, "key"] }, mappings) ??
      unlike({ from: from.valueType, to: to.valueType, path: [...path, "value"] }, mappings)
    );
  }
  return `the column ${path.join(".")} has another type`;
}

function unlikeFields({ from, to, path }: Pair<StructType>, mappings: Mappings): string | undefined {
  for (const field of from.fields) {
    const here = [...path, field.name];
    const physical = physicalNameOf(field, mappings[0]);
    const later = to.fields.find((other) => physicalNameOf(other, mappings[1]) === physical);
    if (later === undefined) return `the column ${here.join(".")} is gone`;
    if (later.name !== field.name)
      return `the column ${here.join(".")} is called ${[...path, later.name].join(".")}`;
    const inner = unlike({ from: field.type, to: later.type, path: here }, mappings);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
