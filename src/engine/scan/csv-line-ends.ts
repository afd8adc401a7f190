/** Which line ends a file has: told as its lines are split at CR and at LF, so that of CRLF the LF ends an empty line. */

const LF = 10;
const CR = 13;

export class LineEnds {
  #lf = 0;
  #cr = 0;
  #crlf = 0;
  #hasEmptyLines = false;
  #isAfterCr = false;

  take(byte: number, isEmptyLine: boolean): void {
    if (!isEmptyLine) {
      if (byte === LF) this.#lf += 1;
      else this.#cr += 1;
    } else if (this.#isAfterCr && byte === LF) this.#crlf += 1;
    else this.#hasEmptyLines = true;
    this.#isAfterCr = byte === CR;
  }

  /** Lines that are not empty, in one stretch of whole lines. */
  takeMany(lf: number, crlf: number): void {
    this.#lf += lf;
    this.#cr += crlf;
    this.#crlf += crlf;
    this.#isAfterCr = false;
  }

  /** The one that ends every line, if there is one and no line is empty. */
  get only(): "\n" | "\r\n" | undefined {
    if (this.#hasEmptyLines) return undefined;
    if (this.#cr === 0) return "\n";
    return this.#lf === 0 && this.#cr === this.#crlf ? "\r\n" : undefined;
  }
}
