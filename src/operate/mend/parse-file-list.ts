/** A list of files that another loader has read: CSV by RFC 4180 with a header of path, size and, if it is there, mtime. Pure. */
import { LandfallError } from "../../base/landfall-error.ts";

export interface ListedEntry {
  /** Of the list, from 1; the header is the first. */
  readonly line: number;
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch, and how exactly that is known. */
  readonly modified?: { readonly ms: number; readonly within: number };
}

/** @throws LandfallError USAGE naming the line that cannot be understood; nothing is half taken */
export function parseFileList(text: string, file: string): readonly ListedEntry[] {
  const [header, ...records] = recordsOf(text.replace(/^\uFEFF/, ""), file);
  const names = (header?.fields ?? []).map((name) => name.trim().toLowerCase());
  const at = { path: names.indexOf("path"), size: names.indexOf("size"), mtime: names.indexOf("mtime") };
  if (at.path < 0 || at.size < 0) {
    throw wrong(file, 1, `the header has no column "${at.path < 0 ? "path" : "size"}"`);
  }
  return records.map(({ line, fields }) => {
    if (fields.length !== names.length)
      throw wrong(file, line, `${fields.length} fields, where the header has ${names.length}`);
    const path = fields[at.path]!;
    if (path === "") throw wrong(file, line, "the path is empty");
    const size = fields[at.size]!.trim();
    if (!/^\d{1,15}$/.test(size)) throw wrong(file, line, `"${size}" is no size in bytes`);
    const mtime = at.mtime < 0 ? "" : fields[at.mtime]!.trim();
    const entry = { line, path, size: Number(size) };
    return mtime === "" ? entry : { ...entry, modified: instantOf(mtime, file, line) };
  });
}

interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Empty lines are passed by. */
function recordsOf(text: string, file: string): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  const field = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|\n|\r|$)/y;
  let line = 1;
  let first = 1;
  let fields: string[] = [];
  while (field.lastIndex < text.length || fields.length > 0) {
    const match = field.exec(text);
    if (match === null) throw wrong(file, line, "a quote that is not closed, or text beside one");
    const [all, value = "", end = ""] = match;
    fields.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    line += all.split(/\r\n|\n|\r/).length - 1;
    if (end === ",") continue;
    if (fields.length > 1 || fields[0] !== "") records.push({ line: first, fields });
    fields = [];
    first = line;
  }
  return records;
}

/** Above it a number counts milliseconds: as seconds it would be the year 5138. */
const MILLISECONDS_FROM = 100_000_000_000;

/** ISO 8601, or a number of seconds or milliseconds since 1970; known as exactly as it is written. */
function instantOf(
  text: string,
  file: string,
  line: number,
): { readonly ms: number; readonly within: number } {
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number >= MILLISECONDS_FROM) return { ms: Math.floor(number), within: 1 };
    return { ms: Math.floor(number * 1000), within: text.includes(".") ? 1 : 1000 };
  }
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(ms)) throw wrong(file, line, `"${text}" is no time (ISO 8601, or seconds since 1970)`);
  return { ms, within: /:\d\d\.\d/.test(text) ? 1 : 1000 };
}

function wrong(file: string, line: number, what: string): LandfallError {
  return new LandfallError("USAGE", {
    message: `The list ${file} cannot be read at line ${line}: ${what}; nothing was changed.`,
    hint: "It is CSV with a header, such as: path,size,mtime. A path with a comma or a quote stands in quotes, a quote in it doubled.",
    file,
  });
}
