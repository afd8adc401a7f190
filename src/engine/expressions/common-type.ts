/** The type as which Spark brings two values together (AnsiTypeCoercion.scala). */
import { decimalOf, type PrimitiveType } from "../../schema/data-type.ts";
import { integralDigits, isNumeric, type SimpleSql } from "./typed-sql.ts";

const MOST_DIGITS = 38;
const INTEGRALS = ["byte", "short", "integer", "long"] as const;
const TIMES = ["date", "timestamp_ntz", "timestamp"] as const;

export type DecimalSize = NonNullable<ReturnType<typeof decimalOf>>;

/** Undefined where Spark has none, or one that does not keep all digits. */
export function commonType(left: PrimitiveType, right: PrimitiveType): PrimitiveType | undefined {
  if (left === right || right === "void") return left;
  if (left === "void") return right;
  if (isNumeric(left) && isNumeric(right)) return commonNumber(left, right);
  return later(TIMES, left, right);
}

/** The type as which two values are compared: of a text beside a time it is that of the time. */
export function comparedAs(left: PrimitiveType, right: PrimitiveType): PrimitiveType | undefined {
  const isTime = (type: PrimitiveType): boolean => TIMES.some((time) => time === type);
  if (left === "string" && isTime(right)) return right;
  if (right === "string" && isTime(left)) return left;
  return commonType(left, right);
}

function commonNumber(left: PrimitiveType, right: PrimitiveType): PrimitiveType | undefined {
  const integral = later(INTEGRALS, left, right);
  if (integral !== undefined) return integral;
  // ANSI: what FLOAT does not hold exactly is brought together with it as DOUBLE.
  if (isFloating(left) || isFloating(right)) return "double";
  const [one, other] = [sizeOf(left), sizeOf(right)];
  return one && other && widerDecimal(one, other);
}

/** Of a number that is no FLOAT and no DOUBLE, as which decimal Spark takes it. */
export function sizeOf(type: PrimitiveType): DecimalSize | undefined {
  const precision = integralDigits(type);
  return precision === undefined ? decimalOf(type) : { precision, scale: 0 };
}

/** As `sizeOf`; a whole literal beside a decimal has as many digits as stand there (DecimalType.fromLiteral). */
export function sizeOfOperand({ type, literal }: SimpleSql): DecimalSize | undefined {
  if (integralDigits(type) === undefined || typeof literal !== "string") return sizeOf(type);
  return { precision: Math.max(1, BigInt(literal).toString().replace("-", "").length), scale: 0 };
}

/** Undefined where 38 digits do not hold both: Spark then gives up digits. */
export function widerDecimal(one: DecimalSize, other: DecimalSize): PrimitiveType | undefined {
  const scale = Math.max(one.scale, other.scale);
  return decimalType(Math.max(one.precision - one.scale, other.precision - other.scale) + scale, scale);
}

export function decimalType(precision: number, scale: number): PrimitiveType | undefined {
  return precision <= MOST_DIGITS ? `decimal(${precision},${scale})` : undefined;
}

export function isFloating(type: PrimitiveType): boolean {
  return type === "float" || type === "double";
}

function later<T extends PrimitiveType>(
  order: readonly T[],
  left: PrimitiveType,
  right: PrimitiveType,
): T | undefined {
  const places = [left, right].map((type) => order.findIndex((one) => one === type));
  return places.includes(-1) ? undefined : order[Math.max(...places)];
}
