/** The rows of a checkpoint, as files with a line of JSON each in a scratch folder: streamed, so that the number of files does not matter. */
import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { bytesOf } from "../base/bytes-of.ts";
import type { CarryRowsRequest } from "../schema/carried-rows.ts";
import type { Storage } from "../storage/storage.ts";
import type { RemoveFile } from "./actions.ts";
import { wantsV2Checkpoints } from "./checkpoint-policy.ts";
import { sidecarKeysAlone, type ParquetAccess } from "./checkpoint-rows.ts";
import { deletedFileRetention } from "./deleted-file-retention.ts";
import { checkWritable, HONOURED_BY_LOG } from "./features.ts";
import { NO_FILES, withFile, type FileTotals } from "./file-totals.ts";
import type { KeptRows } from "./kept-rows.ts";
import { filesSince } from "./live-files.ts";
import type { LogSegment } from "./log-segment.ts";
import { jsonText } from "./raw-json.ts";
import { replayCommits, replayFiles, type FileAction } from "./snapshot.ts";
import { tableMissing } from "./table-missing.ts";
import { readState, type TableState } from "./table-state.ts";
import { withSegment } from "./with-segment.ts";

export interface DraftCheckpointOptions {
  readonly storage: Storage;
  readonly parquet: ParquetAccess;
  readonly version: number;
  /** Milliseconds since the epoch; tombstones older than the table's retention are left out. */
  readonly now: number;
  /** The state of that version, where the caller has it. */
  readonly state?: TableState;
  /** Used together with `state`. */
  readonly kept?: KeptRows | undefined;
  /** The rows of a checkpoint this large, in bytes, stay in its files (`CheckpointDraft.carries`). Default: they are all in the draft. */
  readonly carryFrom?: number | undefined;
  /** An empty local folder. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

export interface CheckpointDraft {
  readonly state: TableState;
  /** Rows of actions that are no files. */
  readonly stateRows: readonly object[];
  /**
   * Local files. A classic checkpoint's is one, with the rows of the state before those of files; of a V2 checkpoint those of files alone, in
   * parts of which each becomes a sidecar.
   */
  readonly parts: readonly DraftPart[];
  readonly numOfAddFiles: number;
  /** Undefined where rows were kept as text, of which nobody has counted the bytes. */
  readonly totals: FileTotals | undefined;
  /** Rows that come along from the checkpoint before; neither among the parts nor among the counts. */
  readonly carries?: CarriedDraft;
}

export interface CarriedDraft extends Pick<CarryRowsRequest, "withoutPath" | "expired"> {
  readonly files: readonly CarriedFile[];
}

