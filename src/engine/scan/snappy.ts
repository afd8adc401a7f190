/** Decompresses Snappy's raw format (google/snappy, format_description.txt). */

/** Why bytes are no Snappy block. */
export class SnappyFault extends Error {}

/**
 * What a block holds.
 *
 * @throws SnappyFault if it is not whole, or holds more than `maxBytes`
 */
export function snappyDecompress(block: Buffer, maxBytes: number): Buffer {
  const { value: total, at: start } = lengthAt(block);
  if (total > maxBytes) throw new SnappyFault(`it holds ${total} bytes, more than the limit of ${maxBytes}`);
  const out = Buffer.allocUnsafe(total);
  let at = start;
  let used = 0;
  while (at < block.length) {
    const tag = block[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const length = 1 + (extra === 0 ? tag >> 2 : littleEndian(block, at, extra));
      at += extra;
      if (at + length > block.length || used + length > total) throw new SnappyFault("it is damaged");
      used += block.copy(out, used, at, at + length);
      at += length;
    } else {
      const bytes = kind === 1 ? 1 : kind === 2 ? 2 : 4;
      const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
      const offset = littleEndian(block, at, bytes) + (kind === 1 ? (tag >> 5) * 256 : 0);
      at += bytes;
      if (offset === 0 || offset > used || used + length > total) throw new SnappyFault("it is damaged");
      // What is copied may be what this copy writes.
      for (const end = used + length; used < end; used++) out[used] = out[used - offset]!;
    }
  }
  if (used !== total) throw new SnappyFault("it is truncated");
  return out;
}

function lengthAt(block: Buffer): { readonly value: number; readonly at: number } {
  let value = 0;
  for (let at = 0; at < 5 && at < block.length; at++) {
    value += (block[at]! & 127) * 2 ** (7 * at);
    if (block[at]! < 128) return { value, at: at + 1 };
  }
  throw new SnappyFault("it says no length");
}

function littleEndian(block: Buffer, at: number, bytes: number): number {
  if (at + bytes > block.length) throw new SnappyFault("it is truncated");
  return block.readUIntLE(at, bytes);
}
