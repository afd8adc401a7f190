/**
 * The WebAssembly side of the CSV reader (wasm/csv.as.ts): it counts the usual records of a block of lines and stops at one that is for
 * the reader: one that teaches something new about a column, is malformed, ragged or merely rare.
 */
import { loadWasm } from "./load-wasm.ts";

/** Lines are taken in blocks of at most this many bytes, which stay in the processor's cache after they have been copied. */
const BLOCK_BYTES = 256 * 1024;
/** The module may read that far behind a block. */
const SLACK = 32;
/** The module's own data lies below. */
const MASKS_AT = 4096;
/** Files with more are for the reader alone. */
export const MOST_SETTLED_COLUMNS = 1024;
const BLOCK_AT = MASKS_AT + MOST_SETTLED_COLUMNS * 4;
const PAGE_BYTES = 64 * 1024;

/** The module's header: indexes of 32-bit integers. */
const STOPPED_AT = 0;
const RECORDS = 1;
const LONGEST = 2;
const CRLF = 3;

interface WasmExports {
  readonly settle: (
    from: number,
    to: number,
    masks: number,
    columns: number,
    separator: number,
    most: number,
  ) => void;
}

/** What a call has settled. */
export interface Settled {
  /** The end of the last record that was settled, behind its line end. */
  at: number;
  records: number;
  /** Of `records`, those that ended with CRLF; the others did with LF. */
  crlf: number;
  /** Bytes of the longest. */
  longest: number;
}

export interface SettleOptions {
  readonly buf: Buffer;
  /** Where a record begins. */
  readonly from: number;
  /** Behind the last LF; all before it is valid UTF-8. */
  readonly end: number;
  /** What each column has held so far. */
  readonly masks: Int32Array;
  readonly separator: number;
  readonly maxRecordBytes: number;
}

/** One instance serves every file of a thread: nothing of a file stays in it between two chunks. */
export class CsvSettler {
  readonly #memory = new WebAssembly.Memory({
    initial: Math.ceil((BLOCK_AT + BLOCK_BYTES + SLACK) / PAGE_BYTES),
  });
  readonly #settle: WasmExports["settle"];
  readonly #header = new Int32Array(this.#memory.buffer, 0, 4);
  readonly #masks = new Int32Array(this.#memory.buffer, MASKS_AT, MOST_SETTLED_COLUMNS);
  readonly #bytes = Buffer.from(this.#memory.buffer);
  readonly #settled: Settled = { at: 0, records: 0, crlf: 0, longest: 0 };
  /** The lines of the buffer at hand that lie in the block. */
  #from = 0;
  #to = 0;

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#settle = (exports as unknown as WasmExports).settle;
  }

  /** Another buffer follows, or the same one with other bytes. */
  begin(): void {
    this.#from = this.#to = 0;
  }

  /** Settles records up to the first that is for the reader. The answer is valid until the next call. */
  settle(options: SettleOptions): Readonly<Settled> {
    const { buf, from, end, masks } = options;
    const settled = this.#settled;
    settled.at = from;
    settled.records = settled.crlf = settled.longest = 0;
    this.#masks.set(masks);
    while (settled.at < end) {
      if (settled.at < this.#from || settled.at >= this.#to) this.#load(buf, settled.at, end);
      if (this.#to <= settled.at || !this.#settleBlock(options)) break;
    }
    return settled;
  }

  /** True where the whole block is settled. */
  #settleBlock({ masks, separator, maxRecordBytes }: SettleOptions): boolean {
    const settled = this.#settled;
    const shift = BLOCK_AT - this.#from;
    this.#settle(
      settled.at + shift,
      this.#to + shift,
      MASKS_AT,
      masks.length,
      separator,
      Math.min(maxRecordBytes, BLOCK_BYTES),
    );
    const header = this.#header;
    settled.at = header[STOPPED_AT]! - shift;
    settled.records += header[RECORDS]!;
    settled.crlf += header[CRLF]!;
    settled.longest = Math.max(settled.longest, header[LONGEST]!);
    return settled.at === this.#to;
  }

  /** As many whole lines as a block holds; none if the first is longer. */
  #load(buf: Buffer, from: number, end: number): void {
    const to = end - from <= BLOCK_BYTES ? end : buf.lastIndexOf(10, from + BLOCK_BYTES - 1) + 1;
    this.#from = from;
    this.#to = Math.max(from, to);
    buf.copy(this.#bytes, BLOCK_AT, from, this.#to);
  }
}

/** Compiled once per thread, when the first file asks for it; null where the machine cannot run it. */
let only: CsvSettler | null | undefined;

/**
 * The thread's instance; undefined where there is no WebAssembly with SIMD: the reader then reads alone, with the same result.
 *
 * @throws as `loadWasm`
 */
export function csvSettler(): CsvSettler | undefined {
  if (only === undefined) {
    const module = loadWasm("csv");
    only = module === null ? null : new CsvSettler(module);
  }
  return only ?? undefined;
}
