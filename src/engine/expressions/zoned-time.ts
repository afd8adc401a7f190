/** Instants and what a clock on a wall shows: Spark asks its session's time zone, Landfall the one that it is given. */
import { ExpressionFaultSignal, type Place } from "../../schema/expression/expression.ts";
import { quoteText } from "../sql.ts";
import { failing, type SimpleSql } from "./typed-sql.ts";

/** Of a TIMESTAMP. */
export function localOf(sql: string, timeZone: string): string {
  return `timezone(${quoteText(timeZone)}, ${sql})`;
}

/**
 * Of a TIMESTAMP_NTZ.
 *
 * @throws ExpressionFaultSignal for another zone than UTC: where clocks are changed, the engines disagree about hours that there are twice
 */
export function instantOf(
  sql: string,
  { timeZone, place }: { readonly timeZone: string; readonly place: Place },
): string {
  if (timeZone !== "UTC")
    throw new ExpressionFaultSignal(
      place,
      `a time without a zone becomes an instant only in UTC, not in ${timeZone}`,
    );
  return `timezone('UTC', ${sql})`;
}

/** Spark writes years of other than four digits with a sign, and no zeros at the end of a fraction. */
export function timeAsText({ sql, type }: SimpleSql, timeZone: string): string {
  const local = type === "timestamp" ? localOf(sql, timeZone) : sql;
  const text =
    type === "date"
      ? `strftime(${local}, '%Y-%m-%d')`
      : `regexp_replace(strftime(${local}, '%Y-%m-%d %H:%M:%S.%f'), '\\.?0*$', '')`;
  return inCommonYears(local, text, "string");
}

/** `then` where the year has four digits; else no value but an error. */
export function inCommonYears(time: string, then: string, type: SimpleSql["type"]): string {
  return `CASE WHEN ${time} IS NULL OR year(${time}) BETWEEN 1000 AND 9999 THEN ${then} ELSE ${failing("a year of other than four digits", type)} END`;
}
