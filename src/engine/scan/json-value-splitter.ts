/**
 * Turns a stream of JSON values (arrays, pretty-printed or concatenated objects, an array inside an envelope) into one record a
 * line, in any chunks and holding nothing: a record's bytes stay where they are and as they are, only the bytes between
 * records become newlines, and newlines between a record's tokens become spaces. It balances brackets and strings; what is
 * wrong inside a record is left to the scanner, which rejects that record alone.
 */
import { LandfallError } from "../../base/landfall-error.ts";
import { EnvelopeKeys } from "./envelope-keys.ts";
import {
  BLANK,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  NEWLINE,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  WORD_STOP,
} from "./json-bytes.ts";
import { JsonValueWalk } from "./json-value-walk.ts";

export interface JsonSplitOptions {
  /** Keys from the document down to the array or object that holds the records; empty: the documents hold them themselves. */
  readonly path: readonly string[];
  /** Takes lines, in pieces of any size; they may be overwritten after it returns. */
  readonly write: (bytes: Buffer) => void;
  /** The name for messages. */
  readonly file: string;
  /** Bytes of the file that stand before the first one fed. Default 0. */
  readonly offset?: number;
}

/** Where the next byte stands. */
type Place =
  /** Between documents. */
  | "top"
  /** After `[`: a value or `]`. */
  | "firstElement"
  /** After a comma of the array: a value. */
  | "element"
  /** After an element: `,` or `]`. */
  | "afterElement"
  /** Inside an object or array that is a record, or that is skipped. */
  | "nested"
  /** Inside a string element, or one that is skipped. */
  | "string"
  /** Inside a number or word, the same. */
  | "word"
  /** In an object of the envelope: after `{`, after a comma, in a key, after a key, after `:`, after a value. */
  | "firstKey"
  | "key"
  | "inKey"
  | "colon"
  | "keyedValue"
  | "afterKeyed";

const LINE_END = Buffer.from([NEWLINE]);

/** Splits one file. `feed` its bytes in order, then `finish` once. */
export class JsonValueSplitter {
  readonly #options: JsonSplitOptions;
  readonly #envelope: EnvelopeKeys;
  #place: Place = "top";
  /** Where a value that is being gone through leads to. */
  #after: Place = "top";
  readonly #walk = new JsonValueWalk((at, what) => this.#damaged(at, what));
  /** The value is no record: nothing of it is written. */
  #skipping = false;
  /** A record ended and no newline has been written since. */
  #lineOpen = false;
  /** The first byte of the chunk that is to be written and has not been, or -1. */
  #from = -1;
  /** The file's offset of the chunk's first byte. */
  #offset: number;

  constructor(options: JsonSplitOptions) {
    this.#options = options;
    this.#offset = options.offset ?? 0;
    this.#envelope = new EnvelopeKeys(options.path);
  }

  /**
   * The next bytes, which are changed in place.
   *
   * @throws LandfallError FILE_DAMAGED: something stands between values that is none, brackets cross, or a document has
   *   no array or object at the path
   */
  feed(bytes: Buffer): void {
    this.#from = this.#place === "nested" || this.#place === "string" || this.#place === "word" ? 0 : -1;
    if (this.#skipping) this.#from = -1;
    for (let at = 0; at < bytes.length;) at = this.#step(bytes, at);
    this.#flush(bytes, bytes.length);
    this.#offset += bytes.length;
  }

  /** The end of the file. @throws LandfallError FILE_DAMAGED: it ends inside a value */
  finish(): void {
    if (this.#place !== "top") throw this.#damaged(0, "the file ends before its brackets close");
    if (this.#lineOpen) this.#options.write(LINE_END);
  }

  #step(bytes: Buffer, at: number): number {
    switch (this.#place) {
      case "nested":
        return this.#nested(bytes, at);
      case "string":
        return this.#string(bytes, at);
      case "word":
        return this.#word(bytes, at);
      case "inKey":
        return this.#key(bytes, at);
      case "top":
      case "firstElement":
      case "element":
      case "afterElement":
      case "firstKey":
      case "key":
      case "colon":
      case "keyedValue":
      case "afterKeyed":
        return this.#between(bytes, at, this.#place);
    }
  }

  /** One byte outside records and skipped values. */
  #between(bytes: Buffer, at: number, place: Exclude<Place, "nested" | "string" | "word" | "inKey">): number {
    const byte = bytes[at]!;
    if (BLANK[byte] === 1) return this.#newline(bytes, at);
    switch (place) {
      case "top":
        return this.#document(bytes, at);
      case "firstElement":
      case "element":
        if (byte !== CLOSE_ARRAY) return this.#value(bytes, at, { after: "afterElement", skipping: false });
        if (place === "element") throw this.#damaged(at, "a comma with no value after it");
        return this.#arrayEnd(bytes, at);
      case "afterElement":
        if (byte === CLOSE_ARRAY) return this.#arrayEnd(bytes, at);
        if (byte !== COMMA) throw this.#damaged(at, "something other than a comma between two values");
        this.#place = "element";
        return this.#newline(bytes, at);
      case "firstKey":
      case "key":
        if (byte === CLOSE_OBJECT && place === "firstKey") return this.#envelopeEnd(at);
        if (byte !== QUOTE) throw this.#damaged(at, "no key where an object must have one");
        this.#envelope.startKey();
        this.#place = "inKey";
        return at + 1;
      case "colon":
        if (byte !== COLON) throw this.#damaged(at, "no colon after a key");
        this.#place = "keyedValue";
        return at + 1;
      case "keyedValue":
        return this.#keyedValue(bytes, at);
      case "afterKeyed":
        this.#flush(bytes, at);
        if (byte === CLOSE_OBJECT) return this.#envelopeEnd(at);
        if (byte !== COMMA) throw this.#damaged(at, "something other than a comma between two keys");
        this.#place = "key";
        return at + 1;
    }
  }

  #document(bytes: Buffer, at: number): number {
    const byte = bytes[at]!;
    if (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY)
      throw this.#damaged(at, "something that is neither an object nor an array");
    if (this.#options.path.length > 0) {
      if (byte === OPEN_ARRAY)
        throw this.#damaged(at, `a document is an array, and ${this.#envelope.name} leads into objects`);
      this.#envelope.startDocument();
      this.#place = "firstKey";
      return at + 1;
    }
    if (byte === OPEN_OBJECT) return this.#value(bytes, at, { after: "top", skipping: false });
    this.#place = "firstElement";
    return this.#newline(bytes, at);
  }

