/** Columns of strings and of bytes: their bytes, one value behind the other. */
import duckdb, { type Vector } from "@duckdb/node-bindings";
import type { ColumnBuilder } from "./column-builder.ts";
import { FarTexts } from "./far-texts.ts";
import { OffsetsBuilder } from "./offsets-builder.ts";
import { ValidityBuilder } from "./validity-builder.ts";

/** A text in a vector takes 16 bytes: its length, and up to 12 bytes of it; or of a longer one the first 4, and the address of all. */
const NEAR_BYTES = 12;

export function textBuilder(name: string, kind: "string" | "binary"): ColumnBuilder {
  const validity = new ValidityBuilder();
  const offsets = new OffsetsBuilder();
  const far = new FarTexts();
  let bytes = new Uint8Array(0);
  let view = new DataView(bytes.buffer);
  let used = 0;
  const reserve = (more: number): void => {
    if (used + more <= bytes.length) return;
    const grown = new Uint8Array(Math.max(used + more, 2 * bytes.length, 16_384));
    grown.set(bytes.subarray(0, used));
    bytes = grown;
    view = new DataView(bytes.buffer);
  };
  const append = (vector: Vector, from: number, count: number): void => {
    const bits = validity.append(vector, from, count);
    const data = duckdb.vector_get_data(vector, (from + count) * 16);
    const words = new Uint32Array(data.buffer, data.byteOffset, (from + count) * 4);
    reserve(count * NEAR_BYTES);
    for (let i = from; i < from + count; i++) {
      const isNull = bits !== undefined && (bits[i >> 3]! & (1 << (i & 7))) === 0;
      const length = isNull ? 0 : words[4 * i]!;
      offsets.append(length);
      if (length > NEAR_BYTES) {
        reserve(length + (from + count - i) * NEAR_BYTES);
        far.add(words[4 * i + 3]! * 2 ** 32 + words[4 * i + 2]!, length, used);
      } else if (length > 0) {
        // All 12: what is too much is written over by the next value, or cut off at the end.
        view.setUint32(used, words[4 * i + 1]!, true);
        view.setUint32(used + 4, words[4 * i + 2]!, true);
        view.setUint32(used + 8, words[4 * i + 3]!, true);
      }
      used += length;
    }
    far.copyTo(bytes);
  };
  return {
    append,
    bytes: () => used + 4 * offsets.length,
    take() {
      const { length } = offsets;
      const column = {
        kind,
        name,
        type: kind,
        length,
        ...validity.take(),
        offsets: offsets.take(),
        bytes: bytes.slice(0, used),
      };
      bytes = new Uint8Array(0);
      view = new DataView(bytes.buffer);
      used = 0;
      return column;
    },
  };
}
