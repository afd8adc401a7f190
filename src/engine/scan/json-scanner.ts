/**
 * NDJSON in one pass, in any chunks: what every path holds, how many records there are, where the malformed ones lie, and
 * where those lie that do not fit a target. Records are lines that are not blank: their number comes from the newlines, not
 * from a parser, so that counts can close against the engine's (exactly-once rules, §3).
 */
import { isUtf8 } from "node:buffer";
import type { TargetNode } from "../../schema/fit.ts";
import type { TrieNode } from "../../schema/lattice.ts";
import { PathTable } from "./path-table.ts";
import { MALFORMED_REASONS, RecordListWriter, type MalformedReason, type RecordList } from "./record-list.ts";
import { RecordScanner } from "./record-scanner.ts";
import { openWasmScanner, type WasmScanner } from "./wasm-scanner.ts";

export interface ScanLimits {
  /** A longer line is malformed (`tooLong`) and is skipped without being held. Default 16 MiB. */
  readonly maxRecordBytes?: number;
  /** Deeper nesting is malformed (`tooDeep`). Default 200. */
  readonly maxDepth?: number;
  /** Paths that are told apart; keys beyond make the trie `overflowed` and, with a target, their record dirty. Default 10,000. */
  readonly maxPaths?: number;
}

export interface JsonScanOptions extends ScanLimits {
  /** With it, records that do not wholly fit as they stand are listed as dirty. */
  readonly target?: TargetNode;
  /** The file's rank by key among those inferred together. Default 0. */
  readonly file?: number;
  /**
   * Files of at least this many bytes are scanned with WebAssembly, where the machine can; a smaller one is done before that pays.
   * The result is the same. Infinity: never. Default 16 KiB.
   */
  readonly wasmFromBytes?: number;
}

export interface JsonScan {
  /** Lines that are not blank, malformed ones included. */
  readonly records: number;
  readonly malformed: RecordList;
  /** Well-formed records that need repair; empty without a target. */
  readonly dirty: RecordList;
  readonly trie: TrieNode;
  /** Bytes of the longest well-formed line. */
  readonly longest: number;
}

/** Where no limit is stated. */
export const DEFAULT_RECORD_BYTES = 16 * 1024 ** 2;

const NEWLINE = 10;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Scans one file. `feed` its bytes in order, then `finish` once. */
export class JsonScanner {
  readonly #maxRecordBytes: number;
  readonly #maxDepth: number;
  readonly #wasmFromBytes: number;
  readonly #file: number;
  readonly #table: PathTable;
  readonly #scanner: RecordScanner;
  readonly #malformed = new RecordListWriter();
  readonly #dirty = new RecordListWriter();
  #wasm: WasmScanner | undefined;
  #records = 0;
  #longest = 0;
  /** The file's offset of the first byte that has not been scanned. */
  #offset = 0;
  /** The file begins with a byte order mark. */
  marked = false;
  /** The beginning of a line whose end has not come yet. */
  #held = Buffer.alloc(0);
  #heldBytes = 0;
  #skipping = false;
  #skippedBlank = true;
  #skippedMark = 0;

  constructor(options: JsonScanOptions = {}) {
    this.#maxRecordBytes = options.maxRecordBytes ?? DEFAULT_RECORD_BYTES;
    this.#file = options.file ?? 0;
    this.#table = new PathTable({ maxPaths: options.maxPaths ?? 10_000, target: options.target });
    this.#maxDepth = options.maxDepth ?? 200;
    this.#wasmFromBytes = options.wasmFromBytes ?? 16 * 1024;
    this.#scanner = new RecordScanner({ table: this.#table, maxDepth: this.#maxDepth });
  }

