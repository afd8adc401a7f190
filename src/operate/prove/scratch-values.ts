/** Values of scratch rows that fit a declared column, or on purpose do not. Pure. */
import type { JsonValue } from "../../base/lossless-json.ts";
import { decimalOf, type DataType, type StructField } from "../../schema/data-type.ts";
import { DAYS, type ScratchColumn } from "./scratch-data.ts";

/** How many values a partition column takes, so that a batch writes few files. */
const PARTITIONS = 3;

/**
 * `partition`: of few values. `misfit`: each file's first row holds what does not fit and is to be rescued. `growing`: some rows hold numbers that
 * only a wider type takes.
 */
export type ColumnRole = "plain" | "partition" | "misfit" | "growing";

/** Numbers beyond a type that one wider than it holds. */
const BEYOND: ReadonlyMap<DataType, JsonValue> = new Map<DataType, JsonValue>([
  ["byte", 300],
  ["short", 70_000],
  ["integer", 3_000_000_000],
  ["long", 1.5],
  ["float", 0.123456789012],
]);
/** Of so many rows of a growing column one holds such a number: most files have none. */
const GROWS_ONCE_IN = 20;

/** True for a column that can be a growing one. */
export function canGrow(type: DataType): boolean {
  return BEYOND.has(type);
}

/** Undefined when the format has no value of the column's type: it stays empty. */
export function columnOf(
  field: StructField,
  options: { readonly format: "json" | "csv"; readonly role: ColumnRole },
): ScratchColumn | undefined {
  const { name, type } = field;
  const { format, role } = options;
  if (format === "csv" && typeof type !== "string") return undefined;
  if (valueOf(type, 0) === undefined) return undefined;
  return {
    name,
    value: ({ index, random }) => {
      if (role === "partition") return valueOf(type, random.below(PARTITIONS));
      if (role === "growing" && random.below(GROWS_ONCE_IN) === 0) return BEYOND.get(type);
      return role === "misfit" && index === 0 ? "no such value" : valueOf(type, index);
    },
  };
}

/** JSON that fits the type; undefined where JSON has none. Texts have no commas or quotes. */
export function valueOf(type: DataType, variant: number): JsonValue | undefined {
  if (typeof type !== "string") return nestedValue(type, variant);
  const day = DAYS[variant % DAYS.length]!;
  const decimal = decimalOf(type);
  if (decimal !== undefined) return decimal.precision > decimal.scale ? variant % 10 : 0;
  switch (type) {
    case "string":
      return `text ${variant}`;
    case "long":
    case "integer":
    case "short":
    case "byte":
      return variant;
    case "float":
    case "double":
      return variant * 1.5;
    case "boolean":
      return variant % 2 === 0;
    case "date":
      return day;
    case "timestamp":
      return `${day}T10:00:00Z`;
    case "timestamp_ntz":
      return `${day}T10:00:00`;
    case "binary":
    case "variant":
    case "void":
    default:
      return undefined;
  }
}

function nestedValue(type: Exclude<DataType, string>, variant: number): JsonValue | undefined {
  if (type.type === "map") return undefined;
  if (type.type === "array") {
    const element = valueOf(type.elementType, variant);
    return element === undefined ? undefined : [element, element];
  }
  const fields = type.fields
    .map((field) => [field, valueOf(field.type, variant)] as const)
    .filter(([, value]) => value !== undefined);
  const isWhole = type.fields.every(
    (field) => field.nullable || fields.some(([present]) => present === field),
  );
  if (fields.length === 0 || !isWhole) return undefined;
  return Object.fromEntries(fields.map(([{ name }, value]) => [name, value!]));
}
