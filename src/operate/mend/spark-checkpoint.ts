/**
 * The files that a Spark Structured Streaming query has read, from its `checkpointLocation`. A file source keeps a log of its own,
 * `sources/<n>/<id>`: a line `v1`, then one of JSON for each file (`path`, `timestamp`, `batchId`); `<id>.compact` holds all up to it. A file is
 * written there before its batch is: `commits/<batch>` and `offsets/<batch>` say how far the query has come.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LandfallError } from "../../base/landfall-error.ts";
import type { ListedEntry } from "./listed-entry.ts";

/** @throws LandfallError USAGE for a folder that is no such checkpoint, or lacks a part of it */
export function readSparkCheckpoint(folder: string): readonly ListedEntry[] {
  const { root, sources } = placesOf(folder);
  const read = lastOffsets(root);
  return sources.flatMap(({ log, ordinal }) => {
    if (existsSync(join(log, "rocksdb"))) throw autoLoader(root);
    // Spark writes "-" for a source from which the query has read nothing.
    const offset = read[ordinal];
    const last = offset === undefined || offset.text === "-" ? -1 : logOffset(offset, root);
    return entriesOf(log).map((entry) =>
      entry.batchId <= last ? entry : { ...entry, uncommitted: true as const },
    );
  });
}

interface SourceLog {
  readonly log: string;
  readonly ordinal: number;
}

/** A person may name the checkpoint or one source's log in it. */
function placesOf(folder: string): { readonly root: string; readonly sources: readonly SourceLog[] } {
  if (basename(dirname(folder)) === "sources" && /^\d+$/.test(basename(folder)))
    return { root: dirname(dirname(folder)), sources: [{ log: folder, ordinal: Number(basename(folder)) }] };
  const names = namesIn(join(folder, "sources")).filter((name) => /^\d+$/.test(name));
  if (names.length === 0)
    throw unusable(folder, "it has no folder sources/0, where a file source lists its files");
  const sources = names.map((name) => ({ log: join(folder, "sources", name), ordinal: Number(name) }));
  return { root: folder, sources };
}

/** The lines of the last committed batch's offsets: one for each source. None where nothing was committed. */
function lastOffsets(root: string): readonly Line[] {
  if (!existsSync(join(root, "commits")))
    throw unusable(root, "it has no folder commits, which says what of its list was read");
  const committed = numbersIn(join(root, "commits")).at(-1);
  if (committed === undefined) return [];
  const lines = linesOf(join(root, "offsets", String(committed)), root);
  // The first is the query's metadata.
  return lines.slice(1);
}

function logOffset(line: Line, root: string): number {
  const offset = (parsed(line, root) as { readonly logOffset?: unknown } | null)?.logOffset;
  if (typeof offset === "number" && Number.isSafeInteger(offset)) return offset;
  throw unusable(root, `${where(line)}, its offset ${line.text.slice(0, 100)}, is not that of a file source`);
}

/** Of the newest compact file, and of all that came after it. */
function entriesOf(log: string): readonly (ListedEntry & { readonly batchId: number })[] {
  const compact = namesIn(log)
    .flatMap((name) => /^(\d+)\.compact$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .at(-1);
  const later = numbersIn(log).filter((number) => compact === undefined || number > compact);
  let expected = compact === undefined ? 0 : compact + 1;
  for (const number of later) {
    if (number !== expected) throw unusable(log, `the files of batch ${expected} are missing`);
    expected += 1;
  }
  const files = [...(compact === undefined ? [] : [`${compact}.compact`]), ...later.map(String)];
  let line = 0;
  return files.flatMap((name) =>
    linesOf(join(log, name), log).map((read) => {
      line += 1;
      return { ...entryOf(read, log), line };
    }),
  );
}

function entryOf(line: Line, log: string): Omit<ListedEntry, "line"> & { readonly batchId: number } {
  const { path, timestamp, batchId } = (parsed(line, log) ?? {}) as Record<string, unknown>;
  if (typeof path !== "string" || typeof timestamp !== "number" || typeof batchId !== "number")
    throw unusable(log, `${where(line)} is no file: ${line.text.slice(0, 100)}`);
  // Some file systems tell Spark whole seconds only.
  const within = timestamp % 1000 === 0 ? 1000 : 1;
  return { path, modified: { ms: timestamp, within }, batchId };
}

interface Line {
  readonly file: string;
  /** In that file, from 1. */
  readonly number: number;
  readonly text: string;
}

function where({ file, number }: Line): string {
  return `line ${number} of ${file}`;
}

/** Without the line that names the version, which is the only one that there is, and without empty ones. */
function linesOf(path: string, place: string): readonly Line[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw unusable(place, `${path} cannot be read`, error);
  }
  const [version, ...rest] = text.split("\n");
  if (version !== "v1")
    throw unusable(place, `${path} begins with "${(version ?? "").slice(0, 20)}", not v1`);
  const lines = rest.map((content, i) => ({ file: path, number: i + 2, text: content }));
  return lines.filter((line) => line.text !== "");
}

function parsed(line: Line, place: string): unknown {
  try {
    return JSON.parse(line.text);
  } catch (error) {
    throw unusable(place, `${where(line)} is no JSON: ${line.text.slice(0, 100)}`, error);
  }
}

/** Ascending; what else lies there, such as checksums, is passed by. */
function numbersIn(folder: string): readonly number[] {
  return namesIn(folder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function unusable(folder: string, why: string, cause?: unknown): LandfallError {
  return new LandfallError("USAGE", {
    message: `${folder} cannot be read as a Spark checkpoint: ${why}; nothing was changed.`,
    hint: "Name the folder that the query has as its checkpointLocation, whole; or a list as CSV, lines of JSON or Parquet.",
    file: folder,
    cause,
  });
}

function autoLoader(folder: string): LandfallError {
  return new LandfallError("USAGE", {
    message: `${folder} is a checkpoint of Auto Loader, which keeps its list in RocksDB; nothing was changed.`,
    hint: "Have Databricks write the list: SELECT path, size, commit_time FROM cloud_files_state('<checkpoint>'), as CSV or Parquet; then adopt that, with --list-source <what Databricks calls the source>.",
    file: folder,
  });
}
