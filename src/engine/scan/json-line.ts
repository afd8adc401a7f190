/** One line of JSON, built from bytes in one buffer that is used again for the next. */

const QUOTE = 34;
const BACKSLASH = 92;
/** A control character becomes six bytes. */
const LONGEST_ESCAPE = 6;
const HEX = Buffer.from("0123456789abcdef");

export class JsonLine {
  #buffer = Buffer.allocUnsafe(1024);
  #used = 0;

  /** Begins an object. */
  begin(): void {
    this.#used = 0;
    this.#buffer[this.#used++] = 123;
  }

  /** The finished line with its newline; valid until the next `begin`. */
  end(): Buffer {
    this.#reserve(2);
    this.#buffer[this.#used++] = 125;
    this.#buffer[this.#used++] = 10;
    return this.#buffer.subarray(0, this.#used);
  }

  /** A member's key, given as `"key":`. */
  key(bytes: Buffer): void {
    this.#reserve(1);
    if (this.#used > 1) this.#buffer[this.#used++] = 44;
    this.raw(bytes, 0, bytes.length);
  }

  /** Bytes that are JSON as they stand. */
  raw(bytes: Buffer, from: number, to: number): void {
    this.#reserve(to - from);
    const buffer = this.#buffer;
    let used = this.#used;
    for (let p = from; p < to; p++) buffer[used++] = bytes[p]!;
    this.#used = used;
  }

  /** UTF-8 text as a JSON string. */
  string(bytes: Buffer, from: number, to: number): void {
    this.#reserve((to - from) * LONGEST_ESCAPE + 2);
    const buffer = this.#buffer;
    let used = this.#used;
    buffer[used++] = QUOTE;
    for (let p = from; p < to; p++) {
      const byte = bytes[p]!;
      if (byte >= 32 && byte !== QUOTE && byte !== BACKSLASH) {
        buffer[used++] = byte;
      } else if (byte >= 32) {
        buffer[used++] = BACKSLASH;
        buffer[used++] = byte;
      } else {
        buffer.write("\\u00", used, "latin1");
        buffer[used + 4] = HEX[byte >> 4]!;
        buffer[used + 5] = HEX[byte & 15]!;
        used += LONGEST_ESCAPE;
      }
    }
    buffer[used++] = QUOTE;
    this.#used = used;
  }

  #reserve(more: number): void {
    // Room for the line's own last two bytes comes with it.
    if (this.#used + more + 2 <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#used + more + 2, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#used);
    this.#buffer = grown;
  }
}
