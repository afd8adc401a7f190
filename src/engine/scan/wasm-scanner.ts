/**
 * The WebAssembly side of the scanner (wasm/scan.as.ts, docs/adr/0004): it settles the usual records of a block of lines and says
 * where one lies that is for the record scanner. One instance serves one file at a time and is kept for the next.
 */
import { classOfNumber } from "../../schema/decimal-value.ts";
import { numberVerdict } from "../../schema/fit.ts";
import { VALUE_CLASS } from "../../schema/value-class.ts";
import { loadWasm } from "./load-wasm.ts";
import { CELL, HEADER } from "./memory-layout.ts";
import { MAX_DIGITS, type PathTable } from "./path-table.ts";
import { exponentDigits } from "./record-scanner.ts";

/** Lines are scanned in blocks of at most this many bytes, which stay in the processor's cache after they have been copied. */
const BLOCK_BYTES = 256 * 1024;
/** The module may read that far behind a block. */
const SLACK = 16;
/** An instance that has grown beyond this is not kept. */
const KEPT_BYTES = 4 * 1024 * 1024;
const KEPT_INSTANCES = 2;
/** Bytes of an open container on the module's stack. */
const FRAME_BYTES = 16;
const FITS = 1 << 30;
const EXPONENT_MASK = VALUE_CLASS.EXP | VALUE_CLASS.EXP_LONG;

const STOPS = ["done", "dirty", "unsettled"] as const;

/**
 * - `done`: all lines are settled.
 * - `dirty`: a record is settled, and holds what the target denies.
 * - `unsettled`: a line is for the record scanner; nothing of it has been learned.
 */
export type Stop = (typeof STOPS)[number];

interface WasmExports {
  readonly scan: (from: number, to: number) => number;
}

interface Attachment {
  readonly table: PathTable;
  readonly maxDepth: number;
  readonly maxRecordBytes: number;
}

/** One instance of the module with its memory, serving one table. */
export class WasmScanner {
  /** Where the last call stopped: behind the dirty record, or at the unsettled line. */
  at = 0;
  /** Records that the last call has settled. */
  records = 0;
  /** Bytes of the dirty record, without its newline. */
  dirtyLength = 0;

  readonly #memory = new WebAssembly.Memory({ initial: 8 });
  readonly #scan: WasmExports["scan"];
  #table: PathTable | undefined;
  #window = 0;
  #from = 0;
  #to = 0;
  #bytes = Buffer.alloc(0);

  constructor(module: WebAssembly.Module) {
    const judge = (node: number, from: number, to: number): number => this.#judge(node, from, to);
    const { exports } = new WebAssembly.Instance(module, {
      env: { memory: this.#memory },
      scanner: { judge },
    });
    this.#scan = (exports as unknown as WasmExports).scan;
  }

  /** The table moves into the module's memory and stays there. */
  attach({ table, maxDepth, maxRecordBytes }: Attachment): void {
    table.moveInto(this.#memory);
    const stack = table.allocate(maxDepth * FRAME_BYTES);
    this.#window = table.allocate(BLOCK_BYTES + SLACK);
    const { header } = table;
    header[HEADER.STACK] = stack;
    header[HEADER.STACK_END] = stack + maxDepth * FRAME_BYTES;
    header[HEADER.MAX_RECORD] = Math.min(maxRecordBytes, 2 ** 31 - 1);
    header[HEADER.LONGEST] = 0;
    this.#table = table;
  }

  /** Takes whole lines from `buf[from, end)`, as many as a block holds; returns their end, or -1 if the first is longer. */
  load(buf: Buffer, from: number, end: number): number {
    const to = end - from <= BLOCK_BYTES ? end : buf.lastIndexOf(10, from + BLOCK_BYTES - 1) + 1;
    if (to <= from) return -1;
    this.#look();
    buf.copy(this.#bytes, this.#window, from, to);
    this.#from = from;
    this.#to = to;
    return to;
  }

  /** Scans on from the start of a line of the block; positions are those of the buffer that was loaded. */
  scan(line: number): Stop {
    const shift = this.#window - this.#from;
    const stop = STOPS[this.#scan(line + shift, this.#to + shift)]!;
    const { header } = this.#table!;
    this.at = (header[HEADER.STOPPED_AT]! >>> 0) - shift;
    this.records = header[HEADER.RECORDS]!;
    this.dirtyLength = header[HEADER.DIRTY_LENGTH]!;
    return stop;
  }

  /** Bytes of the longest line that this has settled. */
  get longest(): number {
    return this.#table!.header[HEADER.LONGEST]!;
  }

  /** The table is not used any more; the instance may serve another. */
  detach(): void {
    this.#table = undefined;
    if (idle.length < KEPT_INSTANCES && this.#memory.buffer.byteLength <= KEPT_BYTES) idle.push(this);
  }

  /** The module calls this for numbers that are long, have an exponent, or stand in a column that looks at digits. */
  #judge(node: number, from: number, to: number): number {
    const { cells, checks } = this.#table!;
    this.#look();
    const text = this.#bytes.toString("latin1", from, to);
    const bit = classOfNumber(text);
    if ((bit & EXPONENT_MASK) !== 0) {
      const { whole, scale } = exponentDigits(text);
      if (Math.min(whole, MAX_DIGITS) > cells[node + CELL.DIGITS]!) return 0;
      if (Math.min(scale, MAX_DIGITS) > cells[node + CELL.SCALE]!) return 0;
    }
    const check = checks[cells[node + CELL.CHECK]! - 1];
    return check === undefined || numberVerdict(text, check) === "fits" ? bit | FITS : bit;
  }

  /** Memory that has grown takes its views away. */
  #look(): void {
    if (this.#bytes.buffer !== this.#memory.buffer) this.#bytes = Buffer.from(this.#memory.buffer);
  }
}

const idle: WasmScanner[] = [];
/** Compiled once per thread, when the first file asks for it; null where the machine cannot run it. */
let compiled: WebAssembly.Module | null | undefined;

/**
 * An instance for one file; call `detach` after it. Undefined where there is no WebAssembly with SIMD (an old processor, a Node without
 * a compiler): TypeScript then scans alone, with the same result.
 *
 * @throws LandfallError INTERNAL if the module is not where it was installed
 */
export function openWasmScanner(): WasmScanner | undefined {
  compiled ??= loadWasm("scan");
  if (compiled === null) return undefined;
  return idle.pop() ?? new WasmScanner(compiled);
}
