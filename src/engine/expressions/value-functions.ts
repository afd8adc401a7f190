/** Spark's functions of values of any type. */
import { ExpressionFaultSignal } from "../../schema/expression/expression.ts";
import { duckdbType } from "../sql.ts";
import { condition } from "./conjunction.ts";
import { alike } from "./translate-case.ts";
import { arithmetic } from "./translate-arithmetic.ts";
import { isFloating } from "./common-type.ts";
import { compare } from "./translate-comparison.ts";
import { result, type Call, type KnownFunction } from "./known-function.ts";
import { isNumeric, nameOf, simple, type SimpleSql, type TypedSql } from "./typed-sql.ts";

const MANY = Number.POSITIVE_INFINITY;

function all(call: Call): SimpleSql[] {
  return alike(call.arguments, call.place, call.scope);
}

function joined(name: string, least: number, most: number, says: string): KnownFunction {
  return {
    takes: [least, most],
    says,
    translate: (call) => {
      const values = all(call);
      const mayFail = values.some((value) => value.mayFail);
      return result(call, `${name}(${values.map(({ sql }) => sql).join(", ")})`, values[0]!.type, mayFail);
    },
  };
}

function chosen(call: Call, when: string, results: readonly TypedSql[]): SimpleSql {
  const [one, other] = alike(results, call.place, call.scope);
  const mayFail = one!.mayFail || other!.mayFail;
  return result(call, `(CASE WHEN ${when} THEN ${one!.sql} ELSE ${other!.sql} END)`, one!.type, mayFail);
}

const coalesce = joined("coalesce", 1, MANY, "the first that is not null");
const ifNull = joined("coalesce", 2, 2, "the same as coalesce");

const iff: KnownFunction = {
  takes: [3, 3],
  says: "a condition, then what it is for true, and otherwise",
  translate: (call) => chosen(call, condition(call.arguments[0]!).sql, call.arguments.slice(1)),
};

const nvl2: KnownFunction = {
  takes: [3, 3],
  says: "the second where the first is not null, else the third",
  translate: (call) => chosen(call, `${call.arguments[0]!.sql} IS NOT NULL`, call.arguments.slice(1)),
};

const nullIf: KnownFunction = {
  takes: [2, 2],
  says: "null where both are equal",
  translate: (call) => {
    const [left, right] = [simple(call.arguments[0]!), call.arguments[1]!];
    const { place, scope } = call;
    const equal = compare({ op: "=", left, right, place, scope });
    const type = left.type === "void" ? "string" : left.type;
    const sql = `(CASE WHEN ${equal.sql} THEN CAST(NULL AS ${duckdbType(type)}) ELSE ${left.sql} END)`;
    return result(call, sql, left.type, equal.mayFail);
  },
};

const abs: KnownFunction = {
  takes: [1, 1],
  says: "of a number",
  translate: (call) => {
    const { sql, type, place } = simple(call.arguments[0]!);
    if (!isNumeric(type)) throw new ExpressionFaultSignal(place, `abs takes a number, not ${nameOf(type)}`);
    return result(call, `abs(${sql})`, type, true);
  },
};

function nullness(says: string, test: string): KnownFunction {
  return {
    takes: [1, 1],
    says,
    translate: (call) => result(call, `(${call.arguments[0]!.sql} ${test})`, "boolean"),
  };
}

const isNan: KnownFunction = {
  takes: [1, 1],
  says: "of a FLOAT or DOUBLE; false for null",
  translate: (call) => {
    const { sql, type, place } = simple(call.arguments[0]!);
    if (!isFloating(type))
      throw new ExpressionFaultSignal(place, `isnan takes a DOUBLE, not ${nameOf(type)}`);
    return result(call, `coalesce(isnan(${sql}), false)`, "boolean");
  },
};

const mod: KnownFunction = {
  takes: [2, 2],
  says: "the same as %",
  translate: ({ arguments: [left, right], place, scope }) =>
    arithmetic({ op: "%", left: left!, right: right!, place, scope }),
};

export const VALUE_FUNCTIONS: Readonly<Record<string, KnownFunction>> = {
  coalesce,
  ifnull: ifNull,
  nvl: ifNull,
  nvl2,
  if: iff,
  nullif: nullIf,
  greatest: joined("greatest", 2, MANY, "leaves nulls out"),
  least: joined("least", 2, MANY, "leaves nulls out"),
  abs,
  mod,
  isnull: nullness("the same as IS NULL", "IS NULL"),
  isnotnull: nullness("the same as IS NOT NULL", "IS NOT NULL"),
  isnan: isNan,
};
