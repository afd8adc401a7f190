/** Which values of a column are null, gathered from the bits of vectors. */
import duckdb, { type Vector } from "@duckdb/node-bindings";

export class ValidityBuilder {
  /** Absent until a vector comes that may hold nulls. */
  #bits: Uint8Array | undefined;
  #length = 0;

  /** Takes `count` values of a vector from `from` on. The vector's own bits, absent where none is null. */
  append(vector: Vector, from: number, count: number): Uint8Array | undefined {
    const bits = bitsOf(vector, from + count);
    const at = this.#length;
    this.#length += count;
    if (bits === undefined && this.#bits === undefined) return undefined;
    const into = this.#room(at);
    if (((at | from) & 7) === 0 && bits !== undefined)
      into.set(bits.subarray(from >> 3, (from + count + 7) >> 3), at >> 3);
    else {
      for (let i = 0; i < count; i++) {
        const [source, target] = [from + i, at + i];
        const isValid = bits === undefined || (bits[source >> 3]! & (1 << (source & 7))) !== 0;
        if (isValid) into[target >> 3]! |= 1 << (target & 7);
        else into[target >> 3]! &= ~(1 << (target & 7));
      }
    }
    return bits;
  }

  /** The bits, absent where no value is null; what comes next begins anew. */
  take(): { readonly validity?: Uint8Array } {
    const bits = this.#bits?.slice(0, (this.#length + 7) >> 3);
    const length = this.#length;
    this.#bits = undefined;
    this.#length = 0;
    if (bits === undefined) return {};
    // Bits past the last value say nothing, and are the same whatever stood there.
    if ((length & 7) !== 0) bits[length >> 3]! |= 0xff << (length & 7);
    return bits.every((byte) => byte === 0xff) ? {} : { validity: bits };
  }

  /** Room for all values; those before `at` were valid where there were no bits yet. */
  #room(at: number): Uint8Array {
    const bytes = (this.#length + 7) >> 3;
    const old = this.#bits;
    if (old !== undefined && old.length >= bytes) return old;
    const bits = new Uint8Array(Math.max(bytes, 2 * (old?.length ?? 0), 256));
    if (old === undefined) bits.fill(0xff, 0, (at + 7) >> 3);
    else bits.set(old);
    this.#bits = bits;
    return bits;
  }
}

function bitsOf(vector: Vector, values: number): Uint8Array | undefined {
  // Null where all are valid, which the declaration of the bindings leaves out.
  const bits = duckdb.vector_get_validity(vector, 8 * Math.ceil(values / 64)) as Uint8Array | null;
  return bits ?? undefined;
}
