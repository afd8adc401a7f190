/** One file of a list of files that another loader has read, from whatever the list is written in. Pure. */
import { LandfallError } from "../../base/landfall-error.ts";

export interface ListedEntry {
  /** Of the list, from 1; of a table the row. */
  readonly line: number;
  /** As the list has it: below the source, absolute, or an URI. */
  readonly path: string;
  /** Absent where the list does not say it; then `modified` is there. */
  readonly size?: number;
  /** Milliseconds since the epoch, and how exactly that is known. */
  readonly modified?: { readonly ms: number; readonly within: number };
  /** True where the list says that the loader has not committed it. */
  readonly uncommitted?: true;
}

/** A line or a row of a list: its texts by the name of their column. */
export interface ListRecord {
  readonly line: number;
  field(column: string): string | undefined;
}

/** What columns are called: as Landfall says it, as Spark's `_metadata` and as `cloud_files_state` do. */
const COLUMNS = {
  path: ["path", "file_path"],
  size: ["size", "file_size", "length"],
  mtime: ["mtime", "modification_time", "file_modification_time"],
  /** Of `cloud_files_state`: null until the file was committed. */
  commit: ["commit_time"],
} as const;

/** Which columns a list has. @throws LandfallError USAGE where those that are needed are not among them */
export function listColumns(names: readonly string[], file: string): Readonly<Record<ListColumn, string>> {
  const columns: Partial<Record<ListColumn, string>> = {};
  for (const what of Object.keys(COLUMNS) as ListColumn[]) {
    const found = COLUMNS[what].find((name) => names.includes(name));
    if (found !== undefined) columns[what] = found;
  }
  for (const needed of ["path", "size"] as const)
    if (columns[needed] === undefined) throw wrongList(file, 1, `it has no column "${needed}"`);
  return { path: "", size: "", mtime: "", commit: "", ...columns };
}

type ListColumn = keyof typeof COLUMNS;

/** @throws LandfallError USAGE naming the line that cannot be understood */
export function listedEntry(
  record: ListRecord,
  columns: Readonly<Record<ListColumn, string>>,
  file: string,
): ListedEntry {
  const { line } = record;
  const path = record.field(columns.path) ?? "";
  if (path === "") throw wrongList(file, line, "the path is empty");
  const size = (record.field(columns.size) ?? "").trim();
  if (!/^\d{1,15}$/.test(size)) throw wrongList(file, line, `"${size}" is no size in bytes`);
  const mtime = columns.mtime === "" ? "" : (record.field(columns.mtime) ?? "").trim();
  const isCommitted = columns.commit === "" || (record.field(columns.commit) ?? "").trim() !== "";
  return {
    line,
    path,
    size: Number(size),
    ...(mtime === "" ? {} : { modified: instantOf(mtime, file, line) }),
    ...(isCommitted ? {} : { uncommitted: true as const }),
  };
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
  // `2026-03-01 10:00:00+00` is how engines write it.
  const iso = text.replace(/^(\d{4}-\d\d-\d\d) /, "$1T").replace(/([+-]\d\d)$/, "$1:00");
  const ms = Date.parse(/(?:Z|T.*[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
  if (Number.isNaN(ms)) throw wrongList(file, line, `"${text}" is no time (ISO 8601, or seconds since 1970)`);
  return { ms, within: /:\d\d\.\d/.test(text) ? 1 : 1000 };
}

export function wrongList(file: string, line: number, what: string): LandfallError {
  return new LandfallError("USAGE", {
    message: `The list ${file} cannot be read at line ${line}: ${what}; nothing was changed.`,
    hint: "It is CSV with a header, such as path,size,mtime (a path with a comma or a quote stands in quotes, a quote in it doubled), lines of JSON or Parquet with such keys, or the folder of a Spark checkpoint.",
    file,
  });
}
