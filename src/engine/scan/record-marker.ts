/** Puts members in front of every record of a file, which tell the file and the record's number: rows of many files lie in one spill. */
import type { RangeReader } from "./range-reader.ts";
import type { RecordMark } from "./scan-jobs.ts";

const NEWLINE = 10;
const BRACE = Buffer.from("{");
const LINE_END = Buffer.from("\n");
const STEP = 4 * 1024 ** 2;

/** Where a record begins in its file, of its number from 1 and the place of its line; undefined where lines say nothing about it. */
export type OffsetOf = (record: number, at: number) => number | undefined;

interface Output {
  write(bytes: Buffer): void;
}

export class RecordMarker {
  /** Records so far, rejected ones too. */
  #records = 0;
  readonly #members: MarkMembers;
  readonly #offsetOf: OffsetOf;

  /** `name` is the file's. */
  constructor(mark: RecordMark, name: string, offsetOf: OffsetOf) {
    this.#members = markMembers(mark, name);
    this.#offsetOf = offsetOf;
  }

  /** How much longer a line can become. */
  get width(): number {
    return this.#members(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).length + 1;
  }

  /** The members of the next record, whose line begins at `at`. */
  next(at: number): string {
    this.#records += 1;
    return this.#members(this.#records, this.#offsetOf(this.#records, at));
  }

  /** The next record brings no row. */
  skip(): void {
    this.#records += 1;
  }

  /** Whole lines of clean records, and blank ones, which are left out. */
  copy(reader: RangeReader, from: number, to: number, output: Output): void {
    let step = STEP;
    for (let at = from; at < to;) {
      const length = Math.min(step, to - at);
      const chunk = reader.read(at, length);
      const isLast = at + length >= to;
      const end = isLast ? chunk.length : chunk.lastIndexOf(NEWLINE) + 1;
      if (end === 0 && !isLast) {
        // A line longer than the step.
        step *= 2;
        continue;
      }
      this.#lines(chunk.subarray(0, end), at, output);
      if (isLast) return;
      at += end;
    }
  }

  /** `start` is where they begin in the file. */
  #lines(lines: Buffer, start: number, output: Output): void {
    for (let at = 0; at < lines.length;) {
      const newline = lines.indexOf(NEWLINE, at);
      const end = newline === -1 ? lines.length : newline;
      const open = firstByte(lines, at, end);
      if (open < end) this.#line(lines.subarray(open + 1, end), start + at, output);
      at = end + 1;
    }
  }

  /** `rest` is what follows the record's first brace. */
  #line(rest: Buffer, at: number, output: Output): void {
    const isEmpty = rest[firstByte(rest, 0, rest.length)] === 125;
    const members = this.next(at);
    output.write(BRACE);
    output.write(Buffer.from(isEmpty ? members : `${members},`));
    output.write(rest);
    output.write(LINE_END);
  }
}

/** The members of a record's mark, such as `"a":"0","b":1`. */
export type MarkMembers = (record: number, offset: number | undefined) => string;

/** Of the records of one file. */
export function markMembers(mark: RecordMark, name: string): MarkMembers {
  const head = `${JSON.stringify(mark.file)}:${JSON.stringify(name)},${JSON.stringify(mark.record)}:`;
  const key = mark.offset === undefined ? undefined : JSON.stringify(mark.offset);
  return (record, offset) =>
    key === undefined || offset === undefined ? `${head}${record}` : `${head}${record},${key}:${offset}`;
}

/** The first byte that is not blank. */
function firstByte(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13)) at += 1;
  return at;
}
