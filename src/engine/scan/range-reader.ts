/** Ranges of one file, through one buffer. */
import { closeSync, openSync, readSync } from "node:fs";
import { decodePathBytes } from "../../base/path-bytes.ts";

const SMALL_BYTES = 64 * 1024;

/** Lent from reader to reader: thousands of small files are read one after the other. */
let spare: Buffer | undefined;

export class RangeReader {
  readonly #handle: number;
  #buffer: Buffer;

  constructor(path: string) {
    this.#handle = openSync(decodePathBytes(path), "r");
    this.#buffer = spare ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
    spare = undefined;
  }

  /** Valid until the next call. */
  read(offset: number, length: number): Buffer {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(length);
    const count = readSync(this.#handle, this.#buffer, 0, length, offset);
    return this.#buffer.subarray(0, count);
  }

  copy(from: number, to: number, output: { write(bytes: Buffer): void }): void {
    const step = 4 * 1024 ** 2;
    for (let at = from; at < to; at += step) output.write(this.read(at, Math.min(step, to - at)));
  }

  close(): void {
    closeSync(this.#handle);
    if (this.#buffer.length === SMALL_BYTES) spare = this.#buffer;
  }
}
