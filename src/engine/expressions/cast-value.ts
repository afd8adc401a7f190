/**
 * Casts as Spark's ANSI mode makes them (Cast.scala): what does not fit is an error, fractions are cut off, texts are of the forms that both
 * engines read alike. Where the engines differ and nothing mends it, the cast is refused.
 */
import { ExpressionFaultSignal } from "../../schema/expression/expression.ts";
import { decimalOf, type PrimitiveType } from "../../schema/data-type.ts";
import { duckdbType, quoteText } from "../sql.ts";
import { isFloating, sizeOf } from "./common-type.ts";
import { castText, literalOfText } from "./cast-text.ts";
import { integralDigits, isNumeric, nameOf, type SimpleSql } from "./typed-sql.ts";
import { instantOf, localOf, timeAsText } from "./zoned-time.ts";

/** Digits that a division of two exact DOUBLEs has right: a decimal of more is cast by its text. */
const EXACT_DIGITS = 15;

/** @throws ExpressionFaultSignal naming both types */
export function castValue(value: SimpleSql, to: PrimitiveType, timeZone: string): SimpleSql {
  const { type: from, literal, place } = value;
  if (from === to) return value;
  if (from === "void") return { ...value, sql: `CAST(NULL AS ${duckdbType(to)})`, type: to };
  if (from === "string" && typeof literal === "string")
    return { ...literalOfText(literal, to, { place, timeZone }), place };
  if (isNumeric(from) && isNumeric(to)) return castNumber(value, to);
  const sql = (text: string, mayFail = value.mayFail): SimpleSql => ({
    sql: text,
    type: to,
    mayFail,
    place,
  });
  if (from === "string") return sql(castText(value, to, timeZone), true);
  if (to === "string") {
    if (integralDigits(from) !== undefined || from === "boolean" || decimalOf(from) !== undefined)
      return sql(`CAST(${value.sql} AS VARCHAR)`);
    if (from === "date" || from === "timestamp" || from === "timestamp_ntz")
      return sql(timeAsText(value, timeZone), true);
  }
  if (from === "boolean" && integralDigits(to) !== undefined)
    return sql(`CAST(${value.sql} AS ${duckdbType(to)})`);
  const time = castTime(value, to, timeZone);
  if (time !== undefined) return sql(time);
  throw unknownCast(value, to);
}

function castTime(value: SimpleSql, to: PrimitiveType, timeZone: string): string | undefined {
  const { type: from } = value;
  if (from === "timestamp" && to === "date") return `CAST(${localOf(value.sql, timeZone)} AS DATE)`;
  if (from === "timestamp" && to === "timestamp_ntz") return localOf(value.sql, timeZone);
  if (from === "timestamp_ntz" && to === "date") return `CAST(${value.sql} AS DATE)`;
  if (from === "date" && to === "timestamp_ntz") return `CAST(${value.sql} AS TIMESTAMP)`;
  if ((from === "date" || from === "timestamp_ntz") && to === "timestamp")
    return instantOf(`CAST(${value.sql} AS TIMESTAMP)`, { timeZone, place: value.place });
  return undefined;
}

function castNumber(value: SimpleSql, to: PrimitiveType): SimpleSql {
  const { type: from, place } = value;
  const cast = (sql: string, isSafe: boolean): SimpleSql => ({
    sql: `CAST(${sql} AS ${duckdbType(to)})`,
    type: to,
    mayFail: value.mayFail || !isSafe,
    place,
  });
  if (isFloating(to)) {
    // The text of a literal has the nearest number of the type; what is exact first and cast then may have its neighbour.
    if (typeof value.literal === "string" && !isFloating(from)) return cast(quoteText(value.literal), true);
    if (to === "float" && (from === "double" || decimalOf(from) !== undefined)) throw unknownCast(value, to);
    const digits = decimalOf(from)?.precision ?? 0;
    return cast(digits > EXACT_DIGITS ? `CAST(${value.sql} AS VARCHAR)` : value.sql, true);
  }
  if (isFloating(from)) {
    if (integralDigits(to) === undefined) throw unknownCast(value, to);
    return cast(`trunc(${value.sql})`, false);
  }
  const [own, wanted] = [sizeOf(from)!, sizeOf(to)!];
  const isWider = own.scale <= wanted.scale && own.precision - own.scale <= wanted.precision - wanted.scale;
  // BIGINT has 19 digits, and those of 19 do not all fit; only wider ones of its own kind are safe.
  const isSafe = isWider && (integralDigits(to) === undefined || integralDigits(from) !== undefined);
  const cut = own.scale > 0 && integralDigits(to) !== undefined;
  const widened = cast(cut ? `trunc(${value.sql})` : value.sql, isSafe);
  return typeof value.literal === "string" && own.scale === 0
    ? { ...widened, literal: value.literal }
    : widened;
}

function unknownCast(value: SimpleSql, to: PrimitiveType): ExpressionFaultSignal {
  return new ExpressionFaultSignal(
    value.place,
    `${nameOf(value.type)} as ${nameOf(to)} is a cast that is not known`,
  );
}
