/** The rows of a V2 checkpoint in JSON: one action a line, as in a commit (PROTOCOL.md, "V2 Spec"). */
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { isJsonObject, parseJson, type JsonValue } from "../base/lossless-json.ts";
import type { Storage } from "../storage/storage.ts";
import type { CheckpointRow } from "./checkpoint-rows.ts";
import { CheckpointUnusable } from "./checkpoint-unusable.ts";
import { linesOf } from "./lines.ts";

/**
 * Streams the rows that hold one of the actions; where the store lies on local disk, nothing of the file is held in memory.
 *
 * @throws CheckpointUnusable when the file is missing, empty or no lines of JSON objects
 */
export async function* jsonCheckpointRows(options: {
  readonly storage: Storage;
  readonly key: string;
  readonly columns: readonly string[];
  readonly signal?: AbortSignal | undefined;
}): AsyncGenerator<CheckpointRow> {
  const { key, columns, signal } = options;
  const skipped = ["add", "remove"].filter((name) => !columns.includes(name)).map((name) => `{"${name}":`);
  let line = 0;
  for await (const bytes of contentLines(options)) {
    line += 1;
    if (line % 4096 === 0) signal?.throwIfAborted();
    const start = bytes.toString("latin1", 0, 16);
    if (bytes.length === 0 || skipped.some((prefix) => start.startsWith(prefix))) continue;
    const row = parseRow(bytes, `line ${line} of ${key}`);
    if (columns.some((name) => isJsonObject(row.json[name]))) yield row;
  }
  if (line === 0) throw new CheckpointUnusable(`${key} is empty`);
}

async function* contentLines(options: {
  readonly storage: Storage;
  readonly key: string;
  readonly signal?: AbortSignal | undefined;
}): AsyncGenerator<Buffer> {
  const { storage, key, signal } = options;
  try {
    const path = storage.localPath?.(key);
    yield* linesOf(
      path === undefined ? [await storage.get(key)] : createReadStream(path, { highWaterMark: 256 * 1024 }),
    );
  } catch (cause) {
    signal?.throwIfAborted();
    if (isLandfallError(cause) && cause.retryable) throw cause;
    throw new CheckpointUnusable(`${key} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function parseRow(bytes: Buffer, place: string): CheckpointRow {
  let json: JsonValue | undefined;
  const text = bytes.toString("utf8");
  try {
    if (isUtf8(bytes)) json = parseJson(text);
  } catch (cause) {
    throw new CheckpointUnusable(`${place} is truncated or not JSON`, { cause });
  }
  if (json === undefined || !isJsonObject(json)) throw new CheckpointUnusable(`${place} is no JSON object`);
  return { text, json };
}
