/** What the columns of a CSV file hold, as a trie whose fields are the columns: the lattice of JSON then joins files. */
import { EMPTY_TRIE, type TrieNode } from "../../schema/lattice.ts";
import { NUMBER_MASK, VALUE_CLASS } from "../../schema/value-class.ts";
import type { CsvDialect } from "./csv-dialect.ts";
import { ESCAPED, type CsvFields } from "./csv-fields.ts";
import { CsvReader, type CsvHeader, type CsvRead } from "./csv-reader.ts";
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

  constructor(options: CsvScanOptions) {
    this.#file = options.file ?? 0;
    this.#values = options.values;
    this.#reader = new CsvReader({
      ...options,
      file: options.name,
      onHeader: (header) => {
        this.#header = header;
        this.#masks = new Int32Array(header.names.length);
      },
      onRecord: (buf, fields) => this.#learn(buf, fields),
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
    if ((fields.flags[index]! & ESCAPED) === 0)
      return this.#values.classOf(buf, fields.from[index]!, fields.to[index]!);
    const text = fields.bytes(buf, index);
    return this.#values.classOf(text, 0, text.length);
  }

  /** Of equal names the first is the column. */
  #trie(): TrieNode {
    const fields = new Map<string, TrieNode>();
    for (const [i, name] of this.#header.names.entries()) {
      if (!fields.has(name)) fields.set(name, this.#column(this.#masks[i]!, this.#header.offsets[i]!));
    }
    const isEmpty = this.#masks.every((mask) => mask === 0);
    if (isEmpty) return EMPTY_TRIE;
    return { ...this.#column(OBJ, 0), fields };
  }

  #column(mask: number, offset: number): TrieNode {
    const digits = (mask & NUMBER_MASK) === 0 ? 0 : MANY_DIGITS;
    return {
      // Which other classes stood beside a string depends on the order of the rows, and changes nothing.
      mask: (mask & STR) === 0 ? mask : mask & (STR | NULL),
      first: { file: this.#file, offset },
      integerDigits: (mask & STR) === 0 ? digits : 0,
      scale: (mask & STR) === 0 ? digits : 0,
      fields: new Map(),
      element: undefined,
      overflowed: false,
    };
  }
}
