/** The options of CSV made ready for the reader: bytes instead of texts. */
import type { CsvOptions } from "../../formats/csv-options.ts";

/** How a file's bytes are to be taken apart. A byte of -1 is none. */
export interface CsvDialect {
  readonly header: boolean;
  readonly separator: Buffer;
  readonly quote: number;
  /** Makes a quote text inside quotes; -1 where only doubled quotes do. */
  readonly escape: number;
  /** Makes an escape text inside quotes. */
  readonly escapeOfEscape: number;
  readonly comment: number;
  readonly nullValue: Buffer;
  readonly emptyValue: Buffer;
  readonly ignoreLeadingWhiteSpace: boolean;
  readonly ignoreTrailingWhiteSpace: boolean;
  readonly skipRows: number;
  readonly multiLine: boolean;
}

/** By name, compressed or not. */
const TAB_FILE = /\.(?:tsv|tab)(?:\.(?:gz|gzip|zst|zstd|bz2|xz|lz4|br|deflate|zip))?$/i;

/** `key` is the file's: its name decides the separator where none is stated. */
export function csvDialect(options: CsvOptions, key: string): CsvDialect {
  const { header, skipRows, multiLine, ignoreLeadingWhiteSpace, ignoreTrailingWhiteSpace } = options;
  // A doubled quote is understood anyway.
  const stated = options.escape === options.quote ? "" : (options.escape ?? "");
  const escape = byteOf(stated);
  return {
    header,
    skipRows,
    multiLine,
    ignoreLeadingWhiteSpace,
    ignoreTrailingWhiteSpace,
    separator: Buffer.from(options.sep ?? (TAB_FILE.test(key) ? "\t" : ",")),
    quote: byteOf(options.quote),
    escape,
    escapeOfEscape: escape === -1 ? -1 : byteOf(options.charToEscapeQuoteEscaping ?? stated),
    comment: byteOf(options.comment),
    nullValue: Buffer.from(options.nullValue),
    emptyValue: Buffer.from(options.emptyValue),
  };
}

/** Fields parted by one common character, with `"` around them and a header or none: every reader of CSV takes it in the same way. */
export function isPlainDialect(dialect: CsvDialect): boolean {
  const { separator, quote, escape, comment, nullValue, emptyValue, skipRows } = dialect;
  const trims = dialect.ignoreLeadingWhiteSpace || dialect.ignoreTrailingWhiteSpace;
  return (
    separator.length === 1 &&
    PLAIN_SEPARATORS.includes(separator[0]!) &&
    quote === QUOTE &&
    escape === -1 &&
    comment === -1 &&
    nullValue.length === 0 &&
    emptyValue.length === 0 &&
    skipRows === 0 &&
    !trims
  );
}

const QUOTE = 34;
const PLAIN_SEPARATORS = Buffer.from(",;\t|");

function byteOf(character: string): number {
  return character === "" ? -1 : character.charCodeAt(0);
}
