/** Whether rows of one schema go into a table of another, column by column and value by value unchanged. Pure. */
import { LandfallError } from "../base/landfall-error.ts";
import { formatDdlType } from "./format-ddl.ts";
import { decimalOf, type DataType, type StructField, type StructType } from "./data-type.ts";

export interface FitColumnsOptions {
  readonly rows: StructType;
  readonly table: StructType;
  /** Columns and fields of structs that the table lacks are added at the end. Default: they are refused. */
  readonly mergeSchema?: boolean | undefined;
}

export interface FittedColumns {
  /** The table's own, where nothing is added. */
  readonly schema: StructType;
  readonly isWider: boolean;
}

/**
 * Names are one whatever their case, as in Spark. A type goes into the same, and into one that holds each of its values: a wider integer,
 * DOUBLE for FLOAT and INT, a DECIMAL with as many digits on both sides, TIMESTAMP_NTZ for DATE.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT naming the column
 */
export function fitColumns({ rows, table, mergeSchema = false }: FitColumnsOptions): FittedColumns {
  const schema = fitStruct(rows, table, { path: [], mergeSchema });
  return { schema, isWider: schema !== table };
}

interface Place {
  readonly path: readonly string[];
  readonly mergeSchema: boolean;
}

function fitStruct(rows: StructType, table: StructType, place: Place): StructType {
  const given = new Map(rows.fields.map((field) => [field.name.toLowerCase(), field]));
  let isWider = false;
  const fields = table.fields.map((field): StructField => {
    const from = given.get(field.name.toLowerCase());
    if (from === undefined) return field;
    given.delete(field.name.toLowerCase());
    const type = fitType(from.type, field.type, { ...place, path: [...place.path, field.name] });
    if (type === field.type) return field;
    isWider = true;
    return { ...field, type };
  });
  const more = [...given.values()];
  if (more.length === 0) return isWider ? { type: "struct", fields } : table;
  if (!place.mergeSchema) {
    throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
      message: `The table has no column ${[...place.path, more[0]!.name].join(".")}, which the rows have.`,
      hint: "Leave it out, or let it be added: mergeSchema: true.",
    });
  }
  return { type: "struct", fields: [...fields, ...more.map(asAdded)] };
}

/** Files from before have no value of it; what its table says of a column counts there only. */
function asAdded({ name, type }: StructField): StructField {
  return { name, type: nullableWithin(type), nullable: true, metadata: {} };
}

function nullableWithin(type: DataType): DataType {
  if (typeof type === "string") return type;
  if (type.type === "array")
    return { ...type, elementType: nullableWithin(type.elementType), containsNull: true };
  if (type.type === "map")
    return {
      ...type,
      keyType: nullableWithin(type.keyType),
      valueType: nullableWithin(type.valueType),
      valueContainsNull: true,
    };
  return { type: "struct", fields: type.fields.map(asAdded) };
}

function fitType(from: DataType, to: DataType, place: Place): DataType {
  if (typeof from !== "string" && typeof to !== "string") {
    if (from.type === "struct" && to.type === "struct") return fitStruct(from, to, place);
    if (from.type === "array" && to.type === "array") {
      const elementType = fitType(from.elementType, to.elementType, within(place, "element"));
      return elementType === to.elementType ? to : { ...to, elementType };
    }
    if (from.type === "map" && to.type === "map") {
      const keyType = fitType(from.keyType, to.keyType, within(place, "key"));
      const valueType = fitType(from.valueType, to.valueType, within(place, "value"));
      return keyType === to.keyType && valueType === to.valueType ? to : { ...to, keyType, valueType };
    }
  }
  if (typeof from === "string" && typeof to === "string" && holds(from, to)) return to;
  throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `The column ${place.path.join(".")} of the rows is ${formatDdlType(from)}, and the table's is ${formatDdlType(to)}.`,
    hint: "Cast it where the rows come from; nothing was written.",
  });
}

function within(place: Place, part: string): Place {
  return { ...place, path: [...place.path, part] };
}

const DIGITS: Readonly<Record<string, number>> = { byte: 3, short: 5, integer: 10, long: 19 };
const INTEGERS = Object.keys(DIGITS);

/** True where each value of the one is a value of the other. */
function holds(from: string, to: string): boolean {
  if (from === to || from === "void") return true;
  const [low, high] = [INTEGERS.indexOf(from), INTEGERS.indexOf(to)];
  if (low >= 0 && high >= 0) return low < high;
  if (to === "double") return from === "float" || (low >= 0 && from !== "long");
  if (to === "float") return from === "byte" || from === "short";
  if (to === "timestamp_ntz") return from === "date";
  const target = decimalOf(to as DataType);
  if (target === undefined) return false;
  const source = low >= 0 ? { precision: DIGITS[from]!, scale: 0 } : decimalOf(from as DataType);
  if (source === undefined) return false;
  return source.scale <= target.scale && source.precision - source.scale <= target.precision - target.scale;
}
