/** Bytes from chunks, one at a time or by the window, with a count of what was consumed. */
export class ByteReader {
  /** Bytes that were taken or skipped. */
  consumed = 0;
  /** Bytes that the source has given so far. */
  received = 0;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  readonly #read: () => Buffer | undefined;

  /** `read` gives the next chunk, undefined at the end. */
  constructor(read: () => Buffer | undefined) {
    this.#read = read;
  }

  /** The next byte, not consumed; undefined at the end. */
  peek(): number | undefined {
    while (this.#at === this.#chunk.length) {
      const chunk = this.#read();
      if (chunk === undefined) return undefined;
      this.#chunk = chunk;
      this.#at = 0;
      this.received += chunk.length;
    }
    return this.#chunk[this.#at];
  }

  /** The next byte, consumed; undefined at the end. */
  take(): number | undefined {
    const byte = this.peek();
    if (byte !== undefined) this.skip(1);
    return byte;
  }

  /** The bytes at hand, at least one, not consumed; undefined at the end. Valid until the reader goes past them. */
  window(): Buffer | undefined {
    return this.peek() === undefined ? undefined : this.#chunk.subarray(this.#at);
  }

  /** Consumes bytes of the window. */
  skip(count: number): void {
    this.#at += count;
    this.consumed += count;
  }
}
