/**
 * The hot loop in AssemblyScript: whole lines of NDJSON in linear memory against the table of paths that lies beside them
 * (path-table.ts). It settles the usual records and stops before every other one: what is malformed, what is new to the table
 * and what is rare goes to record-scanner.ts, which is the reference. So it writes nothing into the table but guesses and marks of
 * objects, and a record that it has begun in vain leaves no trace. `npm run wasm` builds the module.
 *
 * Every line ends with a newline, and behind the last one lie 16 readable bytes. No token may hold a newline, so every run stops
 * there by itself.
 */
import {
  STOPPED_AT, DIRTY_LENGTH, RECORDS, LONGEST, MARK, CELLS, KEYS, SLOTS, LAST_SLOT, SEED, IS_FULL, STACK,
  STACK_END, MAX_RECORD, MASK, DENY, NEXT, FIRST_KEY, ELEMENT, SEEN_IN, KEY_START, KEY_END, DIGITS, SCALE,
  PARENT, IS_PLAIN, FIT_WHOLE, FIT_SCALE, FIT_DIGITS, NODE_BYTES, OVERFLOW, NULL, BOOL, DEC, STR, OBJ, ARR,
  DUP, FITS, NEWLINE, QUOTE, COMMA, MINUS, POINT, COLON, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT,
} from "./layout.as";
import { INTEGER_CLASSES, digitsAt, integerClass, unusualClass, unusualNumber } from "./numbers.as";
import { afterEscapes, stringStop } from "./strings.as";
import { temporalClass } from "./temporal.as";

// Why `scan` came back.
const DONE: i32 = 0;
const DIRTY: i32 = 1;
const UNSETTLED: i32 = 2;

const GUESSES: i32 = 4;
/** Marks of objects stay small integers; record-scanner.ts starts them anew. */
const MAX_MARK: i32 = 1 << 30;
const HASH_PRIME: i32 = 16777619;

/** What the last record held where the target denies it. */
let dirty: i32 = 0;
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
