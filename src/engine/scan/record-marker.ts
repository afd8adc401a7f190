/** Puts members in front of every record of a file, which tell the file and the record's number: rows of many files lie in one spill. */
import type { RangeReader } from "./range-reader.ts";
import type { RecordMark } from "./scan-jobs.ts";

const NEWLINE = 10;
const BRACE = Buffer.from("{");
const LINE_END = Buffer.from("\n");
const STEP = 4 * 1024 ** 2;

interface Output {
  write(bytes: Buffer): void;
}

export class RecordMarker {
  /** Records so far, rejected ones too. */
  #records = 0;
  readonly #head: string;

  /** `name` is the file's. */
  constructor(mark: RecordMark, name: string) {
    this.#head = markHead(mark, name);
  }

  /** How much longer a line can become. */
  get width(): number {
    return this.#head.length + 24;
  }

  /** The members of the next record, such as `"a":"0","b":1`. */
  next(): string {
    this.#records += 1;
    return this.#head + String(this.#records);
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
      this.#lines(chunk.subarray(0, end), output);
      if (isLast) return;
      at += end;
    }
  }

  #lines(lines: Buffer, output: Output): void {
    for (let at = 0; at < lines.length;) {
      const newline = lines.indexOf(NEWLINE, at);
      const end = newline === -1 ? lines.length : newline;
      const open = firstByte(lines, at, end);
      if (open < end) this.#line(lines.subarray(open + 1, end), output);
      at = end + 1;
    }
  }

  /** `rest` is what follows the record's first brace. */
  #line(rest: Buffer, output: Output): void {
    const isEmpty = rest[firstByte(rest, 0, rest.length)] === 125;
    output.write(BRACE);
    output.write(Buffer.from(isEmpty ? this.next() : `${this.next()},`));
    output.write(rest);
    output.write(LINE_END);
  }
}

/** The members of a mark but for the record's number, which is its last. */
export function markHead(mark: RecordMark, name: string): string {
  return `${JSON.stringify(mark.file)}:${JSON.stringify(name)},${JSON.stringify(mark.record)}:`;
}

/** The first byte that is not blank. */
function firstByte(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13)) at += 1;
  return at;
}