/** A file of the checkpoint before: of a V2 checkpoint a sidecar. */
export interface CarriedFile {
  /** Local. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface DraftPart {
  readonly jsonPath: string;
  readonly rows: number;
}

/** Actions of a sidecar at most, as of Delta Spark's: readers take sidecars side by side, and one is some ten megabytes at most. */
export const SIDECAR_ROWS = 50_000;
const WRITE_LENGTH = 256 * 1024;

/** @throws LandfallError TABLE_MISSING, TABLE_FEATURE_UNSUPPORTED for a table that we may not write to; as `readTableState` */
export async function draftCheckpoint(options: DraftCheckpointOptions): Promise<CheckpointDraft> {
  const { storage, state, kept } = options;
  if (state !== undefined && kept !== undefined && kept.tableId === state.metadata.id)
    return draftOf(options, { state, files: filesSince(options, kept) });
  // Run again from the start when the segment's checkpoint turns out to be unusable.
  const drafted = await withSegment(options, async (segment) => {
    const read = state ?? (await readState(options, segment));
    const carried = await carriedFiles(options, { state: read, segment });
    if (carried !== undefined) return draftBesideCarried(options, { state: read, segment, carried });
    const files = replayFiles({ ...options, segment, schema: read.schema });
    return draftOf(options, { state: read, files });
  });
  if (drafted === undefined) throw tableMissing(storage);
  return drafted;
}

/** The local files of a segment's checkpoint, where its rows may stay in them: in a checkpoint of the same spec. */
async function carriedFiles(
  options: DraftCheckpointOptions,
  { state, segment }: { readonly state: TableState; readonly segment: LogSegment },
): Promise<readonly CarriedFile[] | undefined> {
  const { storage, parquet, carryFrom } = options;
  const { checkpoint } = segment;
  if (carryFrom === undefined || parquet.port.carryRows === undefined || checkpoint === undefined)
    return undefined;
  const isV2 = checkpoint.kind === "uuid";
  if (isV2 !== wantsV2Checkpoints(state)) return undefined;
  const keys = isV2 ? await sidecarKeysAlone({ ...options, checkpoint }) : checkpoint.keys;
  if (keys === undefined) return undefined;
  const files: CarriedFile[] = [];
  for (const key of keys) {
    const path = storage.localPath?.(key);
    if (path === undefined) return undefined;
    // Cleaned up meanwhile: whoever reads it tells.
    files.push({ path, size: (await stat(path).catch(() => undefined))?.size ?? 0 });
  }
  return bytesOf(files) >= carryFrom ? files : undefined;
}

/** What the commits after a checkpoint say, and which of its rows come along. */
async function draftBesideCarried(
  options: DraftCheckpointOptions,
  from: {
    readonly state: TableState;
    readonly segment: LogSegment;
    readonly carried: readonly CarriedFile[];
  },
): Promise<CheckpointDraft> {
  const { state, segment, carried: files } = from;
  const touched = new Set<string>();
  const draft = await draftOf(options, {
    state,
    files: replayCommits({ ...options, segment, held: state.held }, touched),
  });
  const withoutPath = `${options.folder}/without.json`;
  await writeLines(withoutPath, withoutLines(touched), options.signal);
  return { ...draft, carries: { files, withoutPath, expired: expiredAt(options, state) } };
}

function* withoutLines(touched: ReadonlySet<string>): Generator<string> {
  for (const key of touched) {
    const [path, vector = ""] = key.split("\0");
    yield jsonText({ path, vector });
  }
}

async function draftOf(
  options: DraftCheckpointOptions,
  content: { readonly state: TableState; readonly files: AsyncIterable<string | FileAction> },
): Promise<CheckpointDraft> {
  const { folder, signal } = options;
  const { state } = content;
  checkWritable(state, HONOURED_BY_LOG);
  const stateRows = rowsOfState(state);
  const counts: Counts = { adds: 0, totals: NO_FILES };
  const files = fileRows(options, { ...content, counts });
  const isV2 = wantsV2Checkpoints(state);
  const parts: DraftPart[] = [];
  for await (const rows of inParts(
    isV2 ? files : joined(stateRows.map(jsonText), files),
    isV2 ? SIDECAR_ROWS : Number.MAX_SAFE_INTEGER,
  )) {
    const jsonPath = `${folder}/${parts.length}.json`;
    parts.push({ jsonPath, rows: await writeLines(jsonPath, rows, signal) });
  }
  return { state, stateRows, parts, numOfAddFiles: counts.adds, totals: counts.totals };
}

interface Counts {
  adds: number;
  totals: FileTotals | undefined;
}

/** Each is to be read to its end before the next is asked for; none where there are no rows. */
async function* inParts(rows: AsyncIterable<string>, most: number): AsyncGenerator<AsyncIterable<string>> {
  const iterator = rows[Symbol.asyncIterator]();
  try {
    let next = await iterator.next();
    const part = async function* (): AsyncGenerator<string> {
      for (let count = 0; count < most && next.done !== true; count++) {
        yield next.value;
        next = await iterator.next();
      }
    };
    while (next.done !== true) yield part();
  } finally {
    await iterator.return?.();
  }
}

async function* joined(first: readonly string[], rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield* first;
  yield* rest;
}

/** Answers how many there were. */
async function writeLines(
  path: string,
  rows: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let count = 0;
  const texts = async function* (): AsyncGenerator<string> {
    let text = "";
    for await (const row of rows) {
      count += 1;
      text += `${row}\n`;
      // One write a row would cost more than the rows.
      if (text.length < WRITE_LENGTH) continue;
      yield text;
      text = "";
    }
    yield text;
  };
  const target = createWriteStream(path, { mode: 0o600 });
  await pipeline(Readable.from(texts()), target, signal === undefined ? {} : { signal });
  return count;
}

function expiredAt({ now }: DraftCheckpointOptions, { metadata }: TableState): number {
  return now - deletedFileRetention(metadata.configuration);
}

async function* fileRows(
  options: DraftCheckpointOptions,
  {
    state,
    files,
    counts,
  }: {
    readonly state: TableState;
    readonly files: AsyncIterable<string | FileAction>;
    readonly counts: Counts;
  },
): AsyncGenerator<string> {
  const expired = expiredAt(options, state);
  for await (const file of files) {
    if (typeof file === "string") {
      counts.adds += 1;
      counts.totals = undefined;
      yield file;
    } else if ("add" in file) {
      counts.adds += 1;
      counts.totals = counts.totals && withFile(counts.totals, file.add);
      yield jsonText({ add: { ...file.add, dataChange: false } });
    } else if (Number(file.remove.deletionTimestamp ?? 0) > expired) yield jsonText(tombstone(file.remove));
  }
}

function tombstone({ stats: _stats, tags: _tags, ...kept }: RemoveFile): { readonly remove: RemoveFile } {
  return { remove: { ...kept, dataChange: false } };
}

function rowsOfState(state: TableState): object[] {
  return [
    { protocol: state.protocol },
    { metaData: state.metadata },
    ...Array.from(state.txns.values(), (txn) => ({ txn })),
    ...Array.from(state.domainMetadata.values(), (domainMetadata) => ({ domainMetadata })),
  ];
}
