/** Arithmetic as Spark's ANSI mode does it (Arithmetic.scala): what a type does not hold and what is divided by zero is an error. */
import {
  ExpressionFaultSignal,
  type ArithmeticOperator,
  type Place,
} from "../../schema/expression/expression.ts";
import { duckdbType } from "../sql.ts";
import type { PrimitiveType } from "../../schema/data-type.ts";
import { castValue } from "./cast-value.ts";
import { commonType, decimalType, isFloating, sizeOfOperand, widerDecimal } from "./common-type.ts";
import type { ExpressionScope } from "./scope.ts";
import {
  failing,
  integralDigits,
  isNumeric,
  nameOf,
  simple,
  type SimpleSql,
  type TypedSql,
} from "./typed-sql.ts";

interface Arithmetic {
  readonly op: ArithmeticOperator;
  readonly left: TypedSql;
  readonly right: TypedSql;
  readonly place: Place;
  readonly scope: ExpressionScope;
}

/** @throws ExpressionFaultSignal for what is no number, and for decimals of which Spark would give up digits */
export function arithmetic(options: Arithmetic): SimpleSql {
  const { op, place, scope } = options;
  const operands = [simple(options.left), simple(options.right)] as const;
  const [left, right] = operands;
  for (const { type, place: at } of operands)
    if (!isNumeric(type)) throw new ExpressionFaultSignal(at, `${op} takes numbers, not ${nameOf(type)}`);
  const areIntegral = operands.every(({ type }) => integralDigits(type) !== undefined);
  const areFloating = operands.some(({ type }) => isFloating(type));
  if (!areIntegral && !areFloating) return decimals({ ...options, left, right });
  const type = typeOf(op, left, right, areIntegral);
  if (type === undefined) throw new ExpressionFaultSignal(place, `${op} of such numbers is not known`);
  const [one, other] = operands.map((value) => castValue(value, type, scope.timeZone));
  return { ...computed({ op, one: one!.sql, other: other!.sql, type }), type, mayFail: true, place };
}

function typeOf(
  op: ArithmeticOperator,
  left: SimpleSql,
  right: SimpleSql,
  areIntegral: boolean,
): PrimitiveType | undefined {
  if (op === "/") return "double";
  if (op === "div") return areIntegral ? "long" : undefined;
  return commonType(left.type, right.type);
}

function computed(options: {
  readonly op: ArithmeticOperator;
  readonly one: string;
  readonly other: string;
  readonly type: PrimitiveType;
}): { readonly sql: string } {
  const { op, one, other, type } = options;
  if (op === "+" || op === "-" || op === "*") return { sql: `(${one} ${op} ${other})` };
  // Null divided by zero is null.
  const byZero = `WHEN ${other} = 0 AND ${one} IS NOT NULL THEN ${failing("division by zero", type)}`;
  if (op === "%") {
    // Of the smallest number DuckDB says that it overflows.
    const byMinusOne =
      integralDigits(type) === undefined
        ? ""
        : `WHEN ${other} = -1 AND ${one} IS NOT NULL THEN CAST(0 AS ${duckdbType(type)})`;
    return { sql: `(CASE ${byZero} ${byMinusOne} ELSE ${one} % ${other} END)` };
  }
  return { sql: `(CASE ${byZero} ELSE ${one} ${op === "div" ? "//" : "/"} ${other} END)` };
}

/** Precision and scale as DecimalPrecision.scala has them, while 38 digits hold them. */
function decimals({
  op,
  left,
  right,
  place,
  scope,
}: Arithmetic & { left: SimpleSql; right: SimpleSql }): SimpleSql {
  const [one, other] = [sizeOfOperand(left)!, sizeOfOperand(right)!];
  const scale = op === "*" ? one.scale + other.scale : Math.max(one.scale, other.scale);
  const whole = { one: one.precision - one.scale, other: other.precision - other.scale };
  const cast = (value: SimpleSql, type: PrimitiveType): string => castValue(value, type, scope.timeZone).sql;
  const done = (sql: string, type: PrimitiveType): SimpleSql => ({
    sql: `CAST(${sql} AS ${duckdbType(type)})`,
    type,
    mayFail: left.mayFail || right.mayFail,
    place,
  });
  switch (op) {
    case "+":
    case "-": {
      const type = decimalType(Math.max(whole.one, whole.other) + scale + 1, scale);
      if (type !== undefined) return done(`(${cast(left, type)} ${op} ${cast(right, type)})`, type);
      break;
    }
    case "*": {
      const type = decimalType(one.precision + other.precision + 1, scale);
      // Of operands of 18 digits and fewer DuckDB gives the product no more than 18.
      const [l, r] = [
        decimalType(one.precision + other.precision + 1, one.scale),
        decimalType(other.precision, other.scale),
      ];
      if (type !== undefined) return done(`(${cast(left, l!)} * ${cast(right, r!)})`, type);
      break;
    }
    case "%": {
      const type = decimalType(Math.min(whole.one, whole.other) + scale, scale);
      const wider = widerDecimal(one, other);
      if (type === undefined || wider === undefined) break;
      const { sql } = computed({ op, one: cast(left, wider), other: cast(right, wider), type: wider });
      return { ...done(sql, type), mayFail: true };
    }
    case "/":
    case "div":
    default:
      throw new ExpressionFaultSignal(place, "division of decimals is not known; a DOUBLE may be divided");
  }
  throw new ExpressionFaultSignal(place, `${op} of these decimals has more than 38 digits`);
}

/** @throws ExpressionFaultSignal for what is no number */
export function negative(of: TypedSql, place: Place): SimpleSql {
  const value = simple(of);
  if (!isNumeric(value.type))
    throw new ExpressionFaultSignal(place, `- takes a number, not ${nameOf(value.type)}`);
  const { type } = value;
  return { sql: `(-${value.sql})`, type, mayFail: true, place };
}
