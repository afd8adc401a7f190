/**
 * The hot loop: one NDJSON record at a time, over bytes, with no object and no string made on the fast path. It is strict
 * RFC 8259 and classes every value on the way. Iterative: nesting costs two array slots, not stack.
 *
 * A line always ends with a newline inside the buffer. No token may hold one, so every run stops there by itself and no
 * index is compared with an end.
 */
import { classOfNumber, classOfSmallInteger, decimalValue } from "../../schema/decimal-value.ts";
import { numberVerdict } from "../../schema/fit.ts";
import { NUMBER_MASK, VALUE_CLASS } from "../../schema/value-class.ts";
import { CELL, HEADER } from "./memory-layout.ts";
import { OVERFLOW, ROOT, type PathTable } from "./path-table.ts";
import type { MalformedReason } from "./record-list.ts";
import { closingQuote, decodeString, STRING_STOP } from "./scan-string.ts";
import { TEMPORAL_MAX, TEMPORAL_MIN, temporalClass } from "./temporal-class.ts";

const { NULL, BOOL, INT8, INT16, INT32, INT15, DEC, STR, OBJ, ARR, DUP } = VALUE_CLASS;

const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** How many keys ahead a guess may look before the table is asked: absent keys are common, and cheap this way. */
const GUESSES = 4;
/** Marks of objects stay small integers. */
const MAX_MARK = 2 ** 30;
/** How many digits DOUBLE keeps whatever they are. */
const SAFE_DIGITS = 15;

/** What stops a record; -1 as a position. */
const STOPPED = -1;

export class RecordScanner {
  /** Why the last record was stopped; undefined if it was well-formed. */
  reason: MalformedReason | undefined;
  /** The classes that the last record held where the target denies them; 0 is clean. */
  dirty = 0;

  readonly #table: PathTable;
  readonly #maxDepth: number;
  /** The container at each depth: an object's node, or ~node of an array. */
  readonly #containers: Int32Array;
  readonly #marks: Int32Array;
  /** The key before this one, at each depth, or -1. */
  readonly #previous: Int32Array;

  constructor(options: { readonly table: PathTable; readonly maxDepth: number }) {
    this.#table = options.table;
    this.#maxDepth = options.maxDepth;
    this.#containers = new Int32Array(options.maxDepth + 1);
    this.#marks = new Int32Array(options.maxDepth + 1);
    this.#previous = new Int32Array(options.maxDepth + 1);
  }

