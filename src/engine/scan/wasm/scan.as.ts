/**
 * The hot loop in AssemblyScript: whole lines of NDJSON in linear memory against the table of paths that lies beside them
 * (path-table.ts). It settles the usual records and stops before every other one: what is malformed, what is new to the table
 * and what is rare goes to record-scanner.ts, which is the reference. So it writes nothing into the table but guesses and marks of
 * objects, and a record that it has begun in vain leaves no trace. Built by `npm run wasm`; memory-layout.ts has the same numbers.
 *
 * Every line ends with a newline, and behind the last one lie 16 readable bytes. No token may hold a newline, so every run stops
 * there by itself.
 */

// The header, in bytes from 0.
const STOPPED_AT: usize = 0;
const DIRTY_LENGTH: usize = 4;
const RECORDS: usize = 8;
const LONGEST: usize = 12;
const MARK: usize = 16;
const CELLS: usize = 20;
const KEYS: usize = 24;
const SLOTS: usize = 28;
const LAST_SLOT: usize = 32;
const SEED: usize = 36;
const IS_FULL: usize = 40;
const STACK: usize = 44;
const STACK_END: usize = 48;
const MAX_RECORD: usize = 52;

// A node, in bytes from its start.
const MASK: usize = 0;
const DENY: usize = 4;
const NEXT: usize = 8;
const FIRST_KEY: usize = 12;
const ELEMENT: usize = 16;
const SEEN_IN: usize = 20;
const KEY_START: usize = 24;
const KEY_END: usize = 28;
const DIGITS: usize = 32;
const SCALE: usize = 36;
const PARENT: usize = 40;
const IS_PLAIN: usize = 44;
const FIT_WHOLE: usize = 48;
const FIT_SCALE: usize = 52;
const FIT_DIGITS: usize = 56;
const NODE_BYTES: usize = 64;
/** The node of the keys beyond the limit of paths is the second one. */
const OVERFLOW: i32 = 16;

// Why `scan` came back.
const DONE: i32 = 0;
const DIRTY: i32 = 1;
const UNSETTLED: i32 = 2;

// Classes of values (value-class.ts).
const NULL: i32 = 1 << 0;
const BOOL: i32 = 1 << 1;
const INT8: i32 = 1 << 2;
const INT16: i32 = 1 << 3;
const INT32: i32 = 1 << 4;
const INT15: i32 = 1 << 5;
const DEC: i32 = 1 << 10;
const TS_ZONED: i32 = 1 << 14;
const TS_LOCAL: i32 = 1 << 15;
const TS_NANO: i32 = 1 << 16;
const DATE: i32 = 1 << 17;
const STR: i32 = 1 << 18;
const OBJ: i32 = 1 << 19;
const ARR: i32 = 1 << 20;
const DUP: i32 = 1 << 21;
/** Beside the class that `judge` gives: the number fits its column. */
const FITS: i32 = 1 << 30;

const NEWLINE: u32 = 10;
const QUOTE: u32 = 34;
const COMMA: u32 = 44;
const MINUS: u32 = 45;
const POINT: u32 = 46;
const COLON: u32 = 58;
const OPEN_ARRAY: u32 = 91;
const BACKSLASH: u32 = 92;
const CLOSE_ARRAY: u32 = 93;
const OPEN_OBJECT: u32 = 123;
const CLOSE_OBJECT: u32 = 125;

const GUESSES: i32 = 4;
/** Marks of objects stay small integers; record-scanner.ts starts them anew. */
const MAX_MARK: i32 = 1 << 30;
const HASH_PRIME: i32 = 16777619;

/** By the number of an integer's digits, to 15: the classes that it may be of. */
const INTEGER_CLASSES: usize = memory.data<i32>([
  0, INT8, INT8, INT8 | INT16, INT16, INT16 | INT32, INT32, INT32, INT32, INT32, INT32 | INT15, INT15, INT15, INT15,
  INT15, INT15,
]);

/** The class of an unusual number with FITS, by its node's index and its text; 0 if the table must learn from it. */
@external("scanner", "judge")
declare function judge(node: i32, from: usize, to: usize): i32;

/** What the last record held where the target denies it. */
let dirty: i32 = 0;
/** What the last call of `unusualNumber` found. */
let unusualClass: i32 = 0;

