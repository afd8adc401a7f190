/** A function that means the same in Spark and in what it is translated to. */
import { ExpressionFaultSignal, type Place } from "../../schema/expression/expression.ts";
import type { PrimitiveType } from "../../schema/data-type.ts";
import { castValue } from "./cast-value.ts";
import type { ExpressionScope } from "./scope.ts";
import { integralDigits, nameOf, simple, type SimpleSql, type TypedSql } from "./typed-sql.ts";

export interface Call {
  readonly name: string;
  readonly arguments: readonly TypedSql[];
  readonly place: Place;
  readonly scope: ExpressionScope;
}

export interface KnownFunction {
  /** How many arguments it takes. */
  readonly takes: readonly [least: number, most: number];
  /** What the page of the expressions says of it. */
  readonly says: string;
  /** @throws ExpressionFaultSignal for arguments of which the engines make different things */
  readonly translate: (call: Call) => SimpleSql;
}

/** A result that is computed wherever its arguments are. */
export function result(call: Call, sql: string, type: PrimitiveType, mayFail = false): SimpleSql {
  const { arguments: args, place } = call;
  return { sql, type, mayFail: mayFail || args.some((value) => value.mayFail), place };
}

/** The argument as a text; whole numbers become one, as in Spark. */
export function textOf(call: Call, i: number): SimpleSql {
  const value = simple(call.arguments[i]!);
  if (value.type === "string") return value;
  if (value.type !== "void" && integralDigits(value.type) === undefined)
    throw new ExpressionFaultSignal(value.place, `${call.name} takes a text, not ${nameOf(value.type)}`);
  const { literal: _, ...rest } = castValue(value, "string", call.scope.timeZone);
  return rest;
}

/** The argument, which must stand there as a text. */
export function constantText(call: Call, i: number): string {
  const { literal, type, place } = call.arguments[i]!;
  if (type === "string" && typeof literal === "string") return literal;
  throw new ExpressionFaultSignal(place, `of ${call.name} this must stand there as a text`);
}

/** The argument, which must stand there as a whole number of 32 bits. */
export function constantWhole(call: Call, i: number): number {
  const { literal, type, place } = call.arguments[i]!;
  if (typeof type === "string" && ["integer", "short", "byte"].includes(type) && typeof literal === "string")
    return Number(literal);
  throw new ExpressionFaultSignal(place, `of ${call.name} this must stand there as a whole number`);
}

/** The argument as a date; texts and instants become one, as in Spark. */
export function dateOf(call: Call, i: number): SimpleSql {
  return castValue(simple(call.arguments[i]!), "date", call.scope.timeZone);
}
