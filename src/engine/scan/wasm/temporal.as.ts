/** Dates and timestamps among strings (temporal-class.ts). */
import { TS_ZONED, TS_LOCAL, TS_NANO, DATE, STR, MINUS, POINT, COLON } from "./layout.as";
import { afterDigits, digitsAt } from "./numbers.as";

@inline
function pair(at: usize): i32 {
  return <i32>load<u8>(at) * 10 + <i32>load<u8>(at, 1) - 528;
}

/** Bits of the digits in `YYYY-MM-DD` and in `YYYY-MM-DDTHH:MM`. */
const DATE_DIGITS: i32 = 0b1101101111;
const MINUTE_DIGITS: i32 = 0b1101101101101111;

/** As temporal-class.ts: the class of the string [from, to), of at least 10 bytes. */
export function temporalClass(from: usize, to: usize): i32 {
  const digits = digitsAt(from);
  if ((digits & DATE_DIGITS) != DATE_DIGITS) return STR;
  if (load<u8>(from, 4) != MINUS || load<u8>(from, 7) != MINUS) return STR;
  const year = pair(from) * 100 + pair(from + 2);
  const month = pair(from + 5);
  const day = pair(from + 8);
  if (year == 0 || month < 1 || month > 12 || day < 1) return STR;
  const days = month == 2 ? 28 + <i32>isLeap(year) : 30 + ((month + (month >> 3)) & 1);
  if (day > days) return STR;
  if (to - from == 10) return DATE;
  if (to - from < 19 || (digits & MINUTE_DIGITS) != MINUTE_DIGITS) return STR;
  return timeClass(from + 10, to, year);
}

@inline
function isLeap(year: i32): bool {
  return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
}

/** From the separator between day and hour; the digits of hours and minutes have been seen. */
function timeClass(from: usize, to: usize, year: i32): i32 {
  const separator = <u32>load<u8>(from);
  if (separator != 84 && separator != 32) return STR;
  if (load<u8>(from, 3) != COLON || load<u8>(from, 6) != COLON) return STR;
  if (pair(from + 1) > 23 || pair(from + 4) > 59) return STR;
  if (<u32>load<u8>(from, 7) - 48 > 5 || <u32>load<u8>(from, 8) - 48 > 9) return STR;
  let p = from + 9;
  let fraction: usize = 0;
  if (p < to && load<u8>(p) == POINT) {
    const point = p;
    p = afterDigits(p + 1);
    fraction = p - point - 1;
    if (fraction == 0) return STR;
  }
  let exact = TS_LOCAL;
  if (p != to) {
    if (!zoneFits(p, to, year)) return STR;
    exact = TS_ZONED;
  }
  return fraction > 6 ? TS_NANO : exact;
}

function zoneFits(at: usize, to: usize, year: i32): bool {
  const sign = <u32>load<u8>(at);
  if (sign == 90) return at + 1 == to;
  if ((sign != 43 && sign != MINUS) || at + 6 != to || load<u8>(at, 3) != COLON) return false;
  if (year == 1 || year == 9999) return false;
  const tens = <u32>load<u8>(at, 4) - 48;
  if (<u32>load<u8>(at, 1) - 48 > 9 || <u32>load<u8>(at, 2) - 48 > 9 || tens > 5) return false;
  return <u32>load<u8>(at, 5) - 48 <= 9 && pair(at + 1) <= 15;
}
