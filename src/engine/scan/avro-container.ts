/** Takes an Avro object container file apart (Avro 1.12, "Object Container Files"): its schema, then block by block. */
import { avroCodec, type AvroCodec } from "./avro-codecs.ts";
import { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";
import { avroHeader, SYNC_BYTES } from "./avro-header.ts";

export interface AvroContainerOptions {
  /** A header or block beyond this, as it lies there or decompressed, is refused. */
  readonly maxBlockBytes: number;
  /** Gets the schema's JSON text, once, before any block. */
  readonly onSchema: (json: string) => void;
  /** Gets the records of a block, decompressed. */
  readonly onBlock: (data: Buffer, records: number) => void;
}

/** Of count and size before a block. */
const PREFIX_BYTES = 20;

/** Goes through one file. `feed` its bytes in order, then `finish` once; both throw LandfallError FILE_DAMAGED. */
export class AvroContainer {
  readonly #options: AvroContainerOptions;
  #held = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  #sync: Buffer | undefined;
  #codec: AvroCodec | undefined;

  constructor(options: AvroContainerOptions) {
    this.#options = options;
  }

  /** The next bytes. They may be overwritten as soon as this returns. */
  feed(bytes: Buffer): void {
    this.#hold(bytes);
    this.#advance(false);
    if (this.#to - this.#from > this.#options.maxBlockBytes + PREFIX_BYTES + SYNC_BYTES)
      throw avroDamage("its header is longer than maxRecordBytes");
  }

  finish(): void {
    this.#advance(true);
    if (this.#sync === undefined) throw avroDamage("it is truncated: its header does not end");
    if (this.#from < this.#to) throw avroDamage("it is truncated: it ends inside a block");
  }

  #hold(bytes: Buffer): void {
    const kept = this.#to - this.#from;
    if (kept + bytes.length > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(kept + bytes.length, this.#held.length * 2));
      this.#held.copy(grown, 0, this.#from, this.#to);
      this.#held = grown;
    } else this.#held.copyWithin(0, this.#from, this.#to);
    this.#from = 0;
    this.#to = kept + bytes.copy(this.#held, kept);
  }

  #advance(isEnd: boolean): void {
    if (this.#sync === undefined && !this.#header(isEnd)) return;
    while (this.#from < this.#to && this.#block(isEnd));
  }

  /** False while more bytes are needed. */
  #header(isEnd: boolean): boolean {
    const all = this.#held.subarray(this.#from, this.#to);
    if (isEnd && all.length === 0) throw avroDamage("the file is empty");
    const header = avroHeader(all, isEnd);
    if (header === undefined) return false;
    this.#codec = avroCodec(header.codec);
    this.#options.onSchema(header.schema);
    this.#sync = header.sync;
    this.#from += header.bytes;
    return true;
  }

  #block(isEnd: boolean): boolean {
    const all = this.#held.subarray(this.#from, this.#to);
    if (all.length < PREFIX_BYTES && !isEnd) return false;
    const cursor = new AvroCursor(all);
    const records = cursor.long();
    const size = cursor.long();
    if (typeof records === "bigint" || typeof size === "bigint" || records < 0 || size < 0)
      throw avroDamage("a block's count or size is damaged");
    const { maxBlockBytes, onBlock } = this.#options;
    if (size > maxBlockBytes) throw avroDamage("a block of records is longer than maxRecordBytes");
    if (cursor.left < size + SYNC_BYTES) {
      if (isEnd) throw avroDamage("it is truncated: it ends inside a block");
      return false;
    }
    const from = cursor.skip(size);
    const data = all.subarray(from, from + size);
    if (!all.subarray(from + size, from + size + SYNC_BYTES).equals(this.#sync!))
      throw avroDamage("the marker behind a block is not the file's: it is damaged");
    onBlock(this.#codec!(data, maxBlockBytes), records);
    this.#from += from + size + SYNC_BYTES;
    return true;
  }
}
