/**
 * A batch as bytes between two processes on one machine. A frame: 24 bytes of head (the scan's id, the bytes of the description, the bytes of
 * the arrays), the description as JSON, the arrays one behind the other, each from a multiple of 8 on.
 */
import type { ColumnBatch } from "./column-batch.ts";

export const HEAD_BYTES = 24;
const ALIGNED_TO = 8;

const ARRAYS = {
  Uint8Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
} as const;
type ArrayName = keyof typeof ARRAYS;
type AnyArray = InstanceType<(typeof ARRAYS)[ArrayName]>;

/** Stands in the description for an array. */
interface ArrayPlace {
  readonly $array: ArrayName;
  /** Bytes from the beginning of the arrays. */
  readonly at: number;
  readonly length: number;
}

/** What is to be written, in order. The arrays are the batch's own, so it must not change before they are written. */
export function frameOf(id: number, batch: ColumnBatch): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  const description = JSON.stringify(batch, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    const array = value as AnyArray;
    const place: ArrayPlace = { $array: array.constructor.name as ArrayName, at, length: array.length };
    const padding = -array.byteLength & (ALIGNED_TO - 1);
    parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    if (padding > 0) parts.push(new Uint8Array(padding));
    at += array.byteLength + padding;
    return place;
  });
  const text = Buffer.from(description);
  const head = new Float64Array([id, text.length, at]);
  return [new Uint8Array(head.buffer), text, ...parts];
}

export interface FrameHead {
  readonly id: number;
  readonly descriptionBytes: number;
  readonly arrayBytes: number;
}

export function readHead(bytes: Uint8Array): FrameHead {
  const [id, descriptionBytes, arrayBytes] = new Float64Array(bytes.slice(0, HEAD_BYTES).buffer);
  return { id: id!, descriptionBytes: descriptionBytes!, arrayBytes: arrayBytes! };
}

/** The batch of a frame; its arrays are views into `arrays`. */
export function batchOf(description: Uint8Array, arrays: ArrayBuffer): ColumnBatch {
  return JSON.parse(Buffer.from(description).toString(), (_key, value: unknown) =>
    isPlace(value) ? new ARRAYS[value.$array](arrays, value.at, value.length) : value,
  ) as ColumnBatch;
}

function isPlace(value: unknown): value is ArrayPlace {
  return typeof value === "object" && value !== null && "$array" in value;
}
