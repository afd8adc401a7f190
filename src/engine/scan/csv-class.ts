/**
 * The class of a CSV field by its text: the same classes as JSON's, so that both formats share one lattice. Only what prints
 * back as it was read is more than a string: `007`, `+5`, ` 6 `, `-0`, `1_000`, `.5` and `NaN` are strings. Numbers are written
 * as in JSON. `true` and `false` count in any case of letters, as Spark reads them (spreadsheets write TRUE, Python True).
 */
import { classOfNumber, classOfSmallInteger } from "../../schema/decimal-value.ts";
import { VALUE_CLASS } from "../../schema/value-class.ts";
import { TEMPORAL_MAX, TEMPORAL_MIN, temporalClass } from "./temporal-class.ts";

const { BOOL, DEC, STR } = VALUE_CLASS;

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;

/** How many digits DOUBLE keeps whatever they are. */
const SAFE_DIGITS = 15;

/** The class of the text `buf[from, to)`, which holds no doubled quotes. An empty text is a string. */
export function csvClass(buf: Buffer, from: number, to: number): number {
  if (from === to) return STR;
  const first = buf[from]!;
  if (first === MINUS || (first >= ZERO && first <= NINE)) {
    const bit = numberClass(buf, from, to);
    if (bit !== 0) return bit;
    const length = to - from;
    return length >= TEMPORAL_MIN && length <= TEMPORAL_MAX ? temporalClass(buf, from, to) : STR;
  }
  return isBoolean(buf, from, to) ? BOOL : STR;
}

/** 0 for what is no number. */
function numberClass(buf: Buffer, from: number, to: number): number {
  const isNegative = buf[from] === MINUS;
  const first = isNegative ? from + 1 : from;
  const point = endOfDigits(buf, first, to);
  const digits = point - first;
  if (digits === 0 || (digits > 1 && buf[first] === ZERO)) return 0;
  if (point === to) return integerClass(buf, from, to);
  let p = point;
  if (buf[p] === POINT) {
    p = endOfDigits(buf, point + 1, to);
    if (p === point + 1) return 0;
    if (p === to) return p - first - 1 <= SAFE_DIGITS ? DEC : classOfNumber(buf.toString("latin1", from, to));
  }
  if ((buf[p]! | 32) !== 101) return 0;
  p += 1;
  if (p < to && (buf[p] === PLUS || buf[p] === MINUS)) p += 1;
  const end = endOfDigits(buf, p, to);
  return end === to && end > p ? classOfNumber(buf.toString("latin1", from, to)) : 0;
}

function endOfDigits(buf: Buffer, from: number, to: number): number {
  let p = from;
  while (p < to && buf[p]! >= ZERO && buf[p]! <= NINE) p += 1;
  return p;
}

/** Of an integer's digits; `-0` has none that prints back. */
function integerClass(buf: Buffer, from: number, to: number): number {
  const isNegative = buf[from] === MINUS;
  const first = isNegative ? from + 1 : from;
  if (isNegative && buf[first] === ZERO) return 0;
  if (to - first > SAFE_DIGITS) return classOfNumber(buf.toString("latin1", from, to));
  let value = 0;
  for (let p = first; p < to; p++) value = value * 10 + buf[p]! - ZERO;
  return classOfSmallInteger(isNegative ? -value : value);
}

const TRUE = Buffer.from("true");
const FALSE = Buffer.from("false");

function isBoolean(buf: Buffer, from: number, to: number): boolean {
  const word = to - from === TRUE.length ? TRUE : to - from === FALSE.length ? FALSE : undefined;
  if (word === undefined) return false;
  for (let i = 0; i < word.length; i++) if ((buf[from + i]! | 32) !== word[i]) return false;
  return true;
}
