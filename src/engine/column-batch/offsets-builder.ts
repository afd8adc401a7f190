/** Where the values of a column begin and end in what they share. */
import { LandfallError } from "../../base/landfall-error.ts";

const FIRST_ROOM = 2049;
const MOST = 2 ** 31 - 1;

export class OffsetsBuilder {
  #offsets = new Int32Array(FIRST_ROOM);
  #length = 0;

  /** Values so far. */
  get length(): number {
    return this.#length;
  }

  /** Adds a value that takes up so much. @throws LandfallError LIMIT_EXCEEDED when 31 bits do not hold where it ends */
  append(size: number): void {
    const end = this.#offsets[this.#length]! + size;
    if (end > MOST)
      throw new LandfallError("LIMIT_EXCEEDED", {
        message: "The values of some 2,000 rows are more than 2 GiB in one column.",
        hint: "Leave the column out.",
      });
    if (++this.#length === this.#offsets.length) {
      const grown = new Int32Array(2 * this.#offsets.length);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[this.#length] = end;
  }

  /** One offset more than there are values; what comes next begins anew. */
  take(): Int32Array {
    const taken = this.#offsets.slice(0, this.#length + 1);
    this.#offsets = new Int32Array(FIRST_ROOM);
    this.#length = 0;
    return taken;
  }
}
