/** Where a frame of Zstandard ends, from its header and the lengths of its blocks (RFC 8878, §3.1). */
import type { Damaged } from "./expansion.ts";

const MAGIC = 0xfd2fb528;
/** The low four bits of a skippable frame's magic are free. */
const SKIPPABLE_MAGIC = 0x184d2a50;

const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;

/** True for bytes that begin like a zstd file: with a frame, or with one that is to be skipped. */
export function looksLikeZstd(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32LE(0);
  return magic === MAGIC || isSkippable(magic);
}

function isSkippable(magic: number): boolean {
  return (magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC;
}

/** Goes through one frame, in any chunks. */
export class ZstdFrameWalk {
  readonly #damaged: Damaged;
  /** Small fields are gathered here until they are whole. */
  readonly #field = Buffer.alloc(4);
  #fieldUsed = 0;
  #fieldBytes = 4;
  #stage: "magic" | "descriptor" | "block" | "skippable" | "end" = "magic";
  /** Bytes to pass over before the next field. */
  #skip = 0;
  #hasChecksum = false;

  constructor(damaged: Damaged) {
    this.#damaged = damaged;
  }

  /** The position after the frame, or -1 where the chunk ends before it. @throws LandfallError FILE_DAMAGED */
  through(bytes: Buffer): number {
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      this.#skip -= skipped;
      at += skipped;
      if (this.#skip > 0) return -1;
      if (this.#stage === "end") return at;
      const count = bytes.copy(this.#field, this.#fieldUsed, at, at + this.#fieldBytes - this.#fieldUsed);
      this.#fieldUsed += count;
      at += count;
      if (this.#fieldUsed < this.#fieldBytes) return -1;
      this.#fieldUsed = 0;
      this.#take(this.#stage);
    }
  }

  #take(stage: "magic" | "descriptor" | "block" | "skippable"): void {
    const field = this.#field;
    switch (stage) {
      case "magic": {
        const magic = field.readUInt32LE(0);
        if (isSkippable(magic)) return this.#expect("skippable", 4);
        if (magic !== MAGIC) throw this.#damaged("bytes that are no frame");
        return this.#expect("descriptor", 1);
      }
      case "skippable":
        this.#skip = field.readUInt32LE(0);
        this.#stage = "end";
        return;
      case "descriptor":
        this.#skip = headerLength(field[0]!);
        this.#hasChecksum = (field[0]! & 4) !== 0;
        return this.#expect("block", 3);
      case "block": {
        const header = field.readUIntLE(0, 3);
        const type = (header >> 1) & 3;
        if (type === RESERVED_BLOCK) throw this.#damaged("a block of no known type");
        this.#skip = type === RLE_BLOCK ? 1 : header >> 3;
        if ((header & 1) === 0) return;
        this.#skip += this.#hasChecksum ? 4 : 0;
        this.#stage = "end";
      }
    }
  }

  #expect(stage: "descriptor" | "block" | "skippable", bytes: number): void {
    this.#stage = stage;
    this.#fieldBytes = bytes;
  }
}

/** Bytes of the frame's header after its descriptor: window, dictionary, content size. */
function headerLength(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const windowBytes = isSingleSegment ? 0 : 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  return windowBytes + dictionaryBytes + sizeBytes;
}
