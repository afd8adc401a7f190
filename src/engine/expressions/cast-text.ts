/** Texts that become values: of many forms Spark reads, those that nobody can read otherwise. */
import { ExpressionFaultSignal, type Place } from "../../schema/expression/expression.ts";
import { decimalOf, type PrimitiveType } from "../../schema/data-type.ts";
import { duckdbType, quoteText } from "../sql.ts";
import { failing, integralDigits, nameOf, type SimpleSql } from "./typed-sql.ts";
import { instantOf } from "./zoned-time.ts";

const WHOLE = "[+-]?[0-9]+";
const DECIMAL = "[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)";
const DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const TIME = "([ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?)?";
const ZONE = "(Z|[+-][0-9]{2}:[0-9]{2})";

const FORMS: ReadonlyMap<PrimitiveType, string> = new Map<PrimitiveType, string>([
  ["double", `${DECIMAL}([eE][+-]?[0-9]+)?`],
  ["float", `${DECIMAL}([eE][+-]?[0-9]+)?`],
  ["boolean", "true|false"],
  ["date", DATE],
  ["timestamp", `${DATE}${TIME}${ZONE}?`],
  ["timestamp_ntz", `${DATE}${TIME}`],
]);

/** The form that texts of the type must have; undefined where no text is cast to it. */
function formOf(to: PrimitiveType): string | undefined {
  if (integralDigits(to) !== undefined) return WHOLE;
  if (decimalOf(to) !== undefined) return DECIMAL;
  return FORMS.get(to);
}

/** A text of another form is an error at its row. @throws ExpressionFaultSignal where no text is cast to the type */
export function castText(value: SimpleSql, to: PrimitiveType, timeZone: string): string {
  const form = formOf(to);
  if (form === undefined) throw unknown(value.place, to);
  const cast = castOfForm(value.sql, to, { place: value.place, timeZone });
  const fault = failing(`a text is none that is read as ${nameOf(to)}`, to);
  return `CASE WHEN ${value.sql} IS NULL OR regexp_full_match(${value.sql}, ${quoteText(form)}) THEN ${cast} ELSE ${fault} END`;
}

/** @throws ExpressionFaultSignal where the text is no value of the type, or has a form that is not known */
export function literalOfText(
  text: string,
  to: PrimitiveType,
  where: { readonly place: Place; readonly timeZone: string },
): Omit<SimpleSql, "place"> {
  const form = formOf(to);
  if (form === undefined) throw unknown(where.place, to);
  if (!new RegExp(`^(?:${form})$`, "u").test(text) || !isOnCalendar(text, to))
    throw new ExpressionFaultSignal(where.place, `this text is none that is read as ${nameOf(to)}`);
  return { sql: castOfForm(quoteText(text), to, where), type: to, mayFail: !isTime(to) && to !== "boolean" };
}

function castOfForm(
  sql: string,
  to: PrimitiveType,
  where: { readonly place: Place; readonly timeZone: string },
): string {
  if (to !== "timestamp") return `CAST(${sql} AS ${duckdbType(to)})`;
  // With a zone it is an instant by itself.
  if (where.timeZone === "UTC" || new RegExp(`${ZONE}'$`).test(sql)) return `CAST(${sql} AS TIMESTAMPTZ)`;
  return instantOf(sql, where);
}

function isTime(type: PrimitiveType): boolean {
  return type === "date" || type === "timestamp" || type === "timestamp_ntz";
}

/** DuckDB would tell only as it computes. */
function isOnCalendar(text: string, to: PrimitiveType): boolean {
  if (!isTime(to)) return true;
  const [, date = "", time = "00:00:00"] = /^(.{10})(?:[ T](.{8}))?/.exec(text) ?? [];
  const instant = new Date(`${date}T${time}Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(`${date}T${time}`);
}

function unknown(place: Place, to: PrimitiveType): ExpressionFaultSignal {
  return new ExpressionFaultSignal(place, `a text is not cast to ${nameOf(to)}`);
}
