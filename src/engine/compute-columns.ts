/** Computed columns as SQL over rows that are otherwise done. */
import { LandfallError } from "../base/landfall-error.ts";
import type { DataType, StructField, StructType } from "../schema/data-type.ts";
import { expressionText, type ComputedColumn } from "../schema/computed-column.ts";
import { sourceNameOf } from "../schema/source-name.ts";
import type { OwnColumn } from "./own-columns.ts";
import { quoteName, quoteText } from "./sql.ts";

/** The schema of the rows before anything is computed. */
export function withoutComputed(schema: StructType, own: readonly OwnColumn[]): StructType {
  const computed = new Set(computedOf(own).map(({ field }) => field.name.toLowerCase()));
  if (computed.size === 0) return schema;
  return { type: "struct", fields: schema.fields.filter(({ name }) => !computed.has(name.toLowerCase())) };
}

/**
 * A SELECT of the schema's columns over one of those of `withoutComputed`; the same where nothing is computed.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT where a column to compute from is missing, or is neither date nor time
 */
export function computeColumns(options: {
  readonly select: string;
  readonly schema: StructType;
  readonly own: readonly OwnColumn[];
  /** Columns of `select` beside the schema's, which are kept. */
  readonly more?: readonly string[];
}): string {
  const { select, schema, own, more = [] } = options;
  const computed = new Map(computedOf(own).map((column) => [column.field.name.toLowerCase(), column]));
  if (computed.size === 0) return select;
  const list = schema.fields.map((field) => {
    const found = computed.get(field.name.toLowerCase());
    return found === undefined
      ? quoteName(field.name)
      : `${expression(found.filledWith, schema)} AS ${quoteName(field.name)}`;
  });
  return `SELECT ${[...list, ...more.map(quoteName)].join(", ")} FROM (${select}) landfall_batch`;
}

type Computed = OwnColumn & { readonly filledWith: Extract<OwnColumn["filledWith"], { kind: "computed" }> };

function computedOf(own: readonly OwnColumn[]): Computed[] {
  return own.filter((column): column is Computed => column.filledWith.kind === "computed");
}

function expression({ column, timeZone }: Computed["filledWith"], schema: StructType): string {
  const { type, value } = valueAt(column, schema);
  const isDate = type === "date";
  if (type !== "timestamp" && type !== "timestamp_ntz" && !(isDate && column.function !== "hour"))
    throw cannotCompute(
      column,
      `which is ${typeof type === "string" ? type.toUpperCase() : type.type.toUpperCase()}`,
    );
  const local = type === "timestamp" ? `timezone(${quoteText(timeZone)}, ${value})` : value;
  if (column.function === "date") return isDate ? value : `CAST(${local} AS DATE)`;
  return `CAST(${column.function}(${local}) AS INTEGER)`;
}

/** By the column's name, or by the key that it holds. */
function valueAt(
  column: ComputedColumn,
  schema: StructType,
): { readonly type: DataType; readonly value: string } {
  let type: DataType = schema;
  let value = "";
  for (const part of column.of) {
    const field: StructField | undefined =
      typeof type === "object" && type.type === "struct" ? fieldOf(type, part) : undefined;
    if (field === undefined) throw cannotCompute(column, "which neither the table nor the files have");
    value = value === "" ? quoteName(field.name) : `struct_extract(${value}, ${quoteText(field.name)})`;
    type = field.type;
  }
  return { type, value };
}

function fieldOf(struct: StructType, name: string): StructField | undefined {
  return (
    struct.fields.find((field) => field.name.toLowerCase() === name.toLowerCase()) ??
    struct.fields.find((field) => sourceNameOf(field) === name)
  );
}

function cannotCompute(column: ComputedColumn, why: string): LandfallError {
  const of = column.of.join(".");
  const wanted = column.function === "hour" ? "TIMESTAMP" : "TIMESTAMP or DATE";
  return new LandfallError("TABLE_SCHEMA_CONFLICT", {
    message: `${expressionText(column)} cannot be computed from ${of}, ${why}; it takes ${wanted}.`,
    hint: `Nothing was committed. State its type, such as schema.hints: "${of} TIMESTAMP", or partition by another column.`,
  });
}