  /**
   * Scans the record that begins at `at`, its first byte that is not blank. `shift` is the file's offset of `buf[0]`.
   * Returns the position of the line's newline, or -1 with `reason` set; what a stopped record has taught stays in the table
   * until the caller takes it back.
   *
   * One function on purpose: the loop's state lives in local variables, which is what makes it fast.
   */
  scan(buf: Buffer, at: number, shift: number): number {
    const table = this.#table;
    let { header, cells, keyBytes } = table;
    const containers = this.#containers;
    const marks = this.#marks;
    const previous = this.#previous;
    this.reason = undefined;
    if (header[HEADER.MARK]! > MAX_MARK) table.forgetMarks();
    let depth = 0;
    let dirty = 0;
    let node = ROOT;
    let p = at;
    if (buf[p] !== OPEN_OBJECT) return this.#stop("notAnObject");

    value: for (;;) {
      let byte = buf[p]!;
      const start = p;
      let bit: number;
      let integerDigits = -1;
      let scale = 0;
      if (byte === QUOTE) {
        p += 1;
        while (STRING_STOP[buf[p]!] === 0) p += 1;
        bit = STR;
        if (buf[p] !== QUOTE) {
          p = this.#endOfString(buf, p);
          if (p === STOPPED) return STOPPED;
        } else {
          const length = p - start - 1;
          // A path of plain strings needs no look at its dates, unless plain strings are what must be found.
          if (
            length >= TEMPORAL_MIN &&
            length <= TEMPORAL_MAX &&
            (cells[node + CELL.MASK]! & ~cells[node + CELL.DENY]! & STR) === 0
          ) {
            bit = temporalClass(buf, start + 1, p);
          }
        }
        p += 1;
      } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
        if (byte === MINUS) byte = buf[++p]!;
        const first = p;
        if (byte === ZERO) byte = buf[++p]!;
        else if (byte > ZERO && byte <= NINE) {
          do byte = buf[++p]!;
          while (byte >= ZERO && byte <= NINE);
        } else return this.#stop("invalidNumber");
        integerDigits = p - first;
        if (byte === POINT) {
          do byte = buf[++p]!;
          while (byte >= ZERO && byte <= NINE);
          scale = p - first - integerDigits - 1;
          if (scale === 0) return this.#stop("invalidNumber");
        }
        if ((byte | 32) === 101) {
          p = this.#endOfExponent(buf, p + 1);
          if (p === STOPPED) return STOPPED;
          bit = classOfNumber(buf.toString("latin1", start, p));
          integerDigits = -1;
          this.#learnExponent(node, buf.toString("latin1", start, p));
        } else if (integerDigits + scale > SAFE_DIGITS) bit = classOfNumber(buf.toString("latin1", start, p));
        else if (scale > 0) bit = DEC;
        else if (integerDigits <= 2) bit = INT8;
        else if (integerDigits === 4) bit = INT16;
        else if (integerDigits > 5 && integerDigits < 10) bit = INT32;
        else if (integerDigits > 10) bit = INT15;
        else bit = classOfSmallInteger(integerAt(buf, start, p));
        byte = buf[p]!;
        if (byte >= ZERO && byte <= NINE) return this.#stop("invalidNumber");
      } else if (byte === OPEN_OBJECT) {
        bit = OBJ;
        p += 1;
      } else if (byte === OPEN_ARRAY) {
        bit = ARR;
        p += 1;
      } else {
        bit = literalClass(buf, p);
        if (bit === 0) return this.#stop(unexpected(byte));
        p += bit === NULL || byte === 116 ? 4 : 5;
      }

      if ((cells[node + CELL.MASK]! & bit) === 0) table.learn(node, bit, shift + start);
      dirty |= cells[node + CELL.DENY]! & bit;
      if (integerDigits > cells[node + CELL.DIGITS]! || scale > cells[node + CELL.SCALE]!) {
        table.learnDigits(node, integerDigits, scale);
      }
      if (cells[node + CELL.CHECK] !== 0 && (bit & NUMBER_MASK) !== 0)
        dirty |= this.#fits(buf, start, p, node) ? 0 : bit;

      let isKeyNext = false;
      if (bit === OBJ || bit === ARR) {
        if (depth === this.#maxDepth) return this.#stop("tooDeep");
        depth += 1;
        while (buf[p] === 32 || buf[p] === 9 || buf[p] === 13) p += 1;
        if (bit === OBJ) {
          containers[depth] = node;
          marks[depth] = ++header[HEADER.MARK]!;
          previous[depth] = -1;
          if (buf[p] !== CLOSE_OBJECT) isKeyNext = true;
        } else {
          containers[depth] = ~node;
          if (buf[p] !== CLOSE_ARRAY) {
            const element = cells[node + CELL.ELEMENT]!;
            if (element === -1) {
              node = table.elementOf(node);
              ({ header, cells, keyBytes } = table);
            } else node = element;
            continue value;
          }
        }
      }

      // After a value: a comma leads to the next, a closing bracket ends the container.
      while (!isKeyNext) {
        byte = buf[p]!;
        while (byte === 32 || byte === 9 || byte === 13) byte = buf[++p]!;
        if (depth === 0) {
          if (byte !== NEWLINE) return this.#stop("trailingCharacters");
          this.dirty = dirty;
          return p;
        }
        const container = containers[depth]!;
        if (byte === COMMA) {
          p += 1;
          while (buf[p] === 32 || buf[p] === 9 || buf[p] === 13) p += 1;
          if (container >= 0) isKeyNext = true;
          else {
            node = cells[~container + CELL.ELEMENT]!;
            continue value;
          }
        } else if (byte === (container >= 0 ? CLOSE_OBJECT : CLOSE_ARRAY)) {
          p += 1;
          depth -= 1;
        } else return this.#stop(unexpected(byte));
      }

      // A key: first the one that stood here last time, compared in place.
      if (buf[p] !== QUOTE) return this.#stop(unexpected(buf[p]!));
      p += 1;
      const parent = containers[depth]!;
      const before = previous[depth]!;
      let guess = before === -1 ? cells[parent + CELL.FIRST_KEY]! : cells[before + CELL.NEXT]!;
      let end = p;
      for (let tries = 0; guess !== -1 && tries < GUESSES; tries++) {
        let k = cells[guess + CELL.KEY_START]!;
        const stop = cells[guess + CELL.KEY_END]!;
        end = p;
        while (k < stop && keyBytes[k] === buf[end]) {
          k += 1;
          end += 1;
        }
        if (k === stop) break;
        guess = tries === GUESSES - 1 ? -1 : cells[guess + CELL.NEXT]!;
      }
      if (guess === -1) {
        end = p;
        while (STRING_STOP[buf[end]!] === 0) end += 1;
        if (buf[end] === QUOTE) guess = table.childOf(parent, buf, p, end);
        else {
          end = this.#endOfString(buf, end);
          if (end === STOPPED) return STOPPED;
          const key = Buffer.from(decodeString(buf, p - 1, end + 1), "utf8");
          guess = table.childOf(parent, key, 0, key.length);
        }
        end += 1;
        ({ header, cells, keyBytes } = table);
        table.guess(parent, before, guess);
      }
      p = end;
      node = guess;
      previous[depth] = node;
      if (cells[node + CELL.SEEN_IN] === marks[depth] && node !== OVERFLOW) {
        if ((cells[node + CELL.MASK]! & DUP) === 0) table.learn(node, DUP, shift + p);
        dirty |= cells[node + CELL.DENY]! & DUP;
      }
      cells[node + CELL.SEEN_IN] = marks[depth]!;
      byte = buf[p]!;
      while (byte === 32 || byte === 9 || byte === 13) byte = buf[++p]!;
      if (byte !== COLON) return this.#stop(unexpected(byte));
      p += 1;
      while (buf[p] === 32 || buf[p] === 9 || buf[p] === 13) p += 1;
    }
  }

