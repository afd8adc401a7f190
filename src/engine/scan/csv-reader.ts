/**
 * CSV in any chunks: the columns, every well-formed record as fields, the places of malformed ones. Records are counted here,
 * not by the engine, so that counts can close (exactly-once rules, §3).
 */
import { isUtf8 } from "node:buffer";
import { LandfallError } from "../../base/landfall-error.ts";
import { isPlainDialect, type CsvDialect } from "./csv-dialect.ts";
import { CsvFields } from "./csv-fields.ts";
import { LineEnds } from "./csv-line-ends.ts";
import type { Settled } from "./csv-settler.ts";
import { CsvRecordEnd } from "./csv-record-end.ts";
import {
  MALFORMED_REASONS,
  MALFORMED_SENTENCES,
  RecordListWriter,
  type MalformedReason,
  type RecordList,
} from "./record-list.ts";

export interface CsvHeader {
  /** In their order; an empty one is `_c<position>`, as in Spark. May hold a name twice. */
  readonly names: readonly string[];
  /** Where each stands in the file, in bytes: the order of first appearance. */
  readonly offsets: readonly number[];
  /** The file has no header: the names are `_c<position>`, as many as its first record has fields. */
  readonly implied: boolean;
}

export interface CsvReaderOptions {
  /** The name for messages. */
  readonly file: string;
  readonly dialect: CsvDialect;
  /** A longer record is malformed (`tooLong`) and is skipped without being held. Default 16 MiB. */
  readonly maxRecordBytes?: number;
  /** A header with more is refused. Default 10,000. */
  readonly maxColumns?: number;
  /** Called once, before any record. */
  readonly onHeader: (header: CsvHeader) => void;
  /**
   * Passes over usual records from `from` on, in a stretch of whole lines that is valid UTF-8 and ends at `end`. Not called before the
   * header. Left out: every record goes to `onRecord`.
   */
  readonly settle?: ((buf: Buffer, from: number, end: number) => Readonly<Settled> | undefined) | undefined;
  /** Called before `settle` gets another buffer. */
  readonly beginSettling?: (() => void) | undefined;
  /** Called for each other well-formed record, which begins at `offset`; bytes and fields are valid until it returns. */
  readonly onRecord: (buf: Buffer, fields: CsvFields, record: number, offset: number) => void;
}

export interface CsvRead {
  /** Records after the header, malformed ones included. */
  readonly records: number;
  readonly malformed: RecordList;
  /** Bytes of the longest well-formed record. */
  readonly longest: number;
  /** A byte order mark stands at the file's start. */
  readonly marked: boolean;
  /** Set where no reader of CSV can see anything else in the file than this one did. */
  readonly plain?: PlainCsv;
}

/** A file of which every record has a field for each column, and nothing stands that readers differ on. */
export interface PlainCsv {
  readonly names: readonly string[];
  /** The names stand in the file. */
  readonly header: boolean;
  readonly separator: string;
  readonly lineEnd: "\n" | "\r\n";
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const LF = 10;
const CR = 13;
const MOST_WAITS = 100;
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** Reads one file. `feed` its bytes in order, then `finish` once. */
export class CsvReader {
  readonly #options: CsvReaderOptions;
  readonly #maxRecordBytes: number;
  readonly #fields: CsvFields;
  readonly #malformed = new RecordListWriter();
  #columns: number | undefined;
  #names: readonly string[] = [];
  readonly #lineEnds = new LineEnds();
  /** A record had more or fewer fields than there are columns, or a line only blanks. */
  #isRagged = false;
  /** Records until `settle` is asked again, and how often it has been in vain. */
  #waits = 0;
  #fruitless = 0;
  /** The line end of the record at hand was put there because the file ended. */
  #isAtEnd = false;
  #records = 0;
  #longest = 0;
  #marked = false;
  /** The file's offset of the first byte that has not been read as a record. */
  #offset = 0;
  /** The beginning of a record whose end has not come yet. */
  #held = Buffer.alloc(0);
  #heldBytes = 0;
  /** Held bytes are looked at again only when there are this many: else a long record would cost its square. */
  #lookAgainAt = 0;
  #skip: { readonly end: CsvRecordEnd; readonly isRecord: boolean; bytes: number } | undefined;
  /** Lines before the header that are still to come. */
  #linesToSkip: number;
  /** The last of them ended in CR: an LF behind it ends no line. */
  #skippedCr = false;

  constructor(options: CsvReaderOptions) {
    this.#options = options;
    this.#linesToSkip = options.dialect.skipRows;
    this.#fields = new CsvFields(options.dialect);
    this.#maxRecordBytes = options.maxRecordBytes ?? MAX_RECORD_BYTES;
  }

