/** Bits of a file, the highest of each byte first. */
import type { ByteReader } from "./byte-reader.ts";

export class BitReader {
  readonly #reader: ByteReader;
  readonly #truncated: () => Error;
  /** The lowest `#count` bits of it have not been read. */
  #bits = 0;
  #count = 0;

  /** `truncated` makes the error for the end of the file. */
  constructor(reader: ByteReader, truncated: () => Error) {
    this.#reader = reader;
    this.#truncated = truncated;
  }

  /** Up to 24 bits, as a number. */
  read(count: number): number {
    while (this.#count < count) {
      const byte = this.#reader.take();
      if (byte === undefined) throw this.#truncated();
      this.#bits = ((this.#bits << 8) | byte) & 0x7fffffff;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#bits >>> this.#count) & ((1 << count) - 1);
  }

  read32(): number {
    return this.read(16) * 65_536 + this.read(16);
  }
}
