/** Batches out of the bytes of a pipe. */
import { batchOf, HEAD_BYTES, readHead, type FrameHead } from "./batch-frame.ts";
import type { ColumnBatch } from "./column-batch.ts";

/** What takes the pipe's bytes as they come, and tells of each batch when it is whole. Each is copied once, to where it stays. */
export function readFrames(onBatch: (id: number, batch: ColumnBatch) => void): (bytes: Uint8Array) => void {
  const filling = fillInTurn(onBatch);
  let target = nextTarget(filling);
  let filled = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length;) {
      const count = Math.min(target.length - filled, bytes.length - at);
      target.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < target.length) continue;
      target = nextTarget(filling);
      filled = 0;
    }
  };
}

/** Gives what is to be filled next; the next is asked for when it is full. */
function* fillInTurn(
  onBatch: (id: number, batch: ColumnBatch) => void,
): Generator<Uint8Array<ArrayBuffer>, never, void> {
  for (;;) {
    const head = new Uint8Array(HEAD_BYTES);
    yield head;
    const { id, descriptionBytes, arrayBytes }: FrameHead = readHead(head);
    const description = new Uint8Array(descriptionBytes);
    yield description;
    const arrays = new Uint8Array(arrayBytes);
    // A batch of rows without columns has none.
    if (arrayBytes > 0) yield arrays;
    onBatch(id, batchOf(description, arrays.buffer));
  }
}

function nextTarget(filling: Generator<Uint8Array<ArrayBuffer>, never, void>): Uint8Array<ArrayBuffer> {
  return filling.next().value;
}