  /**
   * The next bytes. They may be overwritten as soon as this returns.
   *
   * @throws LandfallError FILE_DAMAGED for a header that names no columns
   */
  feed(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#skip !== undefined) {
      const at = this.#skipOver(bytes);
      if (at === -1) return;
      bytes = bytes.subarray(at);
    }
    if (this.#heldBytes > 0) {
      this.#hold(bytes);
      if (this.#heldBytes < this.#lookAgainAt) return;
      bytes = this.#held.subarray(0, this.#heldBytes);
      this.#heldBytes = 0;
    }
    this.#keepRest(bytes, this.#readRecords(bytes));
  }

  /** The end of the file: a last record without a line end counts like any other. */
  finish(): CsvRead {
    if (this.#skip !== undefined) {
      const { end, bytes, isRecord } = this.#skip;
      if (isRecord) this.#reject(bytes, end.isQuoted ? "unclosedQuote" : "tooLong");
    } else if (this.#heldBytes > 0) {
      const length = this.#heldBytes;
      this.#isAtEnd = true;
      this.#hold(Buffer.from([LF]));
      const read = this.#readRecords(this.#held.subarray(0, this.#heldBytes));
      if (read <= length) this.#reject(length - read, "unclosedQuote");
    }
    const plain = this.#plain();
    return {
      records: this.#records,
      malformed: this.#malformed.finish(),
      longest: this.#longest,
      marked: this.#marked,
      ...(plain === undefined ? {} : { plain }),
    };
  }

  #plain(): PlainCsv | undefined {
    const lineEnd = this.#lineEnds.only;
    const { dialect } = this.#options;
    const isPlain =
      isPlainDialect(dialect) &&
      this.#fields.isPlain &&
      this.#malformed.count === 0 &&
      !this.#isRagged &&
      !this.#marked &&
      this.#names.length > 1 &&
      new Set(this.#names.map((name) => name.toLowerCase())).size === this.#names.length;
    if (!isPlain || lineEnd === undefined) return undefined;
    return { names: this.#names, header: dialect.header, separator: dialect.separator.toString(), lineEnd };
  }

  #hold(bytes: Buffer): void {
    const total = this.#heldBytes + bytes.length;
    if (total > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(total, this.#held.length * 2, 4096));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    bytes.copy(this.#held, this.#heldBytes);
    this.#heldBytes = total;
  }

  #keepRest(bytes: Buffer, at: number): void {
    const rest = bytes.subarray(at);
    // Room for the mark at the file's start, which is not part of the record.
    const most = this.#maxRecordBytes + BOM.length + 1;
    if (rest.length > most) {
      const isRecord = this.#linesToSkip === 0 && rest[0] !== this.#options.dialect.comment;
      const end = new CsvRecordEnd(this.#options.dialect, isRecord ? "record" : "line");
      this.#skip = { end, isRecord, bytes: 0 };
      this.#skippedCr = false;
      this.#skipOver(rest);
    } else {
      this.#hold(rest);
      this.#lookAgainAt = Math.min(rest.length * 2, most);
    }
  }

  /** Returns where the record that is too long ends, or -1. */
  #skipOver(bytes: Buffer): number {
    const skip = this.#skip!;
    const at = skip.end.find(bytes);
    skip.bytes += at === -1 ? bytes.length : at;
    if (at === -1) return -1;
    this.#skip = undefined;
    if (skip.isRecord) this.#reject(skip.bytes, "tooLong");
    this.#offset += skip.bytes;
    return at;
  }

  /** Reads whole records; returns how many bytes they are. */
  #readRecords(bytes: Buffer): number {
    const shift = this.#offset;
    const { comment } = this.#options.dialect;
    let at = this.#skipLines(bytes, this.#markLength(bytes));
    this.#offset = shift + at;
    if (this.#linesToSkip > 0) return at;
    // One look at all of it is nearly free; only where it fails is each record looked at.
    const textEnd = bytes.lastIndexOf(LF) + 1;
    const isText = isUtf8(bytes.subarray(at, textEnd));
    this.#options.beginSettling?.();
    this.#waits = this.#fruitless = 0;
    while (at < bytes.length) {
      if (isText && this.#columns !== undefined && at < textEnd) {
        at = this.#settle(bytes, at, textEnd);
        this.#offset = shift + at;
        if (at >= textEnd) continue;
      }
      const isComment = bytes[at] === comment;
      const end = isComment ? lineEnd(bytes, at) : this.#fields.split(bytes, at, bytes.length);
      if (end === -1) break;
      // At the end the last one is ours.
      if (!this.#isAtEnd || end < bytes.length - 1) this.#lineEnds.take(bytes[end]!, end === at);
      if (!isComment) this.#line(bytes, at, end, isText && end < textEnd);
      at = end + 1;
      this.#offset = shift + at;
    }
    return at;
  }

  /** Where the records end that need no look one by one. Where none does, it asks less and less often. */
  #settle(bytes: Buffer, at: number, textEnd: number): number {
    if (this.#waits > 0) {
      this.#waits -= 1;
      return at;
    }
    const settled = this.#options.settle?.(bytes, at, textEnd);
    if (settled === undefined) return at;
    const { records, crlf, longest } = settled;
    this.#fruitless = records > 0 ? 0 : Math.min(this.#fruitless + 1, MOST_WAITS);
    this.#waits = this.#fruitless;
    this.#records += records;
    this.#longest = Math.max(this.#longest, longest);
    if (records > 0) this.#lineEnds.takeMany(records - crlf, crlf);
    return settled.at;
  }

  /** Where the lines end that stand before all else. */
  #skipLines(bytes: Buffer, from: number): number {
    let at = from;
    while (this.#linesToSkip > 0) {
      const end = lineEnd(bytes, at);
      if (end === -1) break;
      const isRestOfCrlf = this.#skippedCr && end === at && bytes[end] === LF;
      if (!isRestOfCrlf) this.#linesToSkip -= 1;
      this.#skippedCr = bytes[end] === CR;
      at = end + 1;
    }
    return at;
  }

