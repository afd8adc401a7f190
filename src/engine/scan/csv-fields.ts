/**
 * Splits one CSV record into its fields, as places in its bytes. Without options this is RFC 4180: a comma, `"`, doubled quotes, line
 * ends inside quotes.
 *
 * Outside quotes CR, LF and CRLF all end a record, as Spark reads lines: of CRLF the LF then ends an empty line, which counts
 * for nothing, so that no look at the next chunk is needed. A quote inside an unquoted field is text, as in Spark and Python.
 */
import type { CsvDialect } from "./csv-dialect.ts";

/** The field stood in quotes. */
export const QUOTED = 1;
/** Its text is not its bytes: it holds escapes, or stands for the text of empty fields. */
export const ESCAPED = 2;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** What a byte outside quotes may be but text: the end of a field, the beginning of a separator of several bytes, odd text. */
const END = 1;
const MAYBE = 2;
const ODD = 3;

/** Whether a separator begins at a place; `CUT` where the bytes end too early to tell. */
const NO = 0;
const YES = 1;
const CUT = 2;

/** The fields of the record that was split last. One object for all records: the hot loop makes none. */
export class CsvFields {
  count = 0;
  /** Field i stands in `buf[from[i], to[i])`, without its quotes. */
  from = new Int32Array(16);
  to = new Int32Array(16);
  flags = new Uint8Array(16);
  /** Something other than a separator or a line end followed a closing quote. */
  textAfterQuote = false;
  /** The line ended inside quotes, where it must not. */
  unclosedQuote = false;
  /** No record so far held what readers differ on: control characters, line ends in quotes, quotes in unquoted fields. */
  isPlain = true;
  readonly #dialect: CsvDialect;
  readonly #ends: Uint8Array;
  /** 1 for the bytes inside quotes that need a look. */
  readonly #quotedStops: Uint8Array;
  #unescaped = Buffer.alloc(0);

  constructor(dialect: CsvDialect) {
    this.#dialect = dialect;
    const { separator, quote, escape, escapeOfEscape } = dialect;
    this.#ends = tableOf([...CONTROLS, quote], ODD);
    this.#ends[LF] = this.#ends[CR] = END;
    this.#ends[separator[0]!] = separator.length === 1 ? END : MAYBE;
    this.#quotedStops = tableOf([...CONTROLS, LF, CR, quote, escape, escapeOfEscape], 1);
  }

  /** Splits the record that begins at `at`. Returns where its line end stands, or -1 if none comes before `end`. */
  split(buf: Uint8Array, at: number, end: number): number {
    const { quote, separator, ignoreLeadingWhiteSpace, ignoreTrailingWhiteSpace } = this.#dialect;
    const first = separator[0]!;
    const ends = this.#ends;
    this.count = 0;
    this.textAfterQuote = false;
    this.unclosedQuote = false;
    let p = at;
    for (;;) {
      if (ignoreLeadingWhiteSpace) p = this.#skipBlanks(buf, p, end);
      if (p < end && buf[p] === quote) p = this.#quoted(buf, p + 1, end);
      else {
        const from = p;
        while (p < end && ends[buf[p]!] === 0) p += 1;
        if (p < end && ends[buf[p]!] !== END) p = this.#fieldEnd(buf, p, end);
        let to = p;
        if (ignoreTrailingWhiteSpace) while (to > from && buf[to - 1]! <= SPACE) to -= 1;
        this.#push(from, to, 0);
      }
      if (p < 0 || p >= end) return -1;
      if (buf[p] !== first) return p;
      p += separator.length;
    }
  }

  /** True for an unquoted field of no bytes, and for one of the text that stands for null. */
  isNull(buf: Buffer, index: number): boolean {
    if (this.from[index] === this.to[index]) return this.flags[index] === 0;
    const { nullValue } = this.#dialect;
    return nullValue.length > 0 && this.bytes(buf, index).equals(nullValue);
  }

  /** The text of a field in UTF-8; valid until the next call. */
  bytes(buf: Buffer, index: number): Buffer {
    const from = this.from[index]!;
    const to = this.to[index]!;
    if ((this.flags[index]! & ESCAPED) === 0) return buf.subarray(from, to);
    return from === to ? this.#dialect.emptyValue : this.#unescape(buf, from, to);
  }

  /** The text of a field. */
  text(buf: Buffer, index: number): string {
    return this.bytes(buf, index).toString("utf8");
  }

