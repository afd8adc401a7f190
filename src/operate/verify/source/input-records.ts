/**
 * The records of an input, told apart by other means than the scanner's: JSON by line ends and `JSON.parse`, CSV by its quotes. Only the
 * usual layouts are read so; of all others nothing is said.
 */
import { countCsv } from "./count-csv.ts";
import type { CountedReader, JsonReader } from "./counted-reader.ts";
import { asUtf8 } from "./input-text.ts";
import { UnreadableHere } from "./unreadable-here.ts";

const LONGEST_LINE = 64 * 1024 ** 2;
const LONGEST_DOCUMENT = 32 * 1024 ** 2;

type SeeRecord = (text: string, record: number) => void;

/**
 * Answers how many records there are. Of JSON each is given to `see` as its text, with its number from 1, in order.
 *
 * @throws UnreadableHere
 */
export async function countRecords(
  content: AsyncIterable<Buffer>,
  reader: CountedReader,
  see?: SeeRecord,
): Promise<number> {
  const text = asUtf8(content, reader.encoding);
  if (reader.format === "csv") return countCsv(text, reader);
  if (reader.path !== undefined || reader.multiLine === true) return countWhole(text, reader, see);
  return countJson(text, reader, see);
}

async function countJson(
  content: AsyncIterable<Buffer>,
  { multiLine }: JsonReader,
  see: SeeRecord | undefined,
): Promise<number> {
  let records = 0;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let isFirst = true;
  let isDocument = false;
  for await (const line of linesOf(content)) {
    const text = decoder.decode(line);
    if (/^[\t\r ]*$/.test(text)) continue;
    if (isFirst) {
      isFirst = false;
      if (multiLine === "auto" && !isRecordLine(text)) {
        records = countDocument(text, see);
        isDocument = true;
        continue;
      }
    }
    if (isDocument) throw new UnreadableHere();
    records += 1;
    see?.(text, records);
  }
  return records;
}

/** One document, and in it the records at the path: an array's objects, or an object. */
async function countWhole(
  content: AsyncIterable<Buffer>,
  { path = [] }: JsonReader,
  see: SeeRecord | undefined,
): Promise<number> {
  const chunks: Buffer[] = [];
  let held = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    held += chunk.length;
    if (held > LONGEST_DOCUMENT) throw new UnreadableHere();
  }
  const text = Buffer.concat(chunks).toString();
  if (text.trim() === "") return 0;
  let value = parsedOr(text);
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) throw new UnreadableHere();
    value = value[key];
  }
  return countValue(isObject(value) ? [value] : value, see);
}

/** One object and nothing behind it: so the file's lines are its records. A broken first line tells nothing. */
function isRecordLine(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}

/** What begins with another line than a record: an array of objects in one line is read; nothing else is. */
function countDocument(firstLine: string, see: SeeRecord | undefined): number {
  if (firstLine.length > LONGEST_DOCUMENT) throw new UnreadableHere();
  return countValue(parsedOr(firstLine), see);
}

function countValue(value: unknown, see: SeeRecord | undefined): number {
  if (!Array.isArray(value) || !value.every(isObject)) throw new UnreadableHere();
  // Printed again, a number may have lost digits: such rows are counted, and not compared.
  for (const i of value.keys()) see?.("", i + 1);
  return value.length;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
