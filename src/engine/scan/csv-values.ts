/** What the texts of CSV fields mean under a file's options: dates and times of a stated pattern, words for numbers that are none. */
import type { CsvOptions } from "../../formats/csv-options.ts";
import type { ColumnKind } from "../../schema/fit.ts";
import { TEMPORAL_MASK, VALUE_CLASS } from "../../schema/value-class.ts";
import { csvClass } from "./csv-class.ts";
import { TemporalReader } from "./temporal-reader.ts";

const { DATE, STR } = VALUE_CLASS;

/** A word of a file and what the engine reads in its place. */
export interface SpecialNumber {
  readonly word: Buffer;
  readonly written: Buffer;
}

export class CsvValues {
  readonly #date: TemporalReader | undefined;
  readonly #timestamp: TemporalReader | undefined;
  readonly #specials: readonly SpecialNumber[];
  /** Classes of ISO 8601 that count as plain text, since a pattern is stated. */
  readonly #notIso: number;

  constructor(options: CsvOptions) {
    const { dateFormat, timestampFormat } = options;
    if (dateFormat !== undefined) this.#date = new TemporalReader({ kind: "date", pattern: dateFormat });
    if (timestampFormat !== undefined)
      this.#timestamp = new TemporalReader({ kind: "timestamp", pattern: timestampFormat });
    this.#notIso = (this.#date ? DATE : 0) | (this.#timestamp ? TEMPORAL_MASK & ~DATE : 0);
    this.#specials = specialsOf(options);
  }

  /** No pattern is stated: texts have the classes of `csvClass`. */
  get isPlain(): boolean {
    return this.#notIso === 0;
  }

  /** The class of a text whose column is not known: what is a number stays one, though a pattern of digits alone would match it too. */
  classOf(buf: Buffer, from: number, to: number): number {
    const bit = csvClass(buf, from, to);
    if (this.#notIso === 0 || ((bit & STR) === 0 && (bit & this.#notIso) === 0)) return bit;
    const date = this.#date?.read(buf, from, to) ?? STR;
    if (date !== STR) return date;
    return this.#timestamp?.read(buf, from, to) ?? STR;
  }

  /** What reads the texts of a column of this kind; undefined where they are ISO 8601. */
  temporalOf(kind: ColumnKind): TemporalReader | undefined {
    if (kind === "date") return this.#date;
    return kind === "timestamp" || kind === "timestamp_ntz" ? this.#timestamp : undefined;
  }

  /** The words that a column of this kind takes beside numbers. */
  specialsOf(kind: ColumnKind): readonly SpecialNumber[] {
    return kind === "double" || kind === "float" ? this.#specials : [];
  }
}

function specialsOf(options: CsvOptions): SpecialNumber[] {
  const pairs = [
    [options.nanValue, '"NaN"'],
    [options.positiveInf, '"Infinity"'],
    [options.negativeInf, '"-Infinity"'],
  ] as const;
  return pairs.flatMap(([word, written]) =>
    word === undefined ? [] : [{ word: Buffer.from(word), written: Buffer.from(written) }],
  );
}
