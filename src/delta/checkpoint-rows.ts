/** The rows of a checkpoint of any kind as JSON: Parquet goes through the port and a scratch file. */
import { createReadStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { isLandfallError, LandfallError, messageOf } from "../base/landfall-error.ts";
import { isJsonObject, parseJson, type JsonValue } from "../base/lossless-json.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { AddFilter, AddTotals } from "../schema/add-filter.ts";
import type { Storage } from "../storage/storage.ts";
import type { CheckpointFiles } from "./checkpoint-files.ts";
import { CheckpointUnusable } from "./checkpoint-unusable.ts";
import { jsonCheckpointRows } from "./json-checkpoint-rows.ts";
import { linesOf } from "./lines.ts";
import type { ParquetPort } from "./parquet-port.ts";
import { SIDECAR_FOLDER, sidecarKey } from "./sidecar-key.ts";

/** The Parquet engine with an existing local folder for its scratch files, which are removed after use. */
export interface ParquetAccess {
  readonly port: ParquetPort;
  readonly scratchFolder: string;
}

export interface CheckpointRowsOptions {
  readonly storage: Storage;
  readonly checkpoint: CheckpointFiles;
  /** Needed where a file of the checkpoint is Parquet. */
  readonly parquet?: ParquetAccess | undefined;
  /** Actions to read; rows of others are left out. */
  readonly columns: readonly string[];
  /** Rows of adds that are not wanted may be left out. Default: none is. */
  readonly adds?: WantedAdds | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WantedAdds {
  readonly filter: AddFilter;
  /** Told once for each file of the checkpoint that has been read with the filter. */
  readonly onLeftOut: (leftOut: LeftOutAdds) => void;
}

/** Adds that are in the file and not among its rows. */
export interface LeftOutAdds {
  readonly files: number;
  readonly bytes: number;
  /** See `AddTotals`. */
  readonly rows: number | undefined;
}

export interface CheckpointRow {
  readonly text: string;
  readonly json: { readonly [action: string]: JsonValue };
}

/** Actions that V2 checkpoints may keep in sidecars. */
const FILE_COLUMNS = ["add", "remove"];

/**
 * Streams the rows of all of a checkpoint's files, its sidecars' too, with their nulls. Nothing of a file is held in memory where the
 * store lies on local disk. Sidecars are opened only where actions of files are asked for.
 *
 * @throws CheckpointUnusable when a file is missing or cannot be read, when a V2 checkpoint has no checkpointMetadata of its version, or
 * when a sidecar lies outside `_delta_log/_sidecars`
 */
export async function* checkpointRows(options: CheckpointRowsOptions): AsyncGenerator<CheckpointRow> {
  const sidecars: string[] = [];
  yield* topRows(options, sidecars);
  const columns = options.columns.filter((name) => FILE_COLUMNS.includes(name));
  if (columns.length === 0) return;
  for (const key of sidecars) yield* parquetRows({ ...options, key, columns });
}

/** The keys of a checkpoint's sidecars; none for one of the V1 spec. @throws CheckpointUnusable as `checkpointRows` */
export async function sidecarKeysOf(options: Omit<CheckpointRowsOptions, "columns">): Promise<string[]> {
  const sidecars: string[] = [];
  const rows = topRows({ ...options, columns: [] }, sidecars);
  while ((await rows.next()).done !== true);
  return sidecars;
}

/**
 * The same of one whose files' actions all stand in its sidecars; undefined where there are others.
 *
 * @throws CheckpointUnusable as `checkpointRows`
 */
export async function sidecarKeysAlone(
  options: Omit<CheckpointRowsOptions, "columns">,
): Promise<string[] | undefined> {
  const sidecars: string[] = [];
  const rows = topRows({ ...options, columns: FILE_COLUMNS }, sidecars);
  const first = await rows.next();
  await rows.return(undefined);
  return first.done === true ? sidecars : undefined;
}

/** The rows of the files that the log's listing shows. @param sidecars gets the keys of those that they name */
async function* topRows(options: CheckpointRowsOptions, sidecars: string[]): AsyncGenerator<CheckpointRow> {
  const { checkpoint } = options;
  let isV2 = false;
  const columns = [...options.columns, "sidecar", "checkpointMetadata"];
  for (const key of checkpoint.keys) {
    for await (const row of rowsOf({ ...options, key, columns })) {
      const { sidecar, checkpointMetadata } = row.json;
      if (isJsonObject(sidecar)) sidecars.push(keyOfSidecar(sidecar, key));
      else if (isJsonObject(checkpointMetadata)) {
        isV2 = true;
        checkVersion(checkpointMetadata, checkpoint, key);
      } else yield row;
    }
  }
  if (!isV2 && (checkpoint.kind === "uuid" || sidecars.length > 0))
    throw new CheckpointUnusable(`${checkpoint.keys[0]} has no checkpointMetadata`);
}

function keyOfSidecar(sidecar: { readonly [field: string]: JsonValue }, key: string): string {
  const { path } = sidecar;
  const found = typeof path === "string" ? sidecarKey(path) : undefined;
  if (found !== undefined) return found;
  throw new CheckpointUnusable(
    `${key} names the sidecar ${JSON.stringify(path)}, which does not lie in ${SIDECAR_FOLDER}`,
  );
}

function checkVersion(
  metadata: { readonly [field: string]: JsonValue },
  { version }: CheckpointFiles,
  key: string,
): void {
  if (metadata["version"] === version) return;
  throw new CheckpointUnusable(`${key} says that it is of version ${JSON.stringify(metadata["version"])}`);
}

interface RowsOptions extends CheckpointRowsOptions {
  readonly key: string;
}

function rowsOf(options: RowsOptions): AsyncGenerator<CheckpointRow> {
  return options.key.endsWith(".json") ? jsonCheckpointRows(options) : parquetRows(options);
}

async function* parquetRows(options: RowsOptions): AsyncGenerator<CheckpointRow> {
  const { key, signal } = options;
  const parquet = requireParquet(options);
  const scratch = `${parquet.scratchFolder}/checkpoint-${uuidv7()}`;
  try {
    const totals = await convert({ ...options, parquet }, scratch);
    const came = { files: 0, bytes: 0 };
    const stream = createReadStream(`${scratch}.json`, {
      highWaterMark: 256 * 1024,
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const line of linesOf(stream)) {
      if (line.length === 0) continue;
      const row = parseRow(line.toString("utf8"), key);
      const { add } = row.json;
      if (isJsonObject(add)) {
        came.files += 1;
        came.bytes += Number(add["size"]);
      }
      yield row;
    }
    if (totals === undefined) return;
    options.adds?.onLeftOut({
      files: totals.files - came.files,
      bytes: totals.bytes - came.bytes,
      rows: totals.rowsLeftOut,
    });
  } finally {
    await rm(`${scratch}.json`, { force: true });
    await rm(`${scratch}.parquet`, { force: true });
  }
}

function requireParquet({ parquet, storage, checkpoint }: RowsOptions): ParquetAccess {
  if (parquet !== undefined) return parquet;
  throw new CheckpointUnusable("no Parquet port", {
    refusal: new LandfallError("INTERNAL", {
      message: `The log of ${storage.location} begins with the checkpoint of version ${checkpoint.version}, which is Parquet, and nothing was given to read Parquet with.`,
      hint: "Pass `parquet` to the call that reads the table.",
      table: storage.location,
    }),
  });
}

async function convert(
  options: RowsOptions & { readonly parquet: ParquetAccess },
  scratch: string,
): Promise<AddTotals | undefined> {
  const { storage, key, parquet, columns, adds, signal } = options;
  try {
    let parquetPath = storage.localPath?.(key);
    if (parquetPath === undefined) {
      parquetPath = `${scratch}.parquet`;
      await writeFile(parquetPath, await storage.get(key));
    }
    const totals = await parquet.port.toJsonLines({
      parquetPath,
      jsonPath: `${scratch}.json`,
      columns,
      ...(adds === undefined ? {} : { adds: adds.filter }),
      ...(signal === undefined ? {} : { signal }),
    });
    return totals ?? undefined;
  } catch (cause) {
    signal?.throwIfAborted();
    if (isLandfallError(cause) && cause.retryable) throw cause;
    throw new CheckpointUnusable(`${key} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function parseRow(text: string, key: string): CheckpointRow {
  try {
    return { text, json: parseObject(text) };
  } catch {
    // Not JSON, or statistics that are no finite numbers, which nobody can prune by.
    const finite = text.replaceAll(NOT_FINITE, (token) => (token.startsWith('"') ? token : "null"));
    try {
      return { text: finite, json: parseObject(finite) };
    } catch (cause) {
      throw new CheckpointUnusable(`${key} has a row that is no JSON object`, { cause });
    }
  }
}

/** Strings are matched to be left alone. */
const NOT_FINITE = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

function parseObject(text: string): Record<string, JsonValue> {
  const json = parseJson(text);
  if (!isJsonObject(json)) throw new TypeError("not an object");
  return json;
}