  /** Takes a quoted field from behind its opening quote. Returns where it ends, or -1 if the bytes end first. */
  #quoted(buf: Uint8Array, from: number, end: number): number {
    const { quote, escape, escapeOfEscape, emptyValue, ignoreTrailingWhiteSpace, multiLine } = this.#dialect;
    const stops = this.#quotedStops;
    let flags = QUOTED;
    let p = from;
    for (;;) {
      while (p < end && stops[buf[p]!] === 0) p += 1;
      if (p >= end) return -1;
      const byte = buf[p];
      if (!multiLine && (byte === LF || byte === CR)) {
        this.unclosedQuote = true;
        this.#push(from, p, flags);
        return p;
      }
      if (byte !== quote && byte !== escape && byte !== escapeOfEscape) {
        this.isPlain = false;
        p += 1;
        continue;
      }
      // What a quote or an escape means is known by the byte after it.
      if (p + 1 >= end) return -1;
      const next = buf[p + 1];
      const escapes =
        (byte === escapeOfEscape && next === escape) ||
        ((byte === escape || byte === quote) && next === quote);
      if (!escapes && byte === quote) break;
      if (escapes) flags |= ESCAPED;
      p += escapes ? 2 : 1;
    }
    const isReplaced = from === p && emptyValue.length > 0;
    this.#push(from, p, isReplaced ? flags | ESCAPED : flags);
    const after = p + 1;
    p = this.#fieldEnd(buf, after, end);
    const text = ignoreTrailingWhiteSpace ? this.#skipBlanks(buf, after, end) : after;
    if (p > text) this.textAfterQuote = true;
    return p;
  }

  /** Where the field ends that goes on at `p`, or -1 if the bytes end first. */
  #fieldEnd(buf: Uint8Array, p: number, end: number): number {
    const ends = this.#ends;
    for (let at = p; at < end; at++) {
      const kind = ends[buf[at]!];
      if (kind === 0) continue;
      if (kind === ODD) {
        this.isPlain = false;
        continue;
      }
      const begins = kind === END ? YES : this.#separatorAt(buf, at, end);
      if (begins !== NO) return begins === YES ? at : -1;
    }
    return -1;
  }

  #skipBlanks(buf: Uint8Array, p: number, end: number): number {
    let at = p;
    while (at < end && buf[at]! <= SPACE) {
      const kind = this.#ends[buf[at]!];
      if (kind === END || (kind === MAYBE && this.#separatorAt(buf, at, end) !== NO)) break;
      at += 1;
    }
    return at;
  }

  #separatorAt(buf: Uint8Array, at: number, end: number): number {
    const { separator } = this.#dialect;
    for (let i = 1; i < separator.length; i++) {
      if (at + i >= end) return CUT;
      if (buf[at + i] !== separator[i]) return NO;
    }
    return YES;
  }

  #unescape(buf: Buffer, from: number, to: number): Buffer {
    const { quote, escape, escapeOfEscape } = this.#dialect;
    if (this.#unescaped.length < to - from) this.#unescaped = Buffer.allocUnsafe((to - from) * 2);
    let length = 0;
    for (let p = from; p < to; p++) {
      const byte = buf[p];
      const next = p + 1 < to ? buf[p + 1] : -1;
      if (
        (byte === escapeOfEscape && next === escape) ||
        ((byte === escape || byte === quote) && next === quote)
      )
        p += 1;
      this.#unescaped[length++] = buf[p]!;
    }
    return this.#unescaped.subarray(0, length);
  }

  #push(from: number, to: number, flags: number): void {
    const index = this.count++;
    if (index >= this.from.length) this.#grow();
    this.from[index] = from;
    this.to[index] = to;
    this.flags[index] = flags;
  }

  #grow(): void {
    const length = this.from.length * 2;
    const from = new Int32Array(length);
    const to = new Int32Array(length);
    const flags = new Uint8Array(length);
    from.set(this.from);
    to.set(this.to);
    flags.set(this.flags);
    this.from = from;
    this.to = to;
    this.flags = flags;
  }
}

/** All but tab and line ends. */
const CONTROLS = Array.from({ length: 32 }, (_, byte) => byte).filter(
  (byte) => byte !== TAB && byte !== LF && byte !== CR,
);

function tableOf(bytes: readonly number[], value: number): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) if (byte >= 0) table[byte] = value;
  return table;
}