/**
 * Scans whole lines in [from, to). DONE: all are settled. DIRTY: STOPPED_AT is behind the record whose newline is at
 * STOPPED_AT - 1 and whose length is DIRTY_LENGTH. UNSETTLED: STOPPED_AT is the line that is for record-scanner.ts. RECORDS and
 * LONGEST count what was settled.
 */
export function scan(from: usize, to: usize): i32 {
  const maxRecord = load<u32>(MAX_RECORD);
  let records: u32 = 0;
  let longest = load<u32>(LONGEST);
  let outcome = DONE;
  let at = from;
  while (at < to) {
    const start = afterBlanks(at);
    if (load<u8>(start) == NEWLINE) {
      at = start + 1;
      continue;
    }
    const newline = record(start);
    const length = <u32>(newline - at);
    if (newline == 0 || length > maxRecord) {
      outcome = UNSETTLED;
      break;
    }
    at = newline + 1;
    records += 1;
    if (length > longest) longest = length;
    if (dirty != 0) {
      store<u32>(DIRTY_LENGTH, length);
      outcome = DIRTY;
      break;
    }
  }
  store<u32>(STOPPED_AT, <u32>at);
  store<u32>(RECORDS, records);
  store<u32>(LONGEST, longest);
  return outcome;
}

@inline
function afterBlanks(at: usize): usize {
  let p = at;
  while (true) {
    const byte = <u32>load<u8>(p);
    if (byte > 32 || (byte != 32 && byte != 9 && byte != 13)) return p;
    p += 1;
  }
}

/** The first quote, backslash or control character. */
@inline
function stringStop(from: usize): usize {
  let p = from;
  while (true) {
    const bytes = v128.load(p);
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH))),
        i8x16.lt_u(bytes, i8x16.splat(32)),
      ),
    );
    if (stops != 0) return p + ctz(stops);
    p += 16;
  }
}

/** A bit for each of 16 bytes that is a digit. */
@inline
function digitsAt(from: usize): i32 {
  return i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(from), i8x16.splat(48)), i8x16.splat(10)));
}

