/** CASE, and what else brings values of several types together. */
import { ExpressionFaultSignal, type Expression, type Place } from "../../schema/expression/expression.ts";
import { duckdbType } from "../sql.ts";
import { castValue } from "./cast-value.ts";
import { commonType } from "./common-type.ts";
import { condition } from "./conjunction.ts";
import { compare } from "./translate-comparison.ts";
import type { ExpressionScope, Translate } from "./scope.ts";
import { nameOf, simple, type SimpleSql, type TypedSql } from "./typed-sql.ts";

export function translateCase(
  expression: Extract<Expression, { readonly kind: "case" }>,
  translate: Translate,
  scope: ExpressionScope,
): SimpleSql {
  const { operand, branches, otherwise } = expression;
  const conditions = branches.map(({ when }) =>
    operand === undefined
      ? condition(translate(when))
      : compare({ op: "=", left: translate(operand), right: translate(when), place: when, scope }),
  );
  const values = branches.map(({ result }) => translate(result));
  const [last] = otherwise === undefined ? [] : [translate(otherwise)];
  const results = alike(last === undefined ? values : [...values, last], expression, scope);
  const cases = conditions.map(({ sql }, i) => `WHEN ${sql} THEN ${results[i]!.sql}`);
  const { type } = results[0]!;
  const end = last === undefined ? `CAST(NULL AS ${duckdbType(type)})` : results.at(-1)!.sql;
  return {
    sql: `(CASE ${cases.join(" ")} ELSE ${end} END)`,
    type,
    mayFail: [...conditions, ...results].some(({ mayFail }) => mayFail),
    place: expression,
  };
}

/**
 * All of one type, as the results of CASE and COALESCE are.
 *
 * @throws ExpressionFaultSignal where Spark has no such type, or one that loses digits
 */
export function alike(values: readonly TypedSql[], place: Place, scope: ExpressionScope): SimpleSql[] {
  const all = values.map(simple);
  let type: SimpleSql["type"] = "void";
  for (const value of all) {
    const next = commonType(type, value.type);
    if (next === undefined)
      throw new ExpressionFaultSignal(
        place,
        `${nameOf(type)} and ${nameOf(value.type)} are not brought together without loss`,
      );
    type = next;
  }
  return all.map((value) => castValue(value, type, scope.timeZone));
}
