/**
 * As what DuckDB compares a column with literals. Where it would cast the column, and the comparison is then no longer one of the column's own
 * values, there is no answer.
 */
import { decimalOf, type PrimitiveType } from "../../schema/data-type.ts";
import type { LiteralType } from "./read-literal.ts";

/** The most digits that a decimal may have: DuckDB refuses, or goes over to floating point, where two need more to be compared. */
const MOST_DIGITS = 38;
const LONG_DIGITS = 19;
const NOT_COMPARED: ReadonlySet<PrimitiveType> = new Set(["binary", "variant", "void"]);

/**
 * The type that each literal is to be cast to before it is compared; undefined where not all of them compare with the column as it is.
 *
 * @param literals all that one operator compares with the column
 */
export function comparedType(
  column: PrimitiveType,
  literals: readonly LiteralType[],
): ((literal: LiteralType) => PrimitiveType) | undefined {
  const kinds = new Set(literals.map((literal) => literal.kind));
  const only = (...allowed: readonly LiteralType["kind"][]): boolean =>
    [...kinds].every((kind) => allowed.includes(kind));
  // Among texts the column's type wins; beside other literals the texts would be cast to those.
  const areTexts = only("text");
  if (areTexts) return NOT_COMPARED.has(column) ? undefined : () => column;
  const size = decimalOf(column);
  if (size !== undefined) return exactType(literals, size);
  switch (column) {
    case "byte":
    case "short":
    case "integer":
    case "long":
      return exactType(literals, { precision: LONG_DIGITS, scale: 0 });
    case "float":
      if (only("double")) return () => "double";
      return only("whole", "decimal", "float") ? () => "float" : undefined;
    case "double":
      return only("whole", "decimal", "double") || only("float") ? () => "double" : undefined;
    case "boolean":
      return only("boolean") ? () => "boolean" : undefined;
    case "date":
      return only("date") ? () => "date" : undefined;
    case "timestamp_ntz":
      return only("date", "timestamp") ? () => "timestamp_ntz" : undefined;
    case "timestamp":
      return only("date", "timestamp", "timestamptz") ? () => "timestamp" : undefined;
    case "string":
    case "binary":
    case "variant":
    case "void":
    default:
      return undefined;
  }
}

/** Whole numbers and decimals, each with all its digits, where one decimal type holds the column's and all of theirs. */
function exactType(
  literals: readonly LiteralType[],
  column: { readonly precision: number; readonly scale: number },
): ((literal: LiteralType) => PrimitiveType) | undefined {
  let { scale } = column;
  let whole = column.precision - column.scale;
  for (const literal of literals) {
    if (literal.kind !== "whole" && literal.kind !== "decimal") return undefined;
    const size = literal.kind === "decimal" ? literal : { precision: LONG_DIGITS, scale: 0 };
    scale = Math.max(scale, size.scale);
    whole = Math.max(whole, size.precision - size.scale);
  }
  const hasDecimals = literals.some((literal) => literal.kind === "decimal") || column.scale > 0;
  if (hasDecimals && whole + scale > MOST_DIGITS) return undefined;
  return (literal) =>
    literal.kind === "decimal"
      ? (`decimal(${literal.precision},${literal.scale})` as const)
      : (`decimal(${MOST_DIGITS},0)` as const);
}
