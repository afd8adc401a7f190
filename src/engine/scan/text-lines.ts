/**
 * Makes lines of JSON of a text file: each line, or the whole file, is a record with one key. Bytes that are no UTF-8 go on as
 * they are, so that the scanner rejects their line. A byte order mark at the file's start is left out, as everywhere.
 */
import type { TextOptions } from "../../formats/text-options.ts";
import type { LineMaker } from "./scan-part.ts";

/** The key, and the column's name: Spark's. */
export const TEXT_KEY = "value";

export interface TextLinesOptions extends TextOptions {
  readonly write: (lines: Buffer) => void;
  /** Told of each line where it begins, in bytes of what was fed. */
  readonly onLine?: (offset: number) => void;
}

const LF = 10;
const CR = 13;
const QUOTE = 34;
const BACKSLASH = 92;
const BEFORE = Buffer.from(`{"${TEXT_KEY}":"`);
const AFTER = Buffer.from('"}\n');
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const HEX = Buffer.from("0123456789abcdef");
/** A control character becomes six bytes. */
const LONGEST_ESCAPE = 6;
const OUT_BYTES = 256 * 1024;

export class TextLines implements LineMaker {
  readonly #write: (lines: Buffer) => void;
  readonly #whole: boolean;
  readonly #separator: Buffer | undefined;
  #out = Buffer.allocUnsafe(OUT_BYTES);
  #used = 0;
  /** A line has begun and not ended. */
  #open = false;
  /** The last byte was a CR, which ended a line: an LF behind it belongs to it. */
  #afterCr = false;
  /** Bytes that may be the beginning of the mark or of a separator. */
  #held: Buffer = Buffer.alloc(0);
  #begun = false;
  readonly #onLine: ((offset: number) => void) | undefined;
  /** Bytes that have been taken. */
  #taken = 0;
  /** Where the line that is open, or is to come, begins. */
  #lineAt = 0;

  constructor(options: TextLinesOptions) {
    this.#write = options.write;
    this.#onLine = options.onLine;
    this.#whole = options.wholeText;
    this.#separator = options.lineSep === undefined ? undefined : Buffer.from(options.lineSep);
  }

  feed(bytes: Buffer): void {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = Buffer.alloc(0);
    if (!this.#begun && all.length < BOM.length) this.#held = Buffer.from(all);
    else this.#take(this.#begin(all));
  }

  finish(): void {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    if (this.#begun) this.#content(held, 0, held.length);
    else this.#take(this.#begin(held));
    this.#content(this.#held, 0, this.#held.length);
    // A whole file is a row even where it is empty; behind the last line end there is no line.
    if (this.#open || this.#whole) this.#endLine();
    this.#flush();
  }

  #begin(all: Buffer): Buffer {
    const isMarked = !this.#begun && all.length >= BOM.length && BOM.compare(all, 0, BOM.length) === 0;
    this.#begun = true;
    if (isMarked) this.#taken = this.#lineAt = BOM.length;
    return isMarked ? all.subarray(BOM.length) : all;
  }

  #take(bytes: Buffer): void {
    if (this.#whole) this.#content(bytes, 0, bytes.length);
    else if (this.#separator === undefined) this.#takeLines(bytes);
    else this.#takeSeparated(bytes, this.#separator);
  }

  #takeLines(bytes: Buffer): void {
    let from = 0;
    for (let p = 0; p < bytes.length; p++) {
      const byte = bytes[p]!;
      if (byte !== LF && byte !== CR) {
        this.#afterCr = false;
        continue;
      }
      if (byte !== LF || !this.#afterCr || p !== from) {
        this.#content(bytes, from, p);
        this.#endLine();
      }
      from = p + 1;
      this.#lineAt = this.#taken + from;
      this.#afterCr = byte === CR;
    }
    this.#content(bytes, from, bytes.length);
    this.#taken += bytes.length;
  }

  #takeSeparated(bytes: Buffer, separator: Buffer): void {
    let from = 0;
    for (let at = bytes.indexOf(separator); at !== -1; at = bytes.indexOf(separator, from)) {
      this.#content(bytes, from, at);
      this.#endLine();
      from = at + separator.length;
      this.#lineAt = this.#taken + from;
    }
    const sure = Math.max(from, bytes.length - separator.length + 1);
    this.#content(bytes, from, sure);
    this.#held = Buffer.from(bytes.subarray(sure));
    this.#taken += sure;
  }

  /** Text of the line that is open, or opens with it. */
  #content(bytes: Buffer, from: number, to: number): void {
    if (from < to) this.#openLine();
    for (let p = from; p < to; p++) {
      if (this.#used + LONGEST_ESCAPE > OUT_BYTES) this.#flush();
      const byte = bytes[p]!;
      if (byte >= 32 && byte !== QUOTE && byte !== BACKSLASH) this.#out[this.#used++] = byte;
      else if (byte >= 32) {
        this.#out[this.#used++] = BACKSLASH;
        this.#out[this.#used++] = byte;
      } else {
        this.#out.write("\\u00", this.#used, "latin1");
        this.#out[this.#used + 4] = HEX[byte >> 4]!;
        this.#out[this.#used + 5] = HEX[byte & 15]!;
        this.#used += LONGEST_ESCAPE;
      }
    }
  }

  #openLine(): void {
    if (this.#open) return;
    this.#open = true;
    this.#put(BEFORE);
  }

  #endLine(): void {
    this.#openLine();
    this.#onLine?.(this.#lineAt);
    this.#put(AFTER);
    this.#open = false;
  }

  #put(bytes: Buffer): void {
    if (this.#used + bytes.length > OUT_BYTES) this.#flush();
    this.#used += bytes.copy(this.#out, this.#used);
  }

  #flush(): void {
    if (this.#used > 0) this.#write(this.#out.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** The text of a line that `TextLines` made, as it stood in its file. */
export function textOfLine(line: Buffer): Buffer {
  // Bytes that are no UTF-8 must come back too.
  const text = line.toString("latin1", BEFORE.length, line.length - AFTER.length + 1);
  const plain = text.replaceAll(/\\(?:u00([0-9a-f]{2})|(.))/gs, (_all, hex?: string, character?: string) =>
    hex === undefined ? character! : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, "latin1");
}
