/**
 * The records of an input, told apart by other means than the scanner's: lines by their ends, JSON by `JSON.parse`, CSV by its quotes. Only
 * the usual layouts are read so; of all others nothing is said.
 */

/** The layout is none that is read here. */
export class UnreadableHere extends Error {}

export type CountedFormat = "json" | "csv" | "text";

const LONGEST_LINE = 64 * 1024 ** 2;
const LONGEST_DOCUMENT = 32 * 1024 ** 2;

/**
 * Answers how many records there are. Of JSON each is given to `see` as its text, with its number from 1, in order.
 *
 * @throws UnreadableHere
 */
export async function countRecords(
  content: AsyncIterable<Buffer>,
  format: CountedFormat,
  see?: (text: string, record: number) => void,
): Promise<number> {
  if (format === "json") return countJson(content, see);
  return format === "csv" ? countCsv(content) : countLines(content);
}

async function countJson(
  content: AsyncIterable<Buffer>,
  see: ((text: string, record: number) => void) | undefined,
): Promise<number> {
  let records = 0;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let isFirst = true;
  let isDocument = false;
  for await (const line of linesOf(content)) {
    let text = decoder.decode(line);
    if (isFirst) {
      text = text.replace(/^\ufeff/, "");
      if (/^[\t\r ]*$/.test(text)) continue;
      isFirst = false;
      if (!isRecordLine(text)) {
        records = countDocument(text, see);
        isDocument = true;
        continue;
      }
    } else if (/^[\t\r ]*$/.test(text)) continue;
    if (isDocument) throw new UnreadableHere();
    records += 1;
    see?.(text, records);
  }
  return records;
}

/** One object and nothing behind it: so the file's lines are its records. A broken first line tells nothing. */
function isRecordLine(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What begins with another line than a record: an array of objects in one line is read; nothing else is. */
function countDocument(firstLine: string, see: ((text: string, record: number) => void) | undefined): number {
  const value = parsedOr(firstLine);
  if (firstLine.length > LONGEST_DOCUMENT || !Array.isArray(value)) throw new UnreadableHere();
  for (const [i, element] of value.entries()) {
    if (typeof element !== "object" || element === null || Array.isArray(element)) throw new UnreadableHere();
    // Printed again, a number may have lost digits: such rows are counted, and not compared.
    see?.("", i + 1);
  }
  return value.length;
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without their line feeds. */
async function* linesOf(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let held = 0;
  for await (const chunk of content) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      yield held === 0 ? chunk.subarray(from, at) : Buffer.concat([...rest, chunk.subarray(from, at)]);
      rest = [];
      held = 0;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    rest.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > LONGEST_LINE) throw new UnreadableHere();
  }
  if (held > 0) yield Buffer.concat(rest);
}

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** A header, then records; lines without a byte are none. A quote opens a field only where the field begins. */
async function countCsv(content: AsyncIterable<Buffer>): Promise<number> {
  let records = 0;
  let isEmpty = true;
  let isQuoted = false;
  let isAtStart = true;
  let hasJustClosed = false;
  let separator: number | undefined;
  for await (const chunk of content) {
    if (separator === undefined) separator = separatorOf(chunk);
    for (const byte of chunk) {
      if (isQuoted) {
        isQuoted = byte !== QUOTE;
        hasJustClosed = !isQuoted;
        continue;
      }
      const isDoubled = hasJustClosed;
      hasJustClosed = false;
      if (byte === QUOTE && (isAtStart || isDoubled)) {
        isQuoted = true;
        isEmpty = false;
        isAtStart = false;
      } else if (byte === LF || byte === CR) {
        if (!isEmpty) records += 1;
        isEmpty = true;
        isAtStart = true;
      } else {
        isEmpty = false;
        isAtStart = byte === separator;
      }
    }
  }
  if (isQuoted) throw new UnreadableHere();
  return Math.max(0, records + (isEmpty ? 0 : 1) - 1);
}

/** A byte order mark of UTF-16 is another encoding than is read here. */
function separatorOf(head: Buffer): number {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw new UnreadableHere();
  const [line = ""] = head.toString("latin1").split(/[\r\n]/, 1);
  return line.includes("\t") && !line.includes(",") ? 9 : 44;
}

async function countLines(content: AsyncIterable<Buffer>): Promise<number> {
  let records = 0;
  let before = LF;
  let hasAny = false;
  for await (const chunk of content) {
    for (const byte of chunk) {
      if (byte === CR || (byte === LF && (before !== CR || !hasAny))) records += 1;
      before = byte;
      hasAny = true;
    }
  }
  return hasAny && before !== LF && before !== CR ? records + 1 : records;
}
