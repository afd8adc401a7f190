/**
 * AND and OR. DuckDB may compute both sides for all rows, Spark computes the right one only where the left one leaves it open:
 * `b = 0 OR a / b > 1` must not fail. Where a side may fail, a CASE keeps the order.
 */
import { ExpressionFaultSignal, type Place } from "../../schema/expression/expression.ts";
import { nameOf, type SimpleSql, type TypedSql } from "./typed-sql.ts";

/** @throws ExpressionFaultSignal where it is neither true nor false */
export function condition(value: TypedSql): SimpleSql {
  const { type } = value;
  if (type === "void") return { ...value, sql: "CAST(NULL AS BOOLEAN)", type: "boolean" };
  if (type !== "boolean")
    throw new ExpressionFaultSignal(value.place, `a ${nameOf(type)} is neither true nor false`);
  return { ...value, type };
}

export function allOf(kind: "and" | "or", values: readonly TypedSql[], place: Place): SimpleSql {
  const [first, ...rest] = values.map(condition);
  let joined = first!;
  if (rest.length > 0) {
    const right = allOf(kind, rest, place);
    const both = `(${first!.sql} ${kind === "and" ? "AND" : "OR"} ${right.sql})`;
    const decided = kind === "and" ? `NOT ${first!.sql} THEN false` : `${first!.sql} THEN true`;
    const sql = right.mayFail ? `(CASE WHEN ${decided} ELSE ${both} END)` : both;
    joined = { sql, type: "boolean", mayFail: first!.mayFail || right.mayFail, place };
  }
  return { ...joined, place };
}
