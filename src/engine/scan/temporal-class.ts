/**
 * Dates and timestamps among strings, from their bytes. Strict: what the engine would read loosely (`2024-1-2`, hour 24,
 * `epoch`) is a plain string here.
 */
import { VALUE_CLASS } from "../../schema/value-class.ts";

const DAYS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The shortest and longest string of interest: a date; 9 fraction digits with an offset. */
export const TEMPORAL_MIN = 10;
export const TEMPORAL_MAX = 40;

/** Two digits as a number; 100 or more if they are none. */
function pair(buf: Uint8Array, at: number): number {
  const high = buf[at]! - 48;
  const low = buf[at + 1]! - 48;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : 100;
}

/** The class of the string whose bytes (unescaped, without quotes) are `buf[from, to)`. */
export function temporalClass(buf: Uint8Array, from: number, to: number): number {
  if (to - from < TEMPORAL_MIN || buf[from + 4] !== 45 || buf[from + 7] !== 45) return VALUE_CLASS.STR;
  const century = pair(buf, from);
  const decade = pair(buf, from + 2);
  const month = pair(buf, from + 5);
  const day = pair(buf, from + 8);
  if (century > 99 || decade > 99 || month < 1 || month > 12 || day < 1) return VALUE_CLASS.STR;
  const year = century * 100 + decade;
  if (year === 0 || day > DAYS[month]! || (month === 2 && day === 29 && !isLeap(year)))
    return VALUE_CLASS.STR;
  if (to - from === TEMPORAL_MIN) return VALUE_CLASS.DATE;
  return timeClass(buf, from + 10, to, year);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** From the separator between day and hour. */
function timeClass(buf: Uint8Array, from: number, to: number, year: number): number {
  if (to - from < 9 || (buf[from] !== 84 && buf[from] !== 32)) return VALUE_CLASS.STR;
  if (buf[from + 3] !== 58 || buf[from + 6] !== 58) return VALUE_CLASS.STR;
  if (pair(buf, from + 1) > 23 || pair(buf, from + 4) > 59 || pair(buf, from + 7) > 59)
    return VALUE_CLASS.STR;
  let at = from + 9;
  let digits = 0;
  if (at < to && buf[at] === 46) {
    const point = at++;
    while (at < to && buf[at]! >= 48 && buf[at]! <= 57) at += 1;
    digits = at - point - 1;
    if (digits === 0) return VALUE_CLASS.STR;
  }
  const exact =
    at === to ? VALUE_CLASS.TS_LOCAL : zoneFits(buf, at, to, year) ? VALUE_CLASS.TS_ZONED : VALUE_CLASS.STR;
  return digits > 6 && exact !== VALUE_CLASS.STR ? VALUE_CLASS.TS_NANO : exact;
}

/** `Z` or `±HH:MM`, at most 15:59. In the first and last year an offset could leave the years that Delta knows. */
function zoneFits(buf: Uint8Array, at: number, to: number, year: number): boolean {
  if (buf[at] === 90) return at + 1 === to;
  if (buf[at] !== 43 && buf[at] !== 45) return false;
  if (at + 6 !== to || buf[at + 3] !== 58 || year === 1 || year === 9999) return false;
  return pair(buf, at + 1) <= 15 && pair(buf, at + 4) <= 59;
}
