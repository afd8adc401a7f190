/** Calls of functions, by allow-list. */
import { nearest } from "../../base/nearest.ts";
import type { Expression } from "../../schema/expression/expression.ts";
import { ExpressionFaultSignal } from "../../schema/expression/expression.ts";
import { quoteText } from "../sql.ts";
import { castValue } from "./cast-value.ts";
import type { KnownFunction } from "./known-function.ts";
import type { ExpressionScope, Translate } from "./scope.ts";
import { TEXT_FUNCTIONS } from "./text-functions.ts";
import { TIME_FUNCTIONS } from "./time-functions.ts";
import type { SimpleSql } from "./typed-sql.ts";
import { VALUE_FUNCTIONS } from "./value-functions.ts";

/** By Spark's names in lower case. */
export const KNOWN_FUNCTIONS: Readonly<Record<string, KnownFunction>> = {
  ...VALUE_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...TIME_FUNCTIONS,
};

/** They ask the time, and are known only where the expression may. */
export const CLOCK_FUNCTIONS = ["current_timestamp", "now", "current_date", "curdate"] as const;

/** @throws ExpressionFaultSignal for a function that is not known */
export function translateCall(
  call: Extract<Expression, { readonly kind: "call" }>,
  translate: Translate,
  scope: ExpressionScope,
): SimpleSql {
  const { name } = call;
  const clock = clockValue(name, call, scope);
  if (clock !== undefined && call.arguments.length === 0) return clock;
  const known = Object.hasOwn(KNOWN_FUNCTIONS, name) ? KNOWN_FUNCTIONS[name] : undefined;
  if (known === undefined) {
    const suggestion = nearest(name, Object.keys(KNOWN_FUNCTIONS));
    const meant = suggestion === undefined ? "" : ` (${suggestion} is)`;
    throw new ExpressionFaultSignal(call, `the function ${name} is not known${meant}`);
  }
  const count = call.arguments.length;
  const [least, most] = known.takes;
  if (count < least || count > most)
    throw new ExpressionFaultSignal(call, `${name} with ${count} arguments is not known`);
  return known.translate({ name, arguments: call.arguments.map(translate), place: call, scope });
}

/** The time that the expression may ask; undefined for another name. @throws ExpressionFaultSignal where it may ask none */
export function clockValue(
  name: string,
  place: Expression,
  { now, timeZone }: ExpressionScope,
): SimpleSql | undefined {
  if (!CLOCK_FUNCTIONS.some((one) => one === name)) return undefined;
  if (now === undefined)
    throw new ExpressionFaultSignal(place, "what depends on the time cannot be checked on a row");
  const instant: SimpleSql = {
    sql: `CAST(${quoteText(now)} AS TIMESTAMPTZ)`,
    type: "timestamp",
    mayFail: false,
    place,
  };
  return name.endsWith("date") ? castValue(instant, "date", timeZone) : instant;
}