  /** The next bytes. They may be overwritten as soon as this returns. */
  feed(chunk: Buffer): void {
    let start = 0;
    if (this.#heldBytes > 0) {
      const newline = chunk.indexOf(NEWLINE);
      this.#hold(newline === -1 ? chunk : chunk.subarray(0, newline + 1));
      if (newline === -1) return;
      this.#scanHeld();
      start = newline + 1;
    }
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > start) {
      this.#scanLines(chunk, start, end);
      start = end;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  /** The end of the file: a last line without a newline counts like any other. */
  finish(): JsonScan {
    if (this.#heldBytes > 0) {
      this.#hold(Buffer.from("\n"));
      this.#scanHeld();
    }
    const scan = {
      records: this.#records,
      malformed: this.#malformed.finish(),
      dirty: this.#dirty.finish(),
      trie: this.#table.trie(this.#file),
      longest: Math.max(this.#longest, this.#wasm?.longest ?? 0),
    };
    this.#wasm?.detach();
    this.#wasm = undefined;
    return scan;
  }

  #hold(bytes: Buffer): void {
    const total = this.#heldBytes + bytes.length;
    // Room for the mark at the file's start and the newline, neither of which is part of the record.
    if (this.#skipping) {
      this.#skippedBlank &&= isBlank(bytes);
    } else if (total > this.#maxRecordBytes + BOM.length + 1) {
      this.#startSkipping(bytes);
    } else {
      if (total > this.#held.length) {
        const grown = Buffer.allocUnsafe(Math.max(total, this.#held.length * 2, 4096));
        this.#held.copy(grown, 0, 0, this.#heldBytes);
        this.#held = grown;
      }
      bytes.copy(this.#held, this.#heldBytes);
    }
    this.#heldBytes = total;
  }

  #startSkipping(bytes: Buffer): void {
    const line = Buffer.concat([this.#held.subarray(0, this.#heldBytes), bytes]);
    this.#skipping = true;
    this.#skippedMark = this.#markLength(line, 0);
    this.#skippedBlank = isBlank(line.subarray(this.#skippedMark));
  }

  /** The held line has its newline. */
  #scanHeld(): void {
    const bytes = this.#heldBytes;
    this.#heldBytes = 0;
    if (!this.#skipping) {
      this.#scanLines(this.#held, 0, bytes);
      return;
    }
    this.#skipping = false;
    if (!this.#skippedBlank) {
      const mark = this.#skippedMark;
      this.#records += 1;
      this.#reject(this.#offset + mark, bytes - mark - 1, "tooLong");
    }
    this.#offset += bytes;
  }

  /** The length of the byte order mark at `at`, which only counts at the file's start. */
  #markLength(buf: Buffer, at: number): number {
    const isMark = this.#offset === 0 && buf.length - at >= 3 && BOM.compare(buf, at, at + 3) === 0;
    this.marked ||= isMark;
    return isMark ? BOM.length : 0;
  }

  /** Whole lines: `buf[end - 1]` is a newline. */
  #scanLines(buf: Buffer, start: number, end: number): void {
    const shift = this.#offset - start;
    // One look at all of it is nearly free; only where it fails is each record looked at.
    const isText = isUtf8(buf.subarray(start, end));
    let at = start + this.#markLength(buf, start);
    const wasm = isText ? this.#wasmFor(shift + end) : undefined;
    while (at < end) {
      const blockEnd = wasm?.load(buf, at, end) ?? -1;
      at =
        wasm === undefined || blockEnd === -1
          ? this.#scanLine({ buf, line: at, shift, isText })
          : this.#scanBlock({ wasm, buf, from: at, to: blockEnd, shift });
    }
    this.#offset = shift + end;
  }

  /** The module, once the file is known to have that many bytes. */
  #wasmFor(bytes: number): WasmScanner | undefined {
    if (this.#wasm === undefined && bytes >= this.#wasmFromBytes) {
      this.#wasm = openWasmScanner();
      this.#wasm?.attach({
        table: this.#table,
        maxDepth: this.#maxDepth,
        maxRecordBytes: this.#maxRecordBytes,
      });
    }
    return this.#wasm;
  }

  /** Whole lines that the module holds; returns their end. */
  #scanBlock(block: { wasm: WasmScanner; buf: Buffer; from: number; to: number; shift: number }): number {
    const { wasm, buf, to, shift } = block;
    let line = block.from;
    while (line < to) {
      const stop = wasm.scan(line);
      this.#records += wasm.records;
      line = wasm.at;
      if (stop === "dirty") {
        const length = wasm.dirtyLength;
        this.#dirty.push(shift + line - 1 - length, length, this.#records - 1, 0);
      } else if (stop === "unsettled") {
        line = this.#scanLine({ buf, line, shift, isText: true });
      }
    }
    return to;
  }

  /** Returns the position after the line. */
  #scanLine(place: { buf: Buffer; line: number; shift: number; isText: boolean }): number {
    const { buf, line } = place;
    let at = line;
    let byte = buf[at]!;
    while (byte === 32 || byte === 9 || byte === 13) byte = buf[++at]!;
    if (byte === NEWLINE) return at + 1;
    this.#records += 1;
    return this.#scanRecord({ ...place, at });
  }

  /** Returns the position after the line. */
  #scanRecord(record: { buf: Buffer; line: number; at: number; shift: number; isText: boolean }): number {
    const { buf, line, shift } = record;
    let reason: MalformedReason | undefined;
    let newline = -1;
    if (!record.isText) {
      newline = buf.indexOf(NEWLINE, record.at);
      if (!isUtf8(buf.subarray(line, newline))) reason = "invalidUtf8";
    }
    if (reason === undefined) {
      const end = this.#scanner.scan(buf, record.at, shift);
      reason = this.#scanner.reason;
      newline = end === -1 ? buf.indexOf(NEWLINE, record.at) : end;
    }
    if (newline - line > this.#maxRecordBytes) reason = "tooLong";
    if (reason !== undefined) {
      this.#table.takeBack();
      this.#reject(shift + line, newline - line, reason);
    } else {
      this.#table.keep();
      if (newline - line > this.#longest) this.#longest = newline - line;
      if (this.#scanner.dirty !== 0) this.#dirty.push(shift + line, newline - line, this.#records - 1, 0);
    }
    return newline + 1;
  }

  #reject(offset: number, length: number, reason: MalformedReason): void {
    this.#malformed.push(offset, length, this.#records - 1, MALFORMED_REASONS.indexOf(reason));
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13 || byte === NEWLINE);
}
