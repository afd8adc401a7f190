/**
 * Splits one CSV record into its fields (RFC 4180: a separator, `"`, doubled quotes, line ends inside quotes), as places in its bytes.
 *
 * Outside quotes CR, LF and CRLF all end a record, as Spark reads lines: of CRLF the LF then ends an empty line, which counts
 * for nothing, so that no look at the next chunk is needed. A quote inside an unquoted field is text, as in Spark and Python.
 */
import type { CsvOptions } from "../../formats/csv-options.ts";

/** The field stood in quotes. */
export const QUOTED = 1;
/** It holds doubled quotes: its text is not its bytes. */
export const DOUBLED = 2;

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** How a file's bytes are to be taken apart. */
export type CsvDialect = Pick<CsvOptions, "sep">;

/** 1 for the bytes that end an unquoted field. */
function fieldEnds(separator: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    byte === separator || byte === LF || byte === CR ? 1 : 0,
  );
}

/** The fields of the record that was split last. One object for all records: the hot loop makes none. */
export class CsvFields {
  count = 0;
  /** The text of field i is `buf[from[i], to[i])`, without its quotes. */
  from = new Int32Array(16);
  to = new Int32Array(16);
  flags = new Uint8Array(16);
  /** Something other than a separator or a line end followed a closing quote. */
  textAfterQuote = false;
  readonly #separator: number;
  readonly #fieldEnds: Uint8Array;

  constructor(dialect: CsvDialect) {
    this.#separator = dialect.sep.charCodeAt(0);
    this.#fieldEnds = fieldEnds(this.#separator);
  }

  /** Splits the record that begins at `at`. Returns where its line end stands, or -1 if none comes before `end`. */
  split(buf: Uint8Array, at: number, end: number): number {
    const separator = this.#separator;
    const ends = this.#fieldEnds;
    this.count = 0;
    this.textAfterQuote = false;
    let p = at;
    for (;;) {
      let flags = 0;
      let from = p;
      let to: number;
      if (p < end && buf[p] === QUOTE) {
        flags = QUOTED;
        from = ++p;
        for (;;) {
          while (p < end && buf[p] !== QUOTE) p += 1;
          // Whether a quote closes is known by the byte after it.
          if (p + 1 >= end) return -1;
          if (buf[p + 1] !== QUOTE) break;
          flags = QUOTED | DOUBLED;
          p += 2;
        }
        to = p++;
        while (p < end && ends[buf[p]!] === 0) {
          this.textAfterQuote = true;
          p += 1;
        }
      } else {
        while (p < end && ends[buf[p]!] === 0) p += 1;
        to = p;
      }
      if (p >= end) return -1;
      this.#push(from, to, flags);
      if (buf[p] !== separator) return p;
      p += 1;
    }
  }

  /** True for an unquoted field of no bytes: null. A quoted one is the empty string. */
  isNull(index: number): boolean {
    return this.from[index] === this.to[index] && this.flags[index] === 0;
  }

  /** The decoded text of a field. */
  text(buf: Buffer, index: number): string {
    const text = buf.toString("utf8", this.from[index], this.to[index]);
    return (this.flags[index]! & DOUBLED) === 0 ? text : text.replaceAll('""', '"');
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

/**
 * Finds the end of a record that is too long to be held, by the same rules as `CsvFields`: bytes come in pieces and none is
 * kept.
 */
export class CsvRecordEnd {
  #state: "fieldStart" | "unquoted" | "quoted" | "quoteInQuoted" = "fieldStart";
  readonly #separator: number;

  constructor(dialect: CsvDialect) {
    this.#separator = dialect.sep.charCodeAt(0);
  }

  /** True inside quotes: a file that ends here has a quote that is never closed. */
  get isQuoted(): boolean {
    return this.#state === "quoted";
  }

  /** The place of the line end, or -1 if it is not among these bytes. */
  find(bytes: Uint8Array): number {
    for (let p = 0; p < bytes.length; p++) {
      const byte = bytes[p]!;
      if (this.#state === "quoted") {
        if (byte === QUOTE) this.#state = "quoteInQuoted";
      } else if (byte === LF || byte === CR) return p;
      else if (byte === this.#separator) this.#state = "fieldStart";
      else if (byte === QUOTE && this.#state !== "unquoted") this.#state = "quoted";
      else this.#state = "unquoted";
    }
    return -1;
  }
}
