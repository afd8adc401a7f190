/** The records of CSV, told apart by separators, quotes and line ends alone. */
import type { CsvReader } from "./counted-reader.ts";
import { UnreadableHere } from "./unreadable-here.ts";

const LF = 10;
const CR = 13;
const TAB = 9;
const COMMA = 44;

/**
 * Lines without a byte are no records. A quote opens a field only where the field begins.
 *
 * @param content without a byte order mark
 * @throws UnreadableHere for quotes that do not end
 */
export async function countCsv(content: AsyncIterable<Buffer>, reader: CsvReader): Promise<number> {
  const { quote, escape, comment, multiLine } = reader;
  let { separator } = reader;
  let records = 0;
  let isEmpty = true;
  let isQuoted = false;
  let isAtStart = true;
  let isComment = false;
  let hasJustClosed = false;
  let isEscaped = false;
  for await (const chunk of withoutRows(content, reader.skipRows)) {
    separator ??= separatorOf(chunk);
    for (const byte of chunk) {
      const isEnd = byte === LF || byte === CR;
      if (isQuoted && (multiLine || !isEnd)) {
        const isPlain: boolean = isEscaped && (byte === quote || byte === escape);
        isEscaped = !isPlain && escape !== quote && byte === escape;
        isQuoted = isPlain || byte !== quote;
        hasJustClosed = !isQuoted;
        continue;
      }
      const isDoubled = hasJustClosed;
      hasJustClosed = false;
      isEscaped = false;
      if (isEnd) {
        if (!isEmpty) records += 1;
        isEmpty = true;
        isAtStart = true;
        isQuoted = false;
        isComment = false;
      } else if (isComment || (isEmpty && byte === comment)) {
        isComment = true;
      } else if (byte === quote && (isAtStart || isDoubled)) {
        isQuoted = true;
        isEmpty = false;
        isAtStart = false;
      } else {
        isEmpty = false;
        isAtStart = byte === separator;
      }
    }
  }
  if (isQuoted && multiLine) throw new UnreadableHere();
  return Math.max(0, records + (isEmpty ? 0 : 1) - (reader.hasHeader ? 1 : 0));
}

function separatorOf(head: Buffer): number {
  const [line = ""] = head.toString("latin1").split(/[\r\n]/, 1);
  return line.includes("\t") && !line.includes(",") ? TAB : COMMA;
}

/** Without so many lines at the beginning, empty ones counted; each of LF, CR LF and CR ends one. */
async function* withoutRows(content: AsyncIterable<Buffer>, rows: number): AsyncGenerator<Buffer> {
  let left = rows;
  let before = 0;
  for await (const chunk of content) {
    let at = 0;
    for (; at < chunk.length && (left > 0 || (before === CR && chunk[at] === LF)); at++) {
      const byte = chunk[at]!;
      if (byte === CR || (byte === LF && before !== CR)) left -= 1;
      before = byte;
    }
    if (at < chunk.length) {
      before = 0;
      yield chunk.subarray(at);
    }
  }
}
