/**
 * Texts of statistics, partition values and literals as SQL values that compare. Of each type only the plain forms are read, all of which
 * `delta/prune/known-value.ts` reads too; any other text is null, which judges nothing.
 */
import { decimalOf, type PrimitiveType } from "../schema/data-type.ts";
import type { Literal } from "../schema/predicate.ts";
import type { BoundsSql } from "./add-filter-sql.ts";
import { quoteText } from "./sql.ts";

const NUMBER = "-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?";
const INSTANT =
  "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?(Z|[+]00)?";
/** A double prints so many digits of a decimal without loss; DuckDB reads a JSON number as a double. */
const EXACT_DIGITS = 15;
const LONG_DIGITS = 19;

/**
 * A value of the column's type from an expression that gives its text, null for all other texts.
 *
 * @param side of statistics, which bound of a file it is; absent for a value as it is
 */
export function typedBound(type: PrimitiveType, text: string, side?: "min" | "max"): string {
  const matching = (form: string): string =>
    `CASE WHEN regexp_full_match(${text}, ${quoteText(form)}) THEN ${text} END`;
  switch (type) {
    case "string":
      // Delta of old ended a shortened maximum with U+FFFD, which is no bound in the order of bytes.
      return side === "max" ? `CASE WHEN NOT suffix(${text}, '\ufffd') THEN ${text} END` : text;
    case "byte":
    case "short":
    case "integer":
    case "long":
      return `TRY_CAST(${matching("[+-]?[0-9]+")} AS BIGINT)`;
    case "double":
      return finite(`TRY_CAST(${matching(NUMBER)} AS DOUBLE)`);
    case "float":
      return finite(`TRY_CAST(TRY_CAST(${matching(NUMBER)} AS DOUBLE) AS FLOAT)`);
    case "boolean":
      return `lower(${matching("(?i)(true|false)")})`;
    case "date":
      return `TRY_CAST(${matching("[0-9]{4}-[0-9]{2}-[0-9]{2}")} AS DATE)`;
    case "timestamp":
    case "timestamp_ntz":
      return instant(matching(INSTANT), side);
    case "binary":
    case "variant":
    case "void":
      return "NULL";
    default: {
      const { precision, scale } = decimalOf(type)!;
      if (precision > EXACT_DIGITS && side !== undefined) return "NULL";
      const fraction = scale === 0 ? "([.]0)?" : `([.][0-9]{1,${scale}})?`;
      return `TRY_CAST(${matching(`-?[0-9]+${fraction}`)} AS DECIMAL(38, ${scale}))`;
    }
  }
}

/** A literal to compare with `typedBound` of the column's type; undefined where the two do not go together here. */
export function literalSql(type: PrimitiveType, { type: own, text }: Literal): string | undefined {
  const value = (): string => typedBound(type, `CAST(${quoteText(text)} AS VARCHAR)`);
  switch (type) {
    case "byte":
    case "short":
    case "integer":
    case "long": {
      if (WHOLE.has(own)) return value();
      const size = decimalOf(own);
      const fits =
        size !== undefined && Math.max(LONG_DIGITS, size.precision - size.scale) + size.scale <= 38;
      return fits ? `TRY_CAST(${quoteText(text)} AS DECIMAL(${size.precision}, ${size.scale}))` : undefined;
    }
    case "float":
    case "double":
      // A FLOAT's value as a double, where that is what it is compared with.
      return own === type ? value() : undefined;
    case "binary":
    case "variant":
    case "void":
      return undefined;
    case "string":
    case "boolean":
    case "date":
    case "timestamp":
    case "timestamp_ntz":
      return own === type ? value() : undefined;
    default: {
      const size = decimalOf(type);
      if (size === undefined) return undefined;
      return WHOLE.has(own) || (decimalOf(own)?.scale ?? Infinity) <= size.scale ? value() : undefined;
    }
  }
}

const WHOLE: ReadonlySet<PrimitiveType> = new Set(["byte", "short", "integer", "long"]);

/** False for a minimum above the maximum, which is garbage. */
export function orderedSql({ min, max }: Pick<BoundsSql, "min" | "max">): string {
  return min === max ? "true" : `coalesce(${min} <= ${max}, true)`;
}

function finite(value: string): string {
  return `CASE WHEN isfinite(${value}) THEN ${value} END`;
}

/** Statistics are cut down to milliseconds: a maximum may stand for any microsecond that begins so (Delta Spark, getAdjustedTimestamp). */
function instant(text: string, side: "min" | "max" | undefined): string {
  const value = `timezone('UTC', TRY_CAST(${text} AS TIMESTAMPTZ))`;
  if (side === undefined) return value;
  const cut = `date_trunc('millisecond', ${value})`;
  return side === "min" ? cut : `(${cut} + INTERVAL 999 MICROSECONDS)`;
}
