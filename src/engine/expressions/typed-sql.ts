/** SQL of DuckDB that has the value that an expression has in Spark, and what is known of it. */
import { ExpressionFaultSignal, type Place } from "../../schema/expression/expression.ts";
import { decimalOf, type DataType, type PrimitiveType } from "../../schema/data-type.ts";
import { duckdbType, quoteText } from "../sql.ts";

export interface TypedSql {
  readonly sql: string;
  readonly type: DataType;
  /** For some rows it has no value but an error: it must not be computed where Spark would not compute it. */
  readonly mayFail: boolean;
  /** Of a literal: as it was written; null for null. */
  readonly literal?: string | null;
  readonly place: Place;
}

/** A value of one of the types that have no parts. */
export interface SimpleSql extends TypedSql {
  readonly type: PrimitiveType;
}

/** @throws ExpressionFaultSignal for a struct, an array, a map or a variant */
export function simple(value: TypedSql): SimpleSql {
  const { type } = value;
  if (typeof type !== "string" || type === "variant")
    throw new ExpressionFaultSignal(
      value.place,
      `a value of the type ${nameOf(type)} is only compared with null`,
    );
  return { ...value, type };
}

/** The type in Spark's words. */
export function nameOf(type: DataType): string {
  if (typeof type !== "string") return type.type.toUpperCase();
  const spark: Partial<Record<PrimitiveType, string>> = {
    long: "BIGINT",
    integer: "INT",
    short: "SMALLINT",
    byte: "TINYINT",
  };
  return spark[type] ?? type.toUpperCase();
}

/** SQL that has no value but an error with this text. Of DuckDB's own `error` TRY makes nothing. */
export function failing(text: string, type: PrimitiveType): string {
  return `CAST(CAST(CAST(${quoteText(text)} AS TINYINT) AS VARCHAR) AS ${duckdbType(type)})`;
}

export function integralDigits(type: PrimitiveType): number | undefined {
  const digits: Partial<Record<PrimitiveType, number>> = { byte: 3, short: 5, integer: 10, long: 20 };
  return digits[type];
}

export function isNumeric(type: PrimitiveType): boolean {
  return (
    integralDigits(type) !== undefined ||
    type === "float" ||
    type === "double" ||
    decimalOf(type) !== undefined
  );
}