/** The newline of the record that begins at `from`; 0 leaves the record to record-scanner.ts. */
function record(from: usize): usize {
  const cells = load<usize>(CELLS);
  const keys = load<usize>(KEYS);
  const stack = load<usize>(STACK);
  const stackEnd = load<usize>(STACK_END);
  if (load<u8>(from) != OPEN_OBJECT || load<i32>(MARK) > MAX_MARK) return 0;
  let sp = stack;
  let denied: i32 = 0;
  let node = cells;
  // The container that the value stands in: its node, its closing bracket, its mark and the key before this one.
  let container: usize = 0;
  let closing: u32 = 0;
  let object: i32 = 0;
  let previous: usize = 0;
  let p = from;

  while (true) {
    let byte = <u32>load<u8>(p);
    const mask = load<i32>(node, MASK);
    const deny = load<i32>(node, DENY);
    let isKeyNext = false;

    if (byte == QUOTE) {
      const start = p + 1;
      let bits = STR;
      p = stringStop(start);
      if (load<u8>(p) != QUOTE) {
        p = afterEscapes(p);
        if (p == 0) return 0;
      } else if (p - start - 10 <= 30 && (mask & ~deny & STR) == 0) {
        // A path of plain strings needs no look at its dates, unless plain strings are what must be found.
        bits = temporalClass(start, p);
      }
      if ((mask & bits) == 0) return 0;
      denied |= deny & bits;
      p += 1;
    } else if (byte - 48 < 10 || byte == MINUS) {
      const first = p + <usize>(byte == MINUS);
      const digits = digitsAt(first);
      const whole = ctz(~digits);
      let scale: i32 = 0;
      let end = first + whole;
      byte = load<u8>(end);
      if (byte == POINT) {
        scale = ctz(~(digits >>> (whole + 1)));
        end += 1 + scale;
        byte = load<u8>(end);
      }
      const isShort = end - first < 16;
      if (
        isShort &&
        (byte | 32) != 101 &&
        whole <= load<i32>(node, FIT_WHOLE) &&
        scale <= load<i32>(node, FIT_SCALE) &&
        whole + scale <= load<i32>(node, FIT_DIGITS)
      ) {
        if (whole == 0 || (whole > 1 && load<u8>(first) == 48)) return 0;
        if (load<u8>(first + whole) == POINT && scale == 0) return 0;
        if (whole > load<i32>(node, DIGITS) || scale > load<i32>(node, SCALE)) return 0;
        const classes = scale > 0 ? DEC : load<i32>(INTEGER_CLASSES + (<usize>whole << 2));
        // Which of them it is does not matter if all are known and none is denied.
        if ((classes & ~(mask & ~deny)) != 0) {
          const bits = scale > 0 ? DEC : integerClass(p, end, whole);
          if ((mask & bits) == 0) return 0;
          denied |= deny & bits;
        }
        p = end;
      } else {
        p = unusualNumber(node, <i32>((node - cells) >>> 2), p);
        if (p == 0 || (mask & unusualClass) == 0) return 0;
        denied |= deny & unusualClass;
        if ((unusualClass & FITS) == 0) denied |= unusualClass;
      }
    } else if (byte == OPEN_OBJECT) {
      if ((mask & OBJ) == 0 || sp == stackEnd) return 0;
      denied |= deny & OBJ;
      store<usize>(sp, container, 0);
      store<u32>(sp, closing, 4);
      store<i32>(sp, object, 8);
      store<usize>(sp, previous, 12);
      sp += 16;
      container = node;
      closing = CLOSE_OBJECT;
      object = load<i32>(MARK) + 1;
      store<i32>(MARK, object);
      previous = 0;
      p = afterBlanks(p + 1);
      isKeyNext = load<u8>(p) != CLOSE_OBJECT;
    } else if (byte == OPEN_ARRAY) {
      if ((mask & ARR) == 0 || sp == stackEnd) return 0;
      denied |= deny & ARR;
      store<usize>(sp, container, 0);
      store<u32>(sp, closing, 4);
      store<i32>(sp, object, 8);
      store<usize>(sp, previous, 12);
      sp += 16;
      container = node;
      closing = CLOSE_ARRAY;
      p = afterBlanks(p + 1);
      if (load<u8>(p) != CLOSE_ARRAY) {
        const element = load<i32>(node, ELEMENT);
        if (element == -1) return 0;
        node = cells + (<usize>element << 2);
        continue;
      }
    } else {
      const word = load<u32>(p);
      let bits = BOOL;
      if (word == 0x6c6c756e) {
        bits = NULL;
        p += 4;
      } else if (word == 0x65757274) p += 4;
      else if (word == 0x736c6166 && load<u8>(p, 4) == 101) p += 5;
      else return 0;
      if ((mask & bits) == 0) return 0;
      denied |= deny & bits;
    }

    // After a value: a comma leads to the next, a closing bracket ends the container.
    if (!isKeyNext) {
      while (true) {
        byte = load<u8>(p);
        if (byte <= 32) {
          p = afterBlanks(p);
          byte = load<u8>(p);
        }
        if (byte == COMMA) break;
        if (byte != closing) {
          if (sp != stack || byte != NEWLINE) return 0;
          dirty = denied;
          return p;
        }
        if (sp == stack) return 0;
        sp -= 16;
        container = load<usize>(sp, 0);
        closing = load<u32>(sp, 4);
        object = load<i32>(sp, 8);
        previous = load<usize>(sp, 12);
        p += 1;
      }
      if (sp == stack) return 0;
      p = afterBlanks(p + 1);
      if (closing == CLOSE_ARRAY) {
        node = cells + (<usize>load<i32>(container, ELEMENT) << 2);
        continue;
      }
    }

    // A key: first the one that stood here last time, compared in place with its closing quote.
    if (load<u8>(p) != QUOTE) return 0;
    p += 1;
    const head = v128.load(p);
    let guess = previous == 0 ? load<i32>(container, FIRST_KEY) : load<i32>(previous, NEXT);
    let end: usize = 0;
    for (let tries = 0; guess != -1 && tries < GUESSES; tries++) {
      node = cells + (<usize>guess << 2);
      const key = keys + load<u32>(node, KEY_START);
      const length = keys + load<u32>(node, KEY_END) - key;
      const same = <usize>ctz(~i8x16.bitmask(i8x16.eq(head, v128.load(key))));
      if (same >= length || (same == 16 && isSame(p + 16, key + 16, length - 16))) {
        end = p + length;
        break;
      }
      guess = load<i32>(node, NEXT);
    }
    if (end == 0) {
      end = stringStop(p);
      if (load<u8>(end) != QUOTE) return 0;
      const index = childOf(<i32>((container - cells) >>> 2), p, end);
      if (index == -1) return 0;
      node = cells + (<usize>index << 2);
      if (index != OVERFLOW && load<i32>(node, IS_PLAIN) != 0) {
        if (previous == 0) store<i32>(container, index, FIRST_KEY);
        else if (previous != cells + NODE_BYTES) store<i32>(previous, index, NEXT);
      }
      end += 1;
    }
    p = end;
    previous = node;
    if (load<i32>(node, SEEN_IN) == object && node != cells + NODE_BYTES) {
      if ((load<i32>(node, MASK) & DUP) == 0) return 0;
      denied |= load<i32>(node, DENY) & DUP;
    }
    store<i32>(node, object, SEEN_IN);
    byte = load<u8>(p);
    if (byte != COLON) {
      p = afterBlanks(p);
      if (load<u8>(p) != COLON) return 0;
    }
    p = afterBlanks(p + 1);
  }
}

