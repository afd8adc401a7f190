/** A list of files that another loader has read: CSV by RFC 4180 with a header, or lines of JSON. Pure. */
import { isJsonObject, parseJson, type JsonValue } from "../../base/lossless-json.ts";
import { listColumns, listedEntry, wrongList, type ListedEntry } from "./listed-entry.ts";

/** @throws LandfallError USAGE naming the line that cannot be understood; nothing is half taken */
export function parseFileList(text: string, file: string): readonly ListedEntry[] {
  const plain = text.replace(/^\uFEFF/, "");
  return /^\s*\{/.test(plain) ? parseJsonLines(plain, file) : parseCsv(plain, file);
}

function parseCsv(text: string, file: string): readonly ListedEntry[] {
  const [header, ...records] = recordsOf(text, file);
  const names = (header?.fields ?? []).map((name) => name.trim().toLowerCase());
  const columns = listColumns(names, file);
  return records.map(({ line, fields }) => {
    if (fields.length !== names.length)
      throw wrongList(file, line, `${fields.length} fields, where the header has ${names.length}`);
    return listedEntry({ line, field: (column) => fields[names.indexOf(column)] }, columns, file);
  });
}

/** Every line an object; a key that one lacks is empty there. */
function parseJsonLines(text: string, file: string): readonly ListedEntry[] {
  const rows: { readonly line: number; readonly row: ReadonlyMap<string, JsonValue> }[] = [];
  for (const [i, content] of text.split(/\r?\n/).entries()) {
    if (content.trim() === "") continue;
    rows.push({ line: i + 1, row: jsonRow(content, file, i + 1) });
  }
  const columns = listColumns([...new Set(rows.flatMap(({ row }) => [...row.keys()]))], file);
  return rows.map(({ line, row }) =>
    listedEntry({ line, field: (column) => textOf(row.get(column)) }, columns, file),
  );
}

function jsonRow(content: string, file: string, line: number): ReadonlyMap<string, JsonValue> {
  let value: JsonValue;
  try {
    value = parseJson(content);
  } catch {
    throw wrongList(file, line, "it is no JSON");
  }
  if (!isJsonObject(value)) throw wrongList(file, line, "it is no JSON object");
  return new Map(Object.entries(value).map(([key, one]) => [key.toLowerCase(), one]));
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
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
    if (match === null) throw wrongList(file, line, "a quote that is not closed, or text beside one");
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