  #markLength(bytes: Buffer): number {
    const isMark =
      this.#offset === 0 && bytes.length >= BOM.length && BOM.compare(bytes, 0, BOM.length) === 0;
    this.#marked ||= isMark;
    return isMark ? BOM.length : 0;
  }

  #line(bytes: Buffer, at: number, end: number, isText: boolean): void {
    const length = end - at;
    if (length > this.#maxRecordBytes) return this.#reject(length, "tooLong");
    if (this.#isBlank(bytes, at, end)) {
      if (end > at) this.#isRagged = true;
      return;
    }
    if (!isText && !isUtf8(bytes.subarray(at, end))) return this.#reject(length, "invalidUtf8");
    if (this.#fields.unclosedQuote) return this.#reject(length, "unclosedQuote");
    if (this.#fields.textAfterQuote) return this.#reject(length, "textAfterQuote");
    if (this.#columns === undefined) {
      this.#takeHeader(bytes, at);
      if (this.#options.dialect.header) return;
    }
    this.#records += 1;
    if (this.#fields.count !== this.#columns) this.#isRagged = true;
    if (length > this.#longest) this.#longest = length;
    this.#options.onRecord(bytes, this.#fields, this.#records, this.#offset);
  }

  /** An empty line, or one field of spaces and tabs only: nothing, unless the file has one column, whose value that is. */
  #isBlank(bytes: Buffer, at: number, end: number): boolean {
    if (at === end) return true;
    if (this.#columns === 1) return false;
    return this.#fields.count === 1 && isBlank(bytes.subarray(at, end));
  }

  #takeHeader(bytes: Buffer, at: number): void {
    const fields = this.#fields;
    const { header } = this.#options.dialect;
    const maxColumns = this.#options.maxColumns ?? 10_000;
    if (fields.count > maxColumns) {
      const what = header ? "header" : "first record";
      throw this.#damaged(`the ${what} has ${fields.count} columns, more than maxColumns`);
    }
    const names = Array.from(
      { length: fields.count },
      (_, i) => (header ? fields.text(bytes, i) : "") || `_c${i}`,
    );
    // Text in two bytes a character is valid UTF-8 too, and nobody names a column so.
    if (names.some((name) => name.includes("\0")))
      throw this.#damaged("the header holds NUL: the file is not UTF-8 text");
    this.#columns = fields.count;
    this.#names = names;
    const offsets = names.map((_, i) => this.#offset + fields.from[i]! - at);
    this.#options.onHeader({ names, offsets, implied: !header });
  }

  #reject(length: number, reason: MalformedReason): void {
    if (this.#columns === undefined && this.#options.dialect.header)
      throw this.#damaged(`the header cannot be read: ${MALFORMED_SENTENCES[reason]}`);
    this.#records += 1;
    this.#malformed.push(this.#offset, length, this.#records - 1, MALFORMED_REASONS.indexOf(reason));
  }

  #damaged(what: string): LandfallError {
    return new LandfallError("FILE_DAMAGED", {
      message: `CSV: ${what}`,
      hint: "Nothing of the file was ingested. See csv.header, csv.skipRows and csv.encoding for files that begin in another way.",
      file: this.#options.file,
    });
  }
}

/** The next CR or LF from `at` on, or -1. */
function lineEnd(bytes: Uint8Array, at: number): number {
  for (let p = at; p < bytes.length; p++) if (bytes[p] === LF || bytes[p] === CR) return p;
  return -1;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9);
}
