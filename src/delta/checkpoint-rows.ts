/** The rows of a classic checkpoint as JSON, through the Parquet port and a scratch file. */
import { createReadStream } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { isLandfallError, messageOf, type LandfallError } from "../base/landfall-error.ts";
import { isJsonObject, parseJson, type JsonValue } from "../base/lossless-json.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { Storage } from "../storage/storage.ts";
import { unsupported } from "./features.ts";
import { checkpointKey } from "./log-files.ts";
import type { ParquetPort } from "./parquet-port.ts";

/** The Parquet engine with an existing local folder for its scratch files, which are removed after use. */
export interface ParquetAccess {
  readonly port: ParquetPort;
  readonly scratchFolder: string;
}

/** A checkpoint that cannot be used; an older one or the commits may serve instead. */
export class CheckpointUnusable extends Error {
  /** What to throw when nothing else serves, where that is more than "damaged". */
  readonly refusal: LandfallError | undefined;

  constructor(message: string, options: { readonly cause?: unknown; readonly refusal?: LandfallError }) {
    super(message, { cause: options.cause });
    this.refusal = options.refusal;
  }
}

export interface CheckpointRowsOptions {
  readonly storage: Storage;
  readonly version: number;
  readonly parquet: ParquetAccess;
  /** Actions to read; rows of others are left out. */
  readonly columns: readonly string[];
  readonly signal?: AbortSignal;
}

export interface CheckpointRow {
  readonly text: string;
  readonly json: { readonly [action: string]: JsonValue };
}

/**
 * Streams the rows with their nulls. Nothing of the file is held in memory where the store lies on local disk.
 *
 * @throws CheckpointUnusable when the file is missing, no readable Parquet, or points at sidecars
 */
export async function* checkpointRows(options: CheckpointRowsOptions): AsyncGenerator<CheckpointRow> {
  const { version, parquet, signal } = options;
  const scratch = `${parquet.scratchFolder}/checkpoint-${uuidv7()}`;
  const key = checkpointKey(version);
  try {
    await convert(options, scratch);
    const stream = createReadStream(`${scratch}.json`, signal === undefined ? {} : { signal });
    // Not "\n" alone in readline's hands: JSON escapes all other line ends, so CR LF cannot occur inside a row.
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      if (text === "") continue;
      const row = parseRow(text, key);
      const { json } = row;
      if (isJsonObject(json["sidecar"])) {
        throw new CheckpointUnusable(`${key} has sidecars`, {
          refusal: unsupported("the table feature v2Checkpoint (a checkpoint with sidecars)", "read"),
        });
      }
      yield row;
    }
  } finally {
    await rm(`${scratch}.json`, { force: true });
    await rm(`${scratch}.parquet`, { force: true });
  }
}

async function convert(options: CheckpointRowsOptions, scratch: string): Promise<void> {
  const { storage, version, parquet, columns, signal } = options;
  const key = checkpointKey(version);
  try {
    let parquetPath = storage.localPath?.(key);
    if (parquetPath === undefined) {
      parquetPath = `${scratch}.parquet`;
      await writeFile(parquetPath, await storage.get(key));
    }
    await parquet.port.toJsonLines({
      parquetPath,
      jsonPath: `${scratch}.json`,
      columns: [...columns, "sidecar"],
      ...(signal === undefined ? {} : { signal }),
    });
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