  #arrayEnd(bytes: Buffer, at: number): number {
    this.#place = this.#options.path.length === 0 ? "top" : "afterKeyed";
    return this.#newline(bytes, at);
  }

  #keyedValue(bytes: Buffer, at: number): number {
    const byte = bytes[at]!;
    switch (this.#envelope.meaning(byte === OPEN_OBJECT)) {
      case "beside":
        return this.#value(bytes, at, { after: "afterKeyed", skipping: true });
      case "below":
        this.#place = "firstKey";
        return at + 1;
      case "again":
        throw this.#damaged(at, `${this.#envelope.name} stands twice in a document`);
      case "records":
        if (byte === OPEN_OBJECT) return this.#value(bytes, at, { after: "afterKeyed", skipping: false });
        if (byte !== OPEN_ARRAY) throw this.#damaged(at, `no array or object at ${this.#envelope.name}`);
        this.#place = "firstElement";
        return this.#newline(bytes, at);
    }
  }

  #envelopeEnd(at: number): number {
    const closed = this.#envelope.close();
    if (closed === "missing") throw this.#damaged(at, this.#missing());
    this.#place = closed === "document" ? "top" : "afterKeyed";
    return at + 1;
  }

  /** The first byte of a value. */
  #value(bytes: Buffer, at: number, options: { readonly after: Place; readonly skipping: boolean }): number {
    const byte = bytes[at]!;
    this.#after = options.after;
    this.#skipping = options.skipping;
    if (!options.skipping) this.#startLine(bytes, at);
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.#place = "nested";
      return this.#nested(bytes, at);
    }
    if (byte === QUOTE) {
      this.#place = "string";
      return at + 1;
    }
    if (WORD_STOP[byte] === 1) throw this.#damaged(at, "no value where one must stand");
    this.#place = "word";
    return at + 1;
  }

  #startLine(bytes: Buffer, at: number): void {
    if (this.#lineOpen) {
      this.#flush(bytes, at);
      this.#options.write(LINE_END);
      this.#lineOpen = false;
    }
    if (this.#from === -1) this.#from = at;
  }

  /** The byte after a value: whatever stood in it goes on after it. */
  #endValue(at: number): number {
    this.#place = this.#after;
    if (!this.#skipping) this.#lineOpen = true;
    this.#skipping = false;
    return at;
  }

  /** A byte between records. Written as a newline while something is being written, so that chunks stay whole. */
  #newline(bytes: Buffer, at: number): number {
    if (this.#from !== -1) {
      bytes[at] = NEWLINE;
      this.#lineOpen = false;
    }
    return at + 1;
  }

  #flush(bytes: Buffer, to: number): void {
    if (this.#from !== -1 && to > this.#from) this.#options.write(bytes.subarray(this.#from, to));
    this.#from = -1;
  }

  #nested(bytes: Buffer, at: number): number {
    const end = this.#walk.through(bytes, at);
    return end === -1 ? bytes.length : this.#endValue(end);
  }

  #string(bytes: Buffer, at: number): number {
    const quote = this.#walk.toQuote(bytes, at);
    return quote === bytes.length ? quote : this.#endValue(quote + 1);
  }

  #word(bytes: Buffer, at: number): number {
    let p = at;
    while (p < bytes.length && WORD_STOP[bytes[p]!] === 0) p += 1;
    return p === bytes.length ? p : this.#endValue(p);
  }

  #key(bytes: Buffer, at: number): number {
    const quote = this.#walk.toQuote(bytes, at);
    this.#envelope.addToKey(bytes.subarray(at, quote));
    if (quote === bytes.length) return quote;
    this.#envelope.endKey();
    this.#place = "colon";
    return quote + 1;
  }

  #missing(): string {
    return `a document has nothing at ${this.#envelope.name}`;
  }

  #wayOut(): string {
    return this.#options.path.length === 0
      ? "say json.multiLine: false if each line is a record"
      : "leave json.jsonPath out if the documents, or the elements of arrays, are the records themselves";
  }

  #damaged(at: number, what: string): LandfallError {
    return new LandfallError("FILE_DAMAGED", {
      message: `JSON: ${what}, at byte ${this.#offset + at}`,
      hint: `Nothing of the file was ingested. Its values must be whole, and arrays parted by commas; ${this.#wayOut()}.`,
      file: this.#options.file,
    });
  }
}
