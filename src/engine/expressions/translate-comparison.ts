/** Comparisons. Texts compare by their bytes and NaN is the greatest number, equal to itself, in both engines. */
import {
  ExpressionFaultSignal,
  type ComparingOperator,
  type Expression,
  type Place,
} from "../../schema/expression/expression.ts";
import { quoteText } from "../sql.ts";
import { castValue } from "./cast-value.ts";
import { comparedAs } from "./common-type.ts";
import { allOf } from "./conjunction.ts";
import type { ExpressionScope, Translate } from "./scope.ts";
import { nameOf, simple, type SimpleSql, type TypedSql } from "./typed-sql.ts";

/** @throws ExpressionFaultSignal where Spark does not compare values of such types, or after a cast that is not known */
export function compare(options: {
  readonly op: ComparingOperator;
  readonly left: TypedSql;
  readonly right: TypedSql;
  readonly place: Place;
  readonly scope: ExpressionScope;
}): SimpleSql {
  const { op, place, scope } = options;
  const [left, right] = comparable([options.left, options.right], place, scope);
  const sign = op === "<=>" ? "IS NOT DISTINCT FROM" : op;
  return {
    sql: `(${left!.sql} ${sign} ${right!.sql})`,
    type: "boolean",
    mayFail: left!.mayFail || right!.mayFail,
    place,
  };
}

export function translateBetween(
  expression: Extract<Expression, { readonly kind: "between" }>,
  translate: Translate,
  scope: ExpressionScope,
): SimpleSql {
  const of = translate(expression.of);
  const bound = (op: ComparingOperator, right: Expression): SimpleSql =>
    compare({ op, left: of, right: translate(right), place: expression, scope });
  return allOf("and", [bound(">=", expression.lower), bound("<=", expression.upper)], expression);
}

export function translateIn(
  expression: Extract<Expression, { readonly kind: "in" }>,
  translate: Translate,
  scope: ExpressionScope,
): SimpleSql {
  const values = [expression.of, ...expression.values].map(translate);
  const [of, ...list] = comparable(values, expression, scope);
  if (list.some(({ mayFail }) => mayFail && list.length > 1)) {
    const equal = list.map((right) => compare({ op: "=", left: of!, right, place: expression, scope }));
    return allOf("or", equal, expression);
  }
  return {
    sql: `(${of!.sql} IN (${list.map(({ sql }) => sql).join(", ")}))`,
    type: "boolean",
    mayFail: values.some(({ mayFail }) => mayFail) || [of!, ...list].some(({ mayFail }) => mayFail),
    place: expression,
  };
}

/** All cast to the one type as which they are compared. */
function comparable(values: readonly TypedSql[], place: Place, scope: ExpressionScope): SimpleSql[] {
  const all = values.map(simple);
  let type: SimpleSql["type"] = "void";
  for (const value of all) {
    const next = comparedAs(type, value.type);
    if (next === undefined)
      throw new ExpressionFaultSignal(
        place,
        `${nameOf(type)} and ${nameOf(value.type)} are not compared without loss`,
      );
    type = next;
  }
  // DuckDB does not compare nulls that have no type.
  const compared = type === "void" ? "string" : type;
  return all.map((value) => castValue(value, compared, scope.timeZone));
}

/** In a pattern only `%`, `_` and the escape itself may follow on an escape (StringUtils.escapeLikeRegex). */
export function translateLike(
  expression: Extract<Expression, { readonly kind: "like" }>,
  translate: Translate,
): SimpleSql {
  const [of, pattern] = [translate(expression.of), translate(expression.pattern)];
  const { escape } = expression;
  for (const value of [of, pattern])
    if (value.type !== "string")
      throw new ExpressionFaultSignal(value.place, `LIKE takes texts, not ${nameOf(value.type)}`);
  if (typeof pattern.literal !== "string")
    throw new ExpressionFaultSignal(pattern.place, "the pattern of LIKE must stand there as a text");
  const characters = Array.from(pattern.literal);
  for (let at = 0; at < characters.length; at++) {
    if (characters[at] !== escape) continue;
    const next = characters[at + 1];
    if (next !== "%" && next !== "_" && next !== escape)
      throw new ExpressionFaultSignal(pattern.place, `after ${escape} must come %, _ or ${escape}`);
    at += 1;
  }
  return {
    sql: `(${of.sql} LIKE ${quoteText(pattern.literal)} ESCAPE ${quoteText(escape)})`,
    type: "boolean",
    mayFail: of.mayFail,
    place: expression,
  };
}

export function translateIs(
  expression: Extract<Expression, { readonly kind: "is" }>,
  of: TypedSql,
): SimpleSql {
  const { what } = expression;
  if (what !== "null" && of.type !== "boolean" && of.type !== "void")
    throw new ExpressionFaultSignal(of.place, `a ${nameOf(of.type)} is neither true nor false`);
  const sql = what === "null" ? `(${of.sql} IS NULL)` : `(${of.sql} IS NOT DISTINCT FROM ${what})`;
  return { sql, type: "boolean", mayFail: of.mayFail, place: expression };
}
