/** What the columns of a CSV file hold, as a trie whose fields are the columns: the lattice of JSON then joins files. */
import { EMPTY_TRIE, type TrieNode } from "../../schema/lattice.ts";
import { NUMBER_MASK, VALUE_CLASS } from "../../schema/value-class.ts";
import { isPlainDialect, type CsvDialect } from "./csv-dialect.ts";
import { ESCAPED, type CsvFields } from "./csv-fields.ts";
import { exponentDigits } from "./record-scanner.ts";
import {
  CsvReader,
  MAX_RECORD_BYTES,
  type CsvHeader,
  type CsvRead,
  type CsvReaderOptions,
} from "./csv-reader.ts";
import { csvSettler, MOST_SETTLED_COLUMNS } from "./csv-settler.ts";
import type { CsvValues } from "./csv-values.ts";

export interface CsvScanOptions {
  /** The name for messages. */
  readonly name: string;
  readonly dialect: CsvDialect;
  readonly values: CsvValues;
  /** The file's rank by key among those inferred together. Default 0. */
  readonly file?: number;
  readonly maxRecordBytes?: number;
  readonly maxColumns?: number;
  /** Whether digits of numbers are counted, which only DECIMALs by inference need. Default false. */
  readonly countsDigits?: boolean;
}

export interface CsvScan extends CsvRead {
  readonly trie: TrieNode;
}

const { NULL, OBJ, STR } = VALUE_CLASS;
/** Stands for "that many or more" in a trie (lattice.ts): digits are not counted here. */
const MANY_DIGITS = 65_535;

/** Scans one file. `feed` its bytes in order, then `finish` once. */
export class CsvScanner {
  readonly #file: number;
  readonly #reader: CsvReader;
  readonly #values: CsvValues;
  #header: CsvHeader = { names: [], offsets: [], implied: false };
  #masks = new Int32Array(0);
  readonly #countsDigits: boolean;
  /** By column the most digits before and after the point. */
  #digits: { readonly whole: Int32Array; readonly scale: Int32Array } | undefined;

  constructor(options: CsvScanOptions) {
    this.#file = options.file ?? 0;
    this.#values = options.values;
    this.#countsDigits = options.countsDigits ?? false;
    this.#reader = new CsvReader({
      ...options,
      file: options.name,
      onHeader: (header) => {
        this.#header = header;
        const columns = header.names.length;
        this.#masks = new Int32Array(columns);
        if (this.#countsDigits)
          this.#digits = { whole: new Int32Array(columns), scale: new Int32Array(columns) };
      },
      onRecord: (buf, fields) => this.#learn(buf, fields),
      ...this.#settling(options),
    });
  }

  /** The next bytes. They may be overwritten as soon as this returns. @throws LandfallError FILE_DAMAGED for the header */
  feed(chunk: Buffer): void {
    this.#reader.feed(chunk);
  }

  finish(): CsvScan {
    const read = this.#reader.finish();
    return { ...read, trie: this.#trie() };
  }

  /** The usual records of a plain dialect are settled together, where digits need no count. */
  #settling(options: CsvScanOptions): Pick<CsvReaderOptions, "settle" | "beginSettling"> {
    const { dialect, values, maxRecordBytes = MAX_RECORD_BYTES } = options;
    if (!isPlainDialect(dialect) || !values.isPlain || this.#countsDigits) return {};
    const settler = csvSettler();
    if (settler === undefined) return {};
    const separator = dialect.separator[0]!;
    return {
      beginSettling: () => settler.begin(),
      settle: (buf, from, end) => {
        const masks = this.#masks;
        if (masks.length < 2 || masks.length > MOST_SETTLED_COLUMNS) return undefined;
        return settler.settle({ buf, from, end, masks, separator, maxRecordBytes });
      },
    };
  }

  #learn(buf: Buffer, fields: CsvFields): void {
    const masks = this.#masks;
    for (let i = 0; i < masks.length; i++) {
      const mask = masks[i]!;
      if (i >= fields.count || fields.isNull(buf, i)) masks[i] = mask | NULL;
      // Once a column holds a string it stays one, whatever else it holds.
      else if ((mask & STR) === 0) masks[i] = mask | this.#classOf(buf, fields, i);
    }
  }

  #classOf(buf: Buffer, fields: CsvFields, index: number): number {
    const isEscaped = (fields.flags[index]! & ESCAPED) !== 0;
    const text = isEscaped ? fields.bytes(buf, index) : buf;
    const from = isEscaped ? 0 : fields.from[index]!;
    const to = isEscaped ? text.length : fields.to[index]!;
    const bit = this.#values.classOf(text, from, to);
    if (this.#digits !== undefined && (bit & NUMBER_MASK) !== 0)
      learnDigits(this.#digits, index, text.toString("latin1", from, to));
    return bit;
  }

  /** Of equal names the first is the column. */
  #trie(): TrieNode {
    const fields = new Map<string, TrieNode>();
    for (const [i, name] of this.#header.names.entries()) {
      if (!fields.has(name)) fields.set(name, this.#column(this.#masks[i]!, this.#header.offsets[i]!, i));
    }
    const isEmpty = this.#masks.every((mask) => mask === 0);
    if (isEmpty) return EMPTY_TRIE;
    return { ...this.#column(OBJ, 0), fields };
  }

  #column(mask: number, offset: number, index = -1): TrieNode {
    const isNumber = (mask & NUMBER_MASK) !== 0 && (mask & STR) === 0;
    const digits = (of: "whole" | "scale"): number =>
      isNumber ? Math.min(MANY_DIGITS, this.#digits?.[of][index] ?? MANY_DIGITS) : 0;
    return {
      // Which other classes stood beside a string depends on the order of the rows, and changes nothing.
      mask: (mask & STR) === 0 ? mask : mask & (STR | NULL),
      first: { file: this.#file, offset },
      integerDigits: digits("whole"),
      scale: digits("scale"),
      fields: new Map(),
      element: undefined,
      overflowed: false,
    };
  }
}

/** As the JSON scanner counts them. */
function learnDigits(
  digits: { readonly whole: Int32Array; readonly scale: Int32Array },
  column: number,
  text: string,
): void {
  const { whole, scale } = digitsOf(text);
  if (whole > digits.whole[column]!) digits.whole[column] = whole;
  if (scale > digits.scale[column]!) digits.scale[column] = scale;
}

function digitsOf(text: string): { readonly whole: number; readonly scale: number } {
  if (/[eE]/.test(text)) {
    const { whole, scale } = exponentDigits(text);
    return { whole: Math.min(MANY_DIGITS, whole), scale: Math.min(MANY_DIGITS, scale) };
  }
  const first = text.startsWith("-") ? 1 : 0;
  const point = text.indexOf(".");
  if (point === -1) return { whole: text.length - first, scale: 0 };
  return { whole: point - first, scale: text.length - point - 1 };
}
