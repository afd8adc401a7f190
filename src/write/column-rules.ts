/** Rules of columns as people say them, by the columns' names, in the metadata of a schema (PROTOCOL.md, "Generated Columns", "Default Columns"). */
import { LandfallError } from "../base/landfall-error.ts";
import { nearest } from "../base/nearest.ts";
import type { StructType } from "../schema/data-type.ts";

export interface ColumnRules {
  /** Columns that the table computes: the expression in Spark's SQL over the others, by the column's name. Default: none. */
  readonly generated?: Readonly<Record<string, string>> | undefined;
  /** What columns have of rows that leave them out: in Spark's SQL, by the column's name. Default: null. */
  readonly defaults?: Readonly<Record<string, string>> | undefined;
}

export const GENERATION = "delta.generationExpression";
export const DEFAULT = "CURRENT_DEFAULT";

/** @throws LandfallError TABLE_SCHEMA_CONFLICT for a column that is not there */
export function withColumnRules(
  schema: StructType,
  { generated = {}, defaults = {} }: ColumnRules,
): StructType {
  return [
    ...Object.entries(generated).map(([name, sql]) => ({ name, key: GENERATION, sql })),
    ...Object.entries(defaults).map(([name, sql]) => ({ name, key: DEFAULT, sql })),
  ].reduce(withRule, schema);
}

function withRule(
  schema: StructType,
  { name, key, sql }: { readonly name: string; readonly key: string; readonly sql: string },
): StructType {
  const names = schema.fields.map((field) => field.name);
  const found = names.find((one) => one.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    const near = nearest(name, names);
    throw new LandfallError("TABLE_SCHEMA_CONFLICT", {
      message: `The table has no column ${name}, which ${key === DEFAULT ? "is to have a default" : "it is to compute"}.`,
      hint: near === undefined ? `Its columns are ${names.join(", ")}.` : `Did you mean ${near}?`,
    });
  }
  const fields = schema.fields.map((field) =>
    field.name === found ? { ...field, metadata: { ...field.metadata, [key]: sql } } : field,
  );
  return { type: "struct", fields };
}
