/** Finds the end of a record that is too long to be held, by the same rules as `CsvFields`: bytes come in pieces and none is kept. */
import type { CsvDialect } from "./csv-dialect.ts";

const LF = 10;
const CR = 13;
const SPACE = 32;

type State = "line" | "fieldStart" | "unquoted" | "quoted" | "escape" | "quoteInQuoted";

export class CsvRecordEnd {
  #state: State;
  /** The byte that an escape may begin with, in the state of that name. */
  #escape = 0;
  /** How many bytes of a separator have come. */
  #matched = 0;
  readonly #dialect: CsvDialect;
  /** How much of the separator still stands after a byte that does not go on with it (Knuth, Morris and Pratt). */
  readonly #fallback: readonly number[];

  /** `line`: quotes mean nothing, as in a comment. */
  constructor(dialect: CsvDialect, kind: "record" | "line") {
    this.#dialect = dialect;
    this.#state = kind === "line" ? "line" : "fieldStart";
    this.#fallback = fallbackOf(dialect.separator);
  }

  /** True inside quotes: a file that ends here has a quote that is never closed. */
  get isQuoted(): boolean {
    return this.#state === "quoted" || this.#state === "escape";
  }

  /** The place of the line end, or -1 if it is not among these bytes. */
  find(bytes: Uint8Array): number {
    for (let p = 0; p < bytes.length; p++) if (this.#take(bytes[p]!)) return p;
    return -1;
  }

  /** True for the line end that ends the record. */
  #take(byte: number): boolean {
    switch (this.#state) {
      case "line":
        return byte === LF || byte === CR;
      case "escape":
        return this.#afterEscape(byte);
      case "quoted":
        return this.#insideQuotes(byte);
      case "quoteInQuoted":
        if (byte === this.#dialect.quote) {
          this.#state = "quoted";
          return false;
        }
        this.#state = "unquoted";
        return this.#outside(byte);
      case "fieldStart":
      case "unquoted":
        return this.#outside(byte);
    }
  }

  #insideQuotes(byte: number): boolean {
    const { quote, escape, escapeOfEscape, multiLine } = this.#dialect;
    if (byte === escape || byte === escapeOfEscape) {
      this.#state = "escape";
      this.#escape = byte;
    } else if (byte === quote) this.#state = "quoteInQuoted";
    else return !multiLine && (byte === LF || byte === CR);
    return false;
  }

  #afterEscape(byte: number): boolean {
    const { quote, escape, escapeOfEscape } = this.#dialect;
    this.#state = "quoted";
    const escapes =
      (this.#escape === escapeOfEscape && byte === escape) || (this.#escape === escape && byte === quote);
    return escapes ? false : this.#insideQuotes(byte);
  }

  #outside(byte: number): boolean {
    if (byte === LF || byte === CR) return true;
    const { separator, quote, ignoreLeadingWhiteSpace } = this.#dialect;
    while (this.#matched > 0 && byte !== separator[this.#matched])
      this.#matched = this.#fallback[this.#matched - 1]!;
    if (byte === separator[this.#matched]) this.#matched += 1;
    if (this.#matched === separator.length) {
      this.#matched = 0;
      this.#state = "fieldStart";
    } else if (this.#state === "fieldStart") {
      if (byte === quote) {
        this.#matched = 0;
        this.#state = "quoted";
      } else if (!(ignoreLeadingWhiteSpace && byte <= SPACE)) this.#state = "unquoted";
    }
    return false;
  }
}

/** For each beginning of the separator: the length of its longest end that is a beginning too. */
function fallbackOf(separator: Uint8Array): number[] {
  const fallback = [0];
  for (let i = 1, length = 0; i < separator.length; i++) {
    while (length > 0 && separator[i] !== separator[length]) length = fallback[length - 1]!;
    if (separator[i] === separator[length]) length += 1;
    fallback.push(length);
  }
  return fallback;
}