  #stop(reason: MalformedReason): number {
    this.reason = reason;
    return STOPPED;
  }

  #endOfString(buf: Uint8Array, stop: number): number {
    const end = closingQuote(buf, stop);
    return typeof end === "number" ? end : this.#stop(end);
  }

  #endOfExponent(buf: Uint8Array, from: number): number {
    let at = from;
    if (buf[at] === MINUS || buf[at] === 43) at += 1;
    const digits = at;
    while (buf[at]! >= ZERO && buf[at]! <= NINE) at += 1;
    return at === digits ? this.#stop("invalidNumber") : at;
  }

  #learnExponent(node: number, text: string): void {
    const { whole, scale } = exponentDigits(text);
    const { cells } = this.#table;
    if (whole > cells[node + CELL.DIGITS]! || scale > cells[node + CELL.SCALE]!) {
      this.#table.learnDigits(node, whole, scale);
    }
  }

  #fits(buf: Buffer, from: number, to: number, node: number): boolean {
    const check = this.#table.checks[this.#table.cells[node + CELL.CHECK]! - 1]!;
    return numberVerdict(buf.toString("latin1", from, to), check) === "fits";
  }
}

/** How many digits a number with an exponent has before and after the point when it is written without one. */
export function exponentDigits(text: string): { readonly whole: number; readonly scale: number } {
  const { digits, exponent } = decimalValue(text);
  return { whole: Math.max(0, exponent), scale: Math.max(0, digits.length - exponent) };
}

/** The value of a short integer's text. */
function integerAt(buf: Uint8Array, from: number, to: number): number {
  const isNegative = buf[from] === MINUS;
  let value = 0;
  for (let at = isNegative ? from + 1 : from; at < to; at++) value = value * 10 + buf[at]! - ZERO;
  return isNegative ? -value : value;
}

/** NULL or BOOL for `null`, `true`, `false`; 0 for any other word. */
function literalClass(buf: Uint8Array, at: number): number {
  const byte = buf[at];
  if (byte === 110) return buf[at + 1] === 117 && buf[at + 2] === 108 && buf[at + 3] === 108 ? NULL : 0;
  if (byte === 116) return buf[at + 1] === 114 && buf[at + 2] === 117 && buf[at + 3] === 101 ? BOOL : 0;
  if (byte !== 102 || buf[at + 1] !== 97 || buf[at + 2] !== 108) return 0;
  return buf[at + 3] === 115 && buf[at + 4] === 101 ? BOOL : 0;
}

function unexpected(byte: number): MalformedReason {
  if (byte === NEWLINE) return "truncated";
  const isLetter = (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
  return isLetter ? "invalidLiteral" : "unexpectedCharacter";
}
