/** A literal with its type said, which DuckDB would choose by its value. */
import type { LiteralExpression } from "../../schema/expression/expression.ts";
import { duckdbType, quoteText } from "../sql.ts";
import type { SimpleSql } from "./typed-sql.ts";

export function translateLiteral({ type, text, start, end }: LiteralExpression): SimpleSql {
  const base = { type, mayFail: false, place: { start, end } };
  if (type === "void") return { ...base, sql: "NULL", literal: null };
  if (type === "boolean") return { ...base, sql: text };
  if (type === "string") return { ...base, sql: quoteText(text), literal: text };
  if (type === "binary") return { ...base, sql: `from_hex(${quoteText(text)})` };
  return { ...base, sql: `CAST(${quoteText(text)} AS ${duckdbType(type)})`, literal: text };
}
