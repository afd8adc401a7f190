/** Writing classic checkpoints (PROTOCOL.md, "Checkpoints", V1 spec): the state of a version as one Parquet file. */
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { faultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { Storage } from "../storage/storage.ts";
import type { RemoveFile } from "./actions.ts";
import type { ParquetAccess } from "./checkpoint-rows.ts";
import { checkpointColumns } from "./checkpoint-schema.ts";
import { checkWritable, HONOURED_BY_LOG } from "./features.ts";
import { deletedFileRetention } from "./deleted-file-retention.ts";
import type { KeptRows } from "./kept-rows.ts";
import { filesSince } from "./live-files.ts";
import { checkpointKey, LAST_CHECKPOINT } from "./log-files.ts";
import { lastCheckpointHint, listLog } from "./log-storage.ts";
import { jsonText } from "./raw-json.ts";
import { replayFiles, type FileAction } from "./snapshot.ts";
import { readState, type TableState } from "./table-state.ts";
import { withSegment } from "./with-segment.ts";

export interface WriteCheckpointOptions {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  /** A version whose commit exists. */
  readonly version: number;
  /** Milliseconds since the epoch; tombstones older than the table's retention are left out. */
  readonly now: number;
  /** The state of that version, where the caller has it: it is not read again. */
  readonly state?: TableState;
  /** What an earlier call for this table kept; used together with `state`. */
  readonly kept?: KeptRows | undefined;
  /** A local file, in the scratch folder, to keep the rows in for a later call. Default: they are not kept. */
  readonly keepAt?: string;
  readonly signal?: AbortSignal;
}

export interface CheckpointWritten {
  readonly version: number;
  /** Actions in it. */
  readonly size: number;
  readonly sizeInBytes: number;
  readonly numOfAddFiles: number;
}

/** Beyond it the rows are not kept: a long run is not to hold a copy of a huge table's state on disk. */
const KEPT_BYTES = 64 * 1024 ** 2;
const DEFAULT_INTERVAL = 10;
const WRITE_LENGTH = 256 * 1024;

/** Whether a checkpoint is due after this commit, by `delta.checkpointInterval` (default 10), as Delta Spark counts. */
export function shouldCheckpoint(options: {
  readonly version: number;
  readonly configuration: Readonly<Record<string, string>>;
}): boolean {
  const asked = Number(options.configuration["delta.checkpointInterval"] ?? DEFAULT_INTERVAL);
  const interval = Number.isSafeInteger(asked) && asked > 0 ? asked : DEFAULT_INTERVAL;
  return options.version > 0 && options.version % interval === 0;
}

/**
 * Writes the checkpoint of a version and then `_last_checkpoint`. Streams, so that the number of files does not matter. Doing it
 * twice, or beside another writer, is harmless; a failure leaves the table as it was and must not fail the commit that led here.
 *
 * @throws LandfallError as `readTableState`; TABLE_FEATURE_UNSUPPORTED for a table that we may not write to; the Parquet port's and
 * the store's errors
 */
export async function writeCheckpoint(
  options: WriteCheckpointOptions,
): Promise<CheckpointWritten & { readonly kept?: KeptRows }> {
  const { storage, parquet, version, signal } = options;
  const scratch = `${parquet.scratchFolder}/checkpoint-${uuidv7()}`;
  try {
    const drafted = await draft(options, `${scratch}.json`);
    await parquet.port.fromJsonLines({
      jsonPath: `${scratch}.json`,
      parquetPath: `${scratch}.parquet`,
      columns: checkpointColumns(drafted.state.protocol),
      ...(signal === undefined ? {} : { signal }),
    });
    const { size: sizeInBytes } = await stat(`${scratch}.parquet`);
    const written = { version, size: drafted.size, sizeInBytes, numOfAddFiles: drafted.numOfAddFiles };
    await replaceObject(storage, checkpointKey(version), (key) => storage.putFile(key, `${scratch}.parquet`));
    faultPoint("checkpoint.written");
    await pointTo(storage, written);
    return { ...written, ...(await keep(options, drafted.state, `${scratch}.json`)) };
  } finally {
    await rm(`${scratch}.json`, { force: true });
    await rm(`${scratch}.parquet`, { force: true });
  }
}

/** In the place of what was kept before. */
async function keep(
  { keepAt, version }: WriteCheckpointOptions,
  state: TableState,
  jsonPath: string,
): Promise<{ readonly kept?: KeptRows }> {
  if (keepAt === undefined || (await stat(jsonPath)).size > KEPT_BYTES) return {};
  await rename(jsonPath, keepAt);
  return { kept: { version, tableId: state.metadata.id, path: keepAt } };
}

interface Draft {
  readonly state: TableState;
  readonly size: number;
  readonly numOfAddFiles: number;
}

/** Writes the rows as JSON lines. @throws LandfallError TABLE_MISSING besides what reading the table throws */
async function draft(options: WriteCheckpointOptions, jsonPath: string): Promise<Draft> {
  const { storage, state, kept } = options;
  if (state !== undefined && kept !== undefined && kept.tableId === state.metadata.id)
    return writeDraft(options, { state, files: filesSince(options, kept) }, jsonPath);
  // Run again from the start when the segment's checkpoint turns out to be unusable.
  const drafted = await withSegment(options, async (segment) => {
    const read = state ?? (await readState(options, segment));
    const files = replayFiles({ ...options, segment, schema: read.schema });
    return writeDraft(options, { state: read, files }, jsonPath);
  });
  if (drafted !== undefined) return drafted;
  throw new LandfallError("TABLE_MISSING", {
    message: `There is no Delta table at ${storage.location} to write a checkpoint for.`,
    table: storage.location,
  });
}

async function writeDraft(
  options: WriteCheckpointOptions,
  content: { readonly state: TableState; readonly files: AsyncIterable<string | FileAction> },
  jsonPath: string,
): Promise<Draft> {
  const { state, files } = content;
  checkWritable(state, HONOURED_BY_LOG);
  const counts = { size: 0, numOfAddFiles: 0 };
  const rows = async function* (): AsyncGenerator<string> {
    for (const row of stateRows(state)) yield jsonText(row);
    for await (const file of files) {
      const row = typeof file === "string" ? file : fileRow(file, tombstone);
      if (row === undefined) continue;
      if (typeof file === "string" || "add" in file) counts.numOfAddFiles += 1;
      yield row;
    }
  };
  const texts = async function* (): AsyncGenerator<string> {
    let text = "";
    for await (const row of rows()) {
      counts.size += 1;
      text += `${row}\n`;
      // One write a row would cost more than the rows.
      if (text.length < WRITE_LENGTH) continue;
      yield text;
      text = "";
    }
    yield text;
  };
  const retention = deletedFileRetention(state.metadata.configuration);
  const tombstone = (remove: RemoveFile): { readonly remove: RemoveFile } | undefined => {
    if (Number(remove.deletionTimestamp ?? 0) <= options.now - retention) return undefined;
    const { stats: _stats, tags: _tags, ...kept } = remove;
    return { remove: { ...kept, dataChange: false } };
  };
  const { signal } = options;
  const target = createWriteStream(jsonPath, { mode: 0o600 });
  await pipeline(Readable.from(texts()), target, signal === undefined ? {} : { signal });
  return { state, ...counts };
}

function fileRow(
  file: FileAction,
  tombstone: (remove: RemoveFile) => { readonly remove: RemoveFile } | undefined,
): string | undefined {
  const row = "add" in file ? { add: { ...file.add, dataChange: false } } : tombstone(file.remove);
  return row === undefined ? undefined : jsonText(row);
}

function stateRows(state: TableState): object[] {
  return [
    { protocol: state.protocol },
    { metaData: state.metadata },
    ...Array.from(state.txns.values(), (txn) => ({ txn })),
    ...Array.from(state.domainMetadata.values(), (domainMetadata) => ({ domainMetadata })),
  ];
}

/**
 * The hint is written without the optional checksum, and never set back: a slower writer may finish after a faster one. It is
 * neither authoritative nor needed.
 */
async function pointTo(storage: Storage, written: CheckpointWritten): Promise<void> {
  const hint = await lastCheckpointHint(storage);
  if (typeof hint === "number" && hint > written.version) {
    const { checkpoints } = await listLog({ storage, from: hint });
    if (checkpoints.some(({ version }) => version === hint)) return;
  }
  await replaceObject(storage, LAST_CHECKPOINT, (key) => storage.put(key, jsonText(written)));
}

/** Hadoop checks a file against its `.name.crc` sibling, which is stale as soon as the file is replaced. */
async function replaceObject(
  storage: Storage,
  key: string,
  put: (key: string) => Promise<unknown>,
): Promise<void> {
  const slash = key.lastIndexOf("/") + 1;
  const sibling = `${key.slice(0, slash)}.${key.slice(slash)}.crc`;
  if ((await storage.head(sibling)) !== undefined) await storage.delete(sibling);
  await put(key);
}
