/**
 * Places of records in a file, a few bytes each: a file in which every record is dirty or malformed must not fill memory.
 * Plain data once finished, so that it crosses workers and processes.
 */

/** Why a line is no record. The index is the code in a list: append only. */
export const MALFORMED_REASONS = [
  "notAnObject",
  "tooLong",
  "tooDeep",
  "invalidUtf8",
  "truncated",
  "unexpectedCharacter",
  "invalidNumber",
  "invalidLiteral",
  "invalidEscape",
  "loneSurrogate",
  "controlCharacter",
  "trailingCharacters",
  "unclosedQuote",
  "textAfterQuote",
] as const;

export type MalformedReason = (typeof MALFORMED_REASONS)[number];

/** The same for people. */
export const MALFORMED_SENTENCES: Readonly<Record<MalformedReason, string>> = {
  notAnObject: "the record is not a JSON object",
  tooLong: "the record is longer than maxRecordBytes",
  tooDeep: "the record is nested deeper than maxDepth",
  invalidUtf8: "the record is not valid UTF-8",
  truncated: "the line ends before the object does",
  unexpectedCharacter: "a character stands where JSON allows none",
  invalidNumber: "a number is not written as JSON writes numbers",
  invalidLiteral: "a word is not true, false or null",
  invalidEscape: "a string holds an escape that JSON does not know",
  loneSurrogate: "a string holds half of a surrogate pair",
  controlCharacter: "a string holds a raw control character",
  trailingCharacters: "something follows the object on its line",
  unclosedQuote: "a quoted field is never closed",
  textAfterQuote: "text follows the closing quote of a field",
};

/** A line of a file: without its newline, with all else that stands on it. */
export interface RecordPlace {
  /** Bytes from the start of the (decompressed) file. */
  readonly offset: number;
  readonly length: number;
  /** The record's number in its file, from 0, malformed ones counted. */
  readonly ordinal: number;
  /** An index into `MALFORMED_REASONS`; 0 in lists of dirty records. */
  readonly code: number;
}

/** Places in ascending order, each as four variable-length integers: gap, length, ordinals skipped, code. */
export interface RecordList {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Four integers of at most 8 bytes of 7 bits each. */
const MAX_ENTRY = 32;

/** Collects places. They must come in ascending order. */
export class RecordListWriter {
  count = 0;
  #bytes = new Uint8Array(0);
  #used = 0;
  #end = 0;
  #ordinal = -1;

  push(offset: number, length: number, ordinal: number, code: number): void {
    if (this.#used + MAX_ENTRY > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(256, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#write(offset - this.#end);
    this.#write(length);
    this.#write(ordinal - this.#ordinal - 1);
    this.#write(code);
    this.#end = offset + length;
    this.#ordinal = ordinal;
    this.count += 1;
  }

  finish(): RecordList {
    return { count: this.count, bytes: this.#bytes.slice(0, this.#used) };
  }

  // Arithmetic, not shifts: offsets go beyond 32 bits.
  #write(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#used++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#used++] = rest;
  }
}

/** The places of a list, in ascending order. */
export function* recordPlaces(list: RecordList): Generator<RecordPlace> {
  let at = 0;
  const read = (): number => {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = list.bytes[at++]!;
      if (byte < 128) return value + byte * unit;
      value += (byte - 128) * unit;
      unit *= 128;
    }
  };
  let end = 0;
  let ordinal = -1;
  for (let i = 0; i < list.count; i++) {
    const offset = end + read();
    const length = read();
    ordinal += read() + 1;
    const code = read();
    end = offset + length;
    yield { offset, length, ordinal, code };
  }
}

/** The reason of a place in a list of malformed records. */
export function malformedReason(place: Pick<RecordPlace, "code">): MalformedReason {
  return MALFORMED_REASONS[place.code]!;
}
