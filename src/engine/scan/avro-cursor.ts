/** Reads Avro's binary encoding from a block (Avro 1.12, "Binary Encoding"); every read is checked against the block's end. */
import { isUtf8 } from "node:buffer";
import { avroDamage } from "./avro-damage.ts";

/** Bytes of a variable-length integer whose bits a double holds. */
const DOUBLE_BYTES = 7;
const LONG_BYTES = 10;
const INT_MAX = 2 ** 31 - 1;

export class AvroCursor {
  readonly buf: Buffer;
  at = 0;

  constructor(buf: Buffer) {
    this.buf = buf;
  }

  get left(): number {
    return this.buf.length - this.at;
  }

  /** An integer of up to 64 bits; a number where that is exact. */
  long(): number | bigint {
    const { buf } = this;
    let value = 0;
    let weight = 1;
    const from = this.at;
    for (let i = 0; i < DOUBLE_BYTES; i++) {
      const byte = buf[from + i];
      if (byte === undefined) throw truncated();
      value += (byte & 127) * weight;
      if (byte < 128) {
        this.at = from + i + 1;
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      }
      weight *= 128;
    }
    // The times of our days end with an eighth byte of few bits.
    const last = buf[from + DOUBLE_BYTES];
    if (last !== undefined && last < 16) {
      this.at = from + DOUBLE_BYTES + 1;
      value += last * weight;
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    return this.#bigLong(BigInt(value), from);
  }

  #bigLong(low: bigint, from: number): bigint {
    let value = low;
    for (let i = DOUBLE_BYTES; i < LONG_BYTES; i++) {
      const byte = this.buf[from + i];
      if (byte === undefined) throw truncated();
      value |= BigInt(byte & 127) << BigInt(7 * i);
      if (byte >= 128) continue;
      if (value >= 1n << 64n) break;
      this.at = from + i + 1;
      return (value >> 1n) ^ -(value & 1n);
    }
    throw avroDamage("an integer has more than 64 bits");
  }

  int(): number {
    const value = this.long();
    if (typeof value === "bigint" || value > INT_MAX || value < -INT_MAX - 1)
      throw avroDamage("an int has more than 32 bits");
    return value;
  }

  /** A count or length: what it counts takes at least `least` bytes each, so that no damaged count is believed. */
  count(least: number): number {
    const value = this.long();
    if (typeof value === "bigint" || value < 0 || value * least > this.left) throw truncated();
    return value;
  }

  /** The items of the next part of an array or map; 0 at its end. */
  items(least: number): number {
    const value = this.long();
    if (typeof value === "bigint") throw truncated();
    if (value < 0) this.long();
    const count = Math.abs(value);
    if (count * least > this.left) throw truncated();
    return count;
  }

  /** Where the next so many bytes begin. */
  skip(bytes: number): number {
    const from = this.at;
    if (bytes > this.left) throw truncated();
    this.at = from + bytes;
    return from;
  }

  string(): string {
    const length = this.count(1);
    const from = this.skip(length);
    const text = this.buf.toString("utf8", from, this.at);
    if (text.includes("\ufffd") && !isUtf8(this.buf.subarray(from, this.at)))
      throw avroDamage("a string is not valid UTF-8");
    return text;
  }
}

export function truncated(): Error {
  return avroDamage("it is truncated or damaged: a value goes on beyond its block");
}
