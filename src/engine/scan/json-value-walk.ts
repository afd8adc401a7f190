/** Goes through one JSON value by its brackets and strings alone, in any chunks, and takes the newlines out of it in place. */
import {
  BACKSLASH,
  CARRIAGE_RETURN,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  NEWLINE,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  SPACE,
  tableOf,
} from "./json-bytes.ts";

/** Brackets open at once in one record: far beyond every limit on records, and an end to what is held for a hostile file. */
const MAX_OPEN = 1024 ** 2;

const NESTED_STOP = tableOf([NEWLINE, QUOTE, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT]);
const STRING_STOP = tableOf([NEWLINE, QUOTE, BACKSLASH]);

/** Holds where it is between chunks; once a value is through, it begins anew. */
export class JsonValueWalk {
  /** Closing brackets that are due. */
  #due = new Uint8Array(64);
  #depth = 0;
  #inString = false;
  #escaped = false;
  readonly #damaged: (at: number, what: string) => Error;

  /** `damaged` makes the error for a place in the chunk. */
  constructor(damaged: (at: number, what: string) => Error) {
    this.#damaged = damaged;
  }

  /**
   * The hot loop: through an object or array, from its first byte or from where the last chunk ended. Returns the position after
   * it, or -1 where the chunk ends inside it. Newlines between its tokens become spaces.
   */
  through(bytes: Buffer, at: number): number {
    const end = bytes.length;
    let p = at;
    for (;;) {
      if (this.#inString) {
        p = this.toQuote(bytes, p);
        if (p === end) return -1;
        this.#inString = false;
        p += 1;
      }
      while (p < end && NESTED_STOP[bytes[p]!] === 0) p += 1;
      if (p === end) return -1;
      const byte = bytes[p]!;
      if (byte === QUOTE) {
        p += 1;
        while (p < end && STRING_STOP[bytes[p]!] === 0) p += 1;
        this.#inString = p === end || bytes[p] !== QUOTE;
        if (this.#inString) continue;
      } else if (byte === NEWLINE) bytes[p] = SPACE;
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#open(byte, p);
      else {
        this.#depth -= 1;
        if (this.#due[this.#depth] !== byte) throw this.#damaged(p, "brackets that cross");
        if (this.#depth === 0) return p + 1;
      }
      p += 1;
    }
  }

  #open(byte: number, at: number): void {
    if (this.#depth === this.#due.length) {
      if (this.#depth >= MAX_OPEN) throw this.#damaged(at, `more than ${MAX_OPEN} open brackets`);
      const grown = new Uint8Array(this.#depth * 2);
      grown.set(this.#due);
      this.#due = grown;
    }
    // The closing bracket stands two characters after the opening one, for both kinds.
    this.#due[this.#depth++] = byte + 2;
  }

  /**
   * The quote that ends the string, or the end of the chunk. JSON allows no raw newline in a string: it becomes another control
   * character, for which the scanner rejects the record as it would have for the newline.
   */
  toQuote(bytes: Buffer, at: number): number {
    const end = bytes.length;
    let p = at;
    if (this.#escaped && p < end) {
      this.#escaped = false;
      if (bytes[p] === NEWLINE) bytes[p] = CARRIAGE_RETURN;
      p += 1;
    }
    for (;;) {
      while (p < end && STRING_STOP[bytes[p]!] === 0) p += 1;
      if (p === end || bytes[p] === QUOTE) return p;
      if (bytes[p] === BACKSLASH) {
        p += 1;
        if (p === end) {
          this.#escaped = true;
          return p;
        }
      }
      if (bytes[p] === NEWLINE) bytes[p] = CARRIAGE_RETURN;
      p += 1;
    }
  }
}