function isSame(a: usize, b: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

/** The child of a node by its key's bytes, as `PathTable.childOf` finds it; -1 if it would be new. */
function childOf(parent: i32, from: usize, to: usize): i32 {
  if (parent == OVERFLOW) return OVERFLOW;
  const cells = load<usize>(CELLS);
  const keys = load<usize>(KEYS);
  const slots = load<usize>(SLOTS);
  const last = load<i32>(LAST_SLOT);
  let hash = load<i32>(SEED) ^ ((parent + 1) * <i32>0x9e3779b1);
  for (let p = from; p < to; p++) hash = (hash ^ load<u8>(p)) * HASH_PRIME;
  hash ^= hash >>> 15;
  let slot = hash & last;
  while (true) {
    const index = load<i32>(slots + (<usize>slot << 2));
    if (index == -1) return load<i32>(IS_FULL) != 0 ? OVERFLOW : -1;
    const node = cells + (<usize>index << 2);
    const key = keys + load<u32>(node, KEY_START);
    const length = keys + load<u32>(node, KEY_END) - key - 1;
    if (load<i32>(node, PARENT) == parent && length == to - from && isSame(from, key, length)) return index;
    slot = (slot + 1) & last;
  }
}

/** The class of an integer of at most 15 digits. */
function integerClass(from: usize, to: usize, digits: i32): i32 {
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
function unusualNumber(node: usize, index: i32, from: usize): usize {
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
  unusualClass = judge(index, from, p);
  return p;
}

@inline
function afterDigits(from: usize): usize {
  let p = from;
  while (<u32>load<u8>(p) - 48 < 10) p += 1;
  return p;
}

/** From a stop inside a string to its closing quote; 0 if there is a fault on the way. */
function afterEscapes(stop: usize): usize {
  let p = stop;
  while (true) {
    const byte = <u32>load<u8>(p);
    if (byte == QUOTE) return p;
    if (byte != BACKSLASH) return 0;
    const next = <u32>load<u8>(p, 1);
    if (next == 117) {
      const unit = hexUnit(p + 2);
      if (unit < 0) return 0;
      p += 6;
      if ((unit & 0xf800) == 0xd800) {
        if (unit > 0xdbff || load<u16>(p) != 0x755c) return 0;
        const low = hexUnit(p + 2);
        if (low < 0 || (low & 0xfc00) != 0xdc00) return 0;
        p += 6;
      }
    } else if (next == QUOTE || next == BACKSLASH || next == 47 || isControlLetter(next)) p += 2;
    else return 0;
    p = stringStop(p);
  }
}

/** One of b, f, n, r, t. */
@inline
function isControlLetter(byte: u32): bool {
  return byte == 98 || byte == 102 || byte == 110 || byte == 114 || byte == 116;
}

/** Four hexadecimal digits, or -1. */
function hexUnit(from: usize): i32 {
  let unit: i32 = 0;
  for (let p = from; p < from + 4; p++) {
    const byte = <u32>load<u8>(p);
    const lower = byte | 32;
    if (byte - 48 < 10) unit = unit * 16 + <i32>(byte - 48);
    else if (lower - 97 < 6) unit = unit * 16 + <i32>(lower - 87);
    else return -1;
  }
  return unit;
}

@inline
function pair(at: usize): i32 {
  return <i32>load<u8>(at) * 10 + <i32>load<u8>(at, 1) - 528;
}

/** Bits of the digits in `YYYY-MM-DD` and in `YYYY-MM-DDTHH:MM`. */
const DATE_DIGITS: i32 = 0b1101101111;
const MINUTE_DIGITS: i32 = 0b1101101101101111;

/** As temporal-class.ts: the class of the string [from, to), of at least 10 bytes. */
function temporalClass(from: usize, to: usize): i32 {
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
