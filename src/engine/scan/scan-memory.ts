/** The buffer that holds a scanner's state: an ordinary one at first, then a WebAssembly memory with the same bytes in it. */
import { FREE_FROM, HEADER } from "./memory-layout.ts";

const PAGE = 64 * 1024;
const FIRST_BYTES = 16 * 1024;
/** What the module may read behind the last byte that it needs. */
const SLACK = 16;
const HEADER_BYTES = Object.keys(HEADER).length * 4;

/** Gives room and never takes it back: what grows is copied to its new place. */
export class ScanMemory {
  #heap = new ArrayBuffer(FIRST_BYTES);
  #wasm: WebAssembly.Memory | undefined;
  #used = FREE_FROM;

  /** Replaced whenever room is given: views of it must be made anew. */
  get buffer(): ArrayBuffer {
    return this.#wasm?.buffer ?? this.#heap;
  }

  /** The address of that many zeroed bytes, a multiple of 64. */
  allocate(bytes: number): number {
    const address = Math.ceil(this.#used / 64) * 64;
    const needed = address + bytes + SLACK;
    const { byteLength } = this.buffer;
    if (needed > byteLength) {
      const grown = Math.max(needed, byteLength * 2);
      if (this.#wasm === undefined) this.#heap = this.#heap.transfer(grown);
      else this.#wasm.grow(Math.ceil((grown - byteLength) / PAGE));
    }
    new Uint8Array(this.buffer, address, bytes).fill(0);
    this.#used = address + bytes;
    return address;
  }

  /** From now on all lies in that memory, at the same addresses; what it held before is lost, except for the module's own data. */
  moveInto(memory: WebAssembly.Memory): void {
    const missing = this.#used + SLACK - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    const moved = new Uint8Array(memory.buffer);
    const header = new Uint8Array(this.#heap, 0, HEADER_BYTES);
    moved.set(header);
    moved.set(new Uint8Array(this.#heap, FREE_FROM, this.#used - FREE_FROM), FREE_FROM);
    this.#wasm = memory;
    this.#heap = new ArrayBuffer(0);
  }
}
