/**
 * The decimal value of a JSON number's source text, without floating point: the judge of every "does it lose a digit".
 */
import { VALUE_CLASS } from "./value-class.ts";

/** ±0.DIGITS × 10^exponent, no zero at either end of the digits; zero has no digits. */
export interface DecimalValue {
  readonly negative: boolean;
  readonly digits: string;
  /** May be ±Infinity for an absurd exponent; such a value equals nothing that a column holds. */
  readonly exponent: number;
}

/** Reads the text of a valid JSON number (also what `String(number)` prints). Linear in its length. */
export function decimalValue(text: string): DecimalValue {
  const negative = text.charCodeAt(0) === 45;
  const mark = text.search(/[eE]/);
  const mantissa = text.slice(negative ? 1 : 0, mark === -1 ? undefined : mark);
  const point = mantissa.indexOf(".");
  const all = point === -1 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1);
  let from = 0;
  let to = all.length;
  while (from < to && all.charCodeAt(from) === 48) from += 1;
  while (to > from && all.charCodeAt(to - 1) === 48) to -= 1;
  if (from === to) return { negative, digits: "", exponent: 0 };
  const shift = mark === -1 ? 0 : Number(text.slice(mark + 1));
  return {
    negative,
    digits: all.slice(from, to),
    exponent: (point === -1 ? all.length : point) - from + shift,
  };
}

/** Equal as decimal values; zero has no sign. */
export function sameDecimal(a: DecimalValue, b: DecimalValue): boolean {
  if (a.digits !== b.digits) return false;
  return a.digits === "" || (a.negative === b.negative && a.exponent === b.exponent);
}

/** True when the shortest round-trip print of the text's DOUBLE is the same decimal value. */
export function fitsDouble(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  const print = String(value);
  return print === text || sameDecimal(decimalValue(print), decimalValue(text));
}

/** As `fitsDouble`, for the shortest print that round-trips through 32 bits. */
export function fitsFloat(text: string): boolean {
  const value = Math.fround(Number(text));
  if (!Number.isFinite(value)) return false;
  for (let digits = 1; digits <= 9; digits++) {
    const print = value.toPrecision(digits);
    if (Math.fround(Number(print)) === value) return sameDecimal(decimalValue(print), decimalValue(text));
  }
  return false;
}

/** True when the value has at most `precision - scale` digits before the point and `scale` after it. */
export function fitsDecimal(text: string, precision: number, scale: number): boolean {
  const { digits, exponent } = decimalValue(text);
  return digits === "" || (exponent <= precision - scale && digits.length - exponent <= scale);
}

/** The value without an exponent, such as `-0.00105`. Only for values that fit a decimal column: its length is bounded by that. */
export function plainDecimalText(text: string): string {
  const { negative, digits, exponent } = decimalValue(text);
  if (digits === "") return "0";
  const sign = negative ? "-" : "";
  if (exponent <= 0) return `${sign}0.${"0".repeat(-exponent)}${digits}`;
  if (exponent >= digits.length) return `${sign}${digits.padEnd(exponent, "0")}`;
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

/** The largest double has 309 digits: no longer integer is held exactly, and BigInt need not read 16 MiB of digits to know. */
const DOUBLE_DIGITS = 309;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** The class of a valid JSON number from its source text. */
export function classOfNumber(text: string): number {
  if (/[eE]/.test(text)) return fitsDouble(text) ? VALUE_CLASS.EXP : VALUE_CLASS.EXP_LONG;
  if (text.includes(".")) return fitsDouble(text) ? VALUE_CLASS.DEC : VALUE_CLASS.DEC_LONG;
  const digits = text.length - (text.charCodeAt(0) === 45 ? 1 : 0);
  if (digits <= 15) return classOfSmallInteger(Number(text));
  if (digits > DOUBLE_DIGITS) return VALUE_CLASS.BIG;
  const value = BigInt(text);
  const double = Number(text);
  const exact = Number.isFinite(double) && BigInt(double) === value;
  if (value >= INT64_MIN && value <= INT64_MAX) return exact ? VALUE_CLASS.INT64_EXACT : VALUE_CLASS.INT64;
  return exact ? VALUE_CLASS.BIG_EXACT : VALUE_CLASS.BIG;
}

/** The class of an integer of at most 15 digits. */
export function classOfSmallInteger(value: number): number {
  if (value >= -128 && value <= 127) return VALUE_CLASS.INT8;
  if (value >= -32768 && value <= 32767) return VALUE_CLASS.INT16;
  if (value >= -2147483648 && value <= 2147483647) return VALUE_CLASS.INT32;
  return VALUE_CLASS.INT15;
}
