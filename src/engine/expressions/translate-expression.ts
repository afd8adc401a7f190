/**
 * Spark's SQL in a table's metadata (CHECK constraints, invariants, generated and default columns) as SQL of the engine that has the same value
 * for every row. The text is read by a grammar of ours and not by DuckDB's parser: there `"a"` is a column and no text, backticks are unknown,
 * and `1.5`, `/` and a cast mean something else. What is put into a statement is made of the tree alone, with every type said; a piece whose
 * meaning is not known to be the same is refused by name. Pure.
 */
import { LandfallError } from "../../base/landfall-error.ts";
import { printable } from "../../base/printable.ts";
import type { DataType, StructType } from "../../schema/data-type.ts";
import { ExpressionFaultSignal, type Expression } from "../../schema/expression/expression.ts";
import { parseExpression } from "../../schema/expression/parse-expression.ts";
import { castValue } from "./cast-value.ts";
import type { ExpressionScope } from "./scope.ts";
import { arithmetic, negative } from "./translate-arithmetic.ts";
import { clockValue, translateCall } from "./translate-call.ts";
import { translateColumn } from "./translate-column.ts";
import {
  compare,
  translateBetween,
  translateIn,
  translateIs,
  translateLike,
} from "./translate-comparison.ts";
import { translateLiteral } from "./translate-literal.ts";
import { allOf, condition } from "./conjunction.ts";
import { translateCase } from "./translate-case.ts";
import { simple, type TypedSql } from "./typed-sql.ts";

export interface TranslateExpression {
  /** Spark's SQL. */
  readonly sql: string;
  /** What it belongs to, as messages say it: `the constraint positive`. */
  readonly of: string;
  /** Columns by the names that people see. */
  readonly schema: StructType;
  /** The relation of the statement that has these columns. */
  readonly relation: string;
  /** IANA name of the zone in which an instant has its date and hour. Default: UTC. */
  readonly timeZone?: string;
  /** What `current_timestamp()` means, as ISO text in UTC. Default: the expression may not ask the time. */
  readonly now?: string;
}

/** One statement has room for this; nested divisions double the text of what they divide. */
const MOST_CHARACTERS = 200_000;

/**
 * The expression as it stands, with the type that Spark gives it. For a row for which Spark has an error, the SQL fails.
 *
 * @throws LandfallError EXPRESSION_UNKNOWN naming what it belongs to and the piece that is not known
 */
export function translateExpression(options: TranslateExpression): {
  readonly sql: string;
  readonly type: DataType;
} {
  const { sql, type } = translated(options, (value) => value);
  return { sql, type };
}

/**
 * A condition: null where Spark has null. Where `mayFail`, the SQL fails for a row for which Spark has an error.
 *
 * @throws LandfallError EXPRESSION_UNKNOWN naming what it belongs to and the piece that is not known
 */
export function translateCondition(options: TranslateExpression): {
  readonly sql: string;
  readonly mayFail: boolean;
} {
  const { sql, mayFail } = translated(options, (value) => condition(value));
  return { sql, mayFail };
}

/**
 * A value of the type, to which Spark casts it as it stores it.
 *
 * @throws LandfallError EXPRESSION_UNKNOWN naming what it belongs to and the piece that is not known
 */
export function translateValue(options: TranslateExpression & { readonly type: DataType }): {
  readonly sql: string;
  readonly mayFail: boolean;
} {
  const { type, timeZone = "UTC" } = options;
  const { sql, mayFail } = translated(options, (value) => {
    // A struct, an array or a map is taken as it is.
    if (typeof type !== "string" && JSON.stringify(type) === JSON.stringify(value.type)) return value;
    if (typeof type !== "string") return castNull(value, type);
    return castValue(simple(value), type, timeZone);
  });
  return { sql, mayFail };
}

function castNull(value: TypedSql, type: Exclude<DataType, string>): TypedSql {
  if (value.type === "void") return value;
  throw new ExpressionFaultSignal(value.place, `of the type ${type.type} only null can be given`);
}

function translated(options: TranslateExpression, typed: (value: TypedSql) => TypedSql): TypedSql {
  const { sql: text, schema, relation, timeZone = "UTC", now } = options;
  const scope = { schema, relation, timeZone, ...(now === undefined ? {} : { now }) };
  try {
    const value = typed(translate(parseExpression(text), scope));
    if (value.sql.length > MOST_CHARACTERS)
      throw new ExpressionFaultSignal({ start: 0, end: text.length }, "it is too long");
    return value;
  } catch (error) {
    if (!(error instanceof ExpressionFaultSignal)) throw error;
    throw unknown(error, options);
  }
}

function translate(expression: Expression, scope: ExpressionScope): TypedSql {
  const inner = (one: Expression): TypedSql => translate(one, scope);
  switch (expression.kind) {
    case "literal":
      return translateLiteral(expression);
    case "name":
      return translateName(expression, scope);
    case "and":
    case "or":
      return allOf(expression.kind, expression.of.map(inner), expression);
    case "not": {
      const of = condition(inner(expression.of));
      return { ...of, sql: `(NOT ${of.sql})`, place: expression };
    }
    case "negative":
      return negative(inner(expression.of), expression);
    case "arithmetic":
    case "compare": {
      const [left, right] = [inner(expression.left), inner(expression.right)];
      return expression.kind === "compare"
        ? compare({ op: expression.op, left, right, place: expression, scope })
        : arithmetic({ op: expression.op, left, right, place: expression, scope });
    }
    case "between":
      return translateBetween(expression, inner, scope);
    case "in":
      return translateIn(expression, inner, scope);
    case "like":
      return translateLike(expression, inner);
    case "is":
      return translateIs(expression, inner(expression.of));
    case "case":
      return translateCase(expression, inner, scope);
    case "cast":
      return { ...castValue(simple(inner(expression.of)), expression.to, scope.timeZone), place: expression };
    case "call":
      return translateCall(expression, inner, scope);
    default:
      return expression satisfies never;
  }
}

/** `current_date` without brackets is a column where there is one. */
function translateName(
  name: Extract<Expression, { readonly kind: "name" }>,
  scope: ExpressionScope,
): TypedSql {
  const [first = ""] = name.path;
  const isColumn = scope.schema.fields.some((field) => field.name.toLowerCase() === first.toLowerCase());
  const clock = isColumn || name.path.length > 1 ? undefined : clockValue(first.toLowerCase(), name, scope);
  return clock ?? translateColumn(name, scope);
}

function unknown(fault: ExpressionFaultSignal, { of, sql }: TranslateExpression): LandfallError {
  const piece = sql.slice(fault.place.start, fault.place.end);
  const at = piece === "" || piece === sql ? "" : `, at ${printable(piece)}`;
  return new LandfallError("EXPRESSION_UNKNOWN", {
    message: `Landfall cannot compute ${of}, ${printable(sql)}${at}: ${fault.message}.`,
  });
}
