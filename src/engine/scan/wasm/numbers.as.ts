/** The classes of numbers (decimal-value.ts). */
import {
  DIGITS, SCALE, FIT_WHOLE, FIT_SCALE, FIT_DIGITS, INT8, INT16, INT32, INT15, INT64_EXACT, INT64, DEC,
  DEC_LONG, FITS, MINUS, POINT,
} from "./layout.as";

/** The class of an unusual number with FITS, by its node's index and its text; 0 if the table must learn from it. */
@external("scanner", "judge")
declare function judge(node: i32, from: usize, to: usize): i32;

/** By the number of an integer's digits, to 15: the classes that it may be of. */
export const INTEGER_CLASSES: usize = memory.data<i32>([
  0, INT8, INT8, INT8 | INT16, INT16, INT16 | INT32, INT32, INT32, INT32, INT32, INT32 | INT15, INT15, INT15, INT15,
  INT15, INT15,
]);

/** What the last call of `unusualNumber` found. */
export let unusualClass: i32 = 0;

/** A bit for each of 16 bytes that is a digit. */
@inline
export function digitsAt(from: usize): i32 {
  return i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(from), i8x16.splat(48)), i8x16.splat(10)));
}

/** The class of an integer of at most 15 digits. */
export function integerClass(from: usize, to: usize, digits: i32): i32 {
  const classes = load<i32>(INTEGER_CLASSES + (<usize>digits << 2));
  if (popcnt(classes) == 1) return classes;
  const isNegative = load<u8>(from) == MINUS;
  let value: i64 = 0;
  for (let p = from + <usize>isNegative; p < to; p++) value = value * 10 + load<u8>(p) - 48;
  if (isNegative) value = -value;
  if (value == <i64>(<i8>value)) return INT8;
  if (value == <i64>(<i16>value)) return INT16;
  return value == <i64>(<i32>value) ? INT32 : INT15;
}

/** The end of a number that is long, has an exponent or a column that looks at its digits; its class in `unusualClass`. */
export function unusualNumber(node: usize, index: i32, from: usize): usize {
  let p = from + <usize>(load<u8>(from) == MINUS);
  const first = p;
  p = afterDigits(p);
  const whole = <i32>(p - first);
  if (whole == 0 || (whole > 1 && load<u8>(first) == 48)) return 0;
  let scale: i32 = 0;
  if (load<u8>(p) == POINT) {
    const point = p;
    p = afterDigits(p + 1);
    scale = <i32>(p - point) - 1;
    if (scale == 0) return 0;
  }
  let isPlain = true;
  if ((load<u8>(p) | 32) == 101) {
    isPlain = false;
    p += 1;
    if (load<u8>(p) == MINUS || load<u8>(p) == 43) p += 1;
    const exponent = p;
    p = afterDigits(p);
    if (p == exponent) return 0;
  }
  if ((isPlain && whole > load<i32>(node, DIGITS)) || scale > load<i32>(node, SCALE)) return 0;
  unusualClass = 0;
  if (
    isPlain &&
    whole <= load<i32>(node, FIT_WHOLE) &&
    scale <= load<i32>(node, FIT_SCALE) &&
    whole + scale <= load<i32>(node, FIT_DIGITS)
  ) {
    if (scale > 0) unusualClass = longDecimalClass(first, p, scale);
    else if (whole > 15 && whole < 19) unusualClass = longIntegerClass(first, p);
  }
  if (unusualClass != 0) unusualClass |= FITS;
  else unusualClass = judge(index, from, p);
  return p;
}

/** The class of an integer of 16 to 18 digits; its sign does not matter. */
function longIntegerClass(from: usize, to: usize): i32 {
  const value = digitsBetween(from, to);
  return <i64>(<f64>value) == value ? INT64_EXACT : INT64;
}

/**
 * The class of a number of up to 17 digits, `scale` of them behind the point, or 0 where that takes more thought. A DOUBLE prints as
 * the shortest decimal within half a unit of its last place, and as the nearest of equally short ones: so the text is what it prints
 * unless a decimal with a digit less lies there too. D / 10^s ≈ m / 2^e, hence all of it stands in r = D·2^e - m·10^s, which is
 * small: 64 bits hold it although its parts wrap around. Where things are equal, or m is a power of two, `judge` decides.
 */
export function longDecimalClass(from: usize, to: usize, scale: i32): i32 {
  if (to - from > 18 + <usize>(load<u8>(from) == 48)) return 0;
  let decimal = digitsBetween(from, to);
  while (scale > 0 && decimal % 10 == 0) {
    decimal /= 10;
    scale -= 1;
  }
  // Every decimal of 15 digits is what its DOUBLE prints.
  if (decimal < 1000000000000000) return DEC;
  if (scale == 0) return 0;
  let half: i64 = 5;
  for (let i = 1; i < scale; i++) half *= 10;
  const ten = 2 * half;
  const bits = reinterpret<i64>(<f64>decimal / <f64>ten);
  const e = 1075 - (bits >> 52);
  if (e <= 0 || e > 59) return 0;
  const m = (bits & 0xfffffffffffff) | 0x10000000000000;
  let r = (decimal << e) - m * ten;
  // The division may be off by a unit or two.
  let step: i64 = 0;
  while (r > half) {
    r -= ten;
    step += 1;
  }
  while (r < -half) {
    r += ten;
    step -= 1;
  }
  const nearest = m + step;
  if (nearest <= 0x10000000000000 || nearest >= 0x20000000000000) return 0;
  // With a digit less: the decimals next to it, below and above. 10 * 2^59 is the most, within 64 bits.
  const unit: i64 = <i64>1 << e;
  const last = decimal % 10;
  const below = last * unit - r;
  const above = (10 - last) * unit + r;
  const size = r < 0 ? -r : r;
  if (size == half || below == half || above == half || size == unit >> 1) return 0;
  return below < half || above < half || size > unit >> 1 ? DEC_LONG : DEC;
}

/** The digits of [from, to), at most 18, as one number; a point among them is passed over. */
function digitsBetween(from: usize, to: usize): i64 {
  let value: i64 = 0;
  for (let p = from; p < to; p++) {
    const byte = <u32>load<u8>(p);
    if (byte != POINT) value = value * 10 + <i64>(byte - 48);
  }
  return value;
}

@inline
export function afterDigits(from: usize): usize {
  let p = from;
  while (<u32>load<u8>(p) - 48 < 10) p += 1;
  return p;
}
