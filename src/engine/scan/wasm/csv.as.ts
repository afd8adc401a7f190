/**
 * Whole lines of plain CSV in linear memory against what their columns have held. It settles the records that teach nothing: as many
 * fields as there are columns, each null or of a class that its column has held before. At every other one it stops, and the reader in
 * TypeScript, which is the reference, takes it. So nothing is written here but counts. `npm run wasm` builds the module.
 *
 * The last line ends with LF, and behind it lie 32 readable bytes.
 */
import { BOOL, DEC, MINUS, NEWLINE, NULL, POINT, QUOTE, STR } from "./layout.as";
import { INTEGER_CLASSES, afterDigits, digitsAt, integerClass, longDecimalClass } from "./numbers.as";
import { temporalClass } from "./temporal.as";

/** The header: where it stopped, and counts of the last call. csv-settler.ts has the same places. */
const STOPPED_AT: usize = 0;
const RECORDS: usize = 4;
const LONGEST: usize = 8;
/** Records that ended with CRLF; the others did with LF. */
const CRLF: usize = 12;

const CR: u32 = 13;

/** `masks`: what each column has held, 4 bytes each. Longer records than `most` bytes are not settled. */
export function settle(from: usize, to: usize, masks: usize, columns: u32, separator: u32, most: usize): void {
  let at = from;
  let records: u32 = 0;
  let crlf: u32 = 0;
  let longest: usize = 0;
  const last = masks + (<usize>(columns - 1) << 2);
  while (at < to) {
    const end = record(at, masks, last, separator);
    if (end == 0) break;
    const length = end - at;
    if (length > most) break;
    if (length > longest) longest = length;
    records += 1;
    const isCrlf = <u32>load<u8>(end) == CR;
    crlf += <u32>isCrlf;
    at = end + 1 + <usize>isCrlf;
  }
  store<u32>(STOPPED_AT, <u32>at);
  store<u32>(RECORDS, records);
  store<u32>(LONGEST, <u32>longest);
  store<u32>(CRLF, crlf);
}

/** The line end of the record that begins at `from`, the CR of CRLF; 0 leaves the record to the reader. */
function record(from: usize, masks: usize, last: usize, separator: u32): usize {
  let column = masks;
  let p = from;
  while (true) {
    const mask = load<i32>(column);
    let end: usize;
    if (<u32>load<u8>(p) == QUOTE) {
      const start = p + 1;
      const close = quoteStop(start);
      if (<u32>load<u8>(close) != QUOTE || !covers(mask, start, close)) return 0;
      end = close + 1;
    } else {
      end = fieldStop(p, separator);
      if (end == p ? (mask & NULL) == 0 : !covers(mask, p, end)) return 0;
    }
    const byte = <u32>load<u8>(end);
    if (byte == separator) {
      if (column == last) return 0;
      column += 4;
      p = end + 1;
    } else if (byte == NEWLINE || (byte == CR && <u32>load<u8>(end, 1) == NEWLINE)) {
      return column == last ? end : 0;
    } else return 0;
  }
}

/** The first separator, quote or control character. */
@inline
function fieldStop(from: usize, separator: u32): usize {
  let p = from;
  while (true) {
    const bytes = v128.load(p);
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(<i8>separator)), i8x16.eq(bytes, i8x16.splat(<i8>QUOTE))),
        i8x16.lt_u(bytes, i8x16.splat(32)),
      ),
    );
    if (stops != 0) return p + ctz(stops);
    p += 16;
  }
}

/** The first quote or control character. */
@inline
function quoteStop(from: usize): usize {
  let p = from;
  while (true) {
    const bytes = v128.load(p);
    const stops = i8x16.bitmask(
      v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.lt_u(bytes, i8x16.splat(32))),
    );
    if (stops != 0) return p + ctz(stops);
    p += 16;
  }
}

/** True where the class of the text [from, to) is among those of the mask (csv-class.ts). False also where that takes more thought. */
@inline
function covers(mask: i32, from: usize, to: usize): bool {
  if ((mask & STR) != 0) return true;
  if (from == to) return false;
  const byte = <u32>load<u8>(from);
  if (byte - 48 < 10 || byte == MINUS) return coversNumber(mask, from, to, byte == MINUS);
  const length = to - from;
  if (length != 4 && length != 5) return false;
  const word = load<u32>(from) | 0x20202020;
  const isBoolean =
    length == 4 ? word == 0x65757274 : word == 0x736c6166 && (load<u8>(from, 4) | 32) == 101;
  return isBoolean && (mask & BOOL) != 0;
}

function coversNumber(mask: i32, from: usize, to: usize, isNegative: bool): bool {
  const first = from + <usize>isNegative;
  const digits = digitsAt(first);
  const whole = ctz(~digits);
  const end = first + <usize>whole;
  if (whole == 0 || end > to) return false;
  const isZero = load<u8>(first) == 48;
  if (end == to) {
    if (whole > 15 || (isZero && (whole > 1 || isNegative))) return false;
    const classes = load<i32>(INTEGER_CLASSES + (<usize>whole << 2));
    return (mask & classes) == classes || (mask & integerClass(from, to, whole)) != 0;
  }
  if (load<u8>(end) == POINT) {
    const scale = <i32>(to - end) - 1;
    if (scale == 0 || (isZero && whole > 1)) return false;
    const isWithin = whole + scale < 16;
    if (isWithin ? ctz(~(digits >>> (whole + 1))) < scale : afterDigits(end + 1) != to) return false;
    const bits = whole + scale < 16 ? DEC : longDecimalClass(first, to, scale);
    return (mask & bits) != 0;
  }
  const length = to - from;
  if (isNegative || length < 10 || length > 40) return false;
  return (mask & temporalClass(from, to)) != 0;
}
