/** A drafted checkpoint as Parquet files beside the draft, with the keys that they are to have: nothing of the table is touched yet. */
import { stat, writeFile } from "node:fs/promises";
import { groupsOfBytes } from "../base/groups-of-bytes.ts";
import { uuidv7 } from "../base/uuid.ts";
import type { CarriedRows } from "../schema/carried-rows.ts";
import type { StructType } from "../schema/data-type.ts";
import { checkpointColumns, SIDECAR_COLUMNS, v2CheckpointColumns } from "./checkpoint-schema.ts";
import { wantsV2Checkpoints } from "./checkpoint-policy.ts";
import type { ParquetAccess } from "./checkpoint-rows.ts";
import type { CarriedDraft, CheckpointDraft } from "./draft-checkpoint.ts";
import type { LastCheckpointV2 } from "./last-checkpoint.ts";
import { checkpointKey, formatLogFileName, LOG_FOLDER } from "./log-files.ts";
import { jsonText } from "./raw-json.ts";
import { SIDECAR_FOLDER } from "./sidecar-key.ts";

export interface ConvertedCheckpoint {
  /** In the order in which they are put: what names others comes after them. */
  readonly files: readonly ConvertedFile[];
  /** Actions in it. */
  readonly size: number;
  readonly v2Checkpoint?: LastCheckpointV2;
  readonly carried?: CarriedRows;
}

export interface ConvertedFile {
  /** Relative to the table's root. */
  readonly key: string;
  readonly parquetPath: string;
  readonly sizeInBytes: number;
  /** Milliseconds since the epoch. */
  readonly modificationTime: number;
}

export interface ConvertCheckpointOptions {
  readonly parquet: ParquetAccess;
  readonly draft: CheckpointDraft;
  /** That of the draft. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** Nothing where rows were to be carried that have to be looked at. @throws the Parquet port's errors */
export async function convertCheckpoint(
  options: ConvertCheckpointOptions,
): Promise<ConvertedCheckpoint | undefined> {
  const { carries, state } = options.draft;
  if (wantsV2Checkpoints(state)) {
    const sidecars = carries === undefined ? NOTHING_CARRIED : await carrySidecars(options, carries);
    return sidecars && convertV2(options, sidecars);
  }
  return carries === undefined ? convertClassic(options) : convertCarrying(options, carries);
}

async function convertCarrying(
  options: ConvertCheckpointOptions,
  carries: CarriedDraft,
): Promise<ConvertedCheckpoint | undefined> {
  const { parts, state } = options.draft;
  const { jsonPath, rows } = parts[0]!;
  const moved = await carry(options, {
    ...carries,
    key: checkpointKey(state.version),
    columns: checkpointColumns(state.protocol),
    jsonPath,
  });
  return moved && { files: [moved.file], size: rows + actionsOf(moved.carried), carried: moved.carried };
}

interface CarriedSidecars {
  readonly files: readonly ConvertedFile[];
  readonly carried: CarriedRows | undefined;
}

const NOTHING_CARRIED: CarriedSidecars = { files: [], carried: undefined };

/** Bytes of the sidecars before that become one, at least: else each checkpoint would leave a small one more. */
const SIDECAR_BYTES = 8 * 1024 ** 2;

async function carrySidecars(
  options: ConvertCheckpointOptions,
  carries: CarriedDraft,
): Promise<CarriedSidecars | undefined> {
  const { folder } = options;
  const files: ConvertedFile[] = [];
  let sum: CarriedRows | undefined;
  const groups = groupsOfBytes(carries.files, { leastBytes: SIDECAR_BYTES, bytesOf: ({ size }) => size });
  for (const [at, group] of groups.entries()) {
    const jsonPath = `${folder}/carried-${at}.json`;
    // Rows of commits get sidecars of their own.
    await writeFile(jsonPath, "", { mode: 0o600 });
    const key = sidecarKeyOf(uuidv7());
    const moved = await carry(options, { ...carries, files: group, key, columns: SIDECAR_COLUMNS, jsonPath });
    if (moved === undefined) return undefined;
    if (actionsOf(moved.carried) > 0) files.push(moved.file);
    sum = sum === undefined ? moved.carried : plus(sum, moved.carried);
  }
  return { files, carried: sum };
}

function plus(one: CarriedRows, other: CarriedRows): CarriedRows {
  return {
    files: one.files + other.files,
    bytes: one.bytes + other.bytes,
    vectors: one.vectors + other.vectors,
    deletedRows: one.deletedRows + other.deletedRows,
    tombstones: one.tombstones + other.tombstones,
  };
}

function actionsOf({ files, tombstones }: CarriedRows): number {
  return files + tombstones;
}

async function carry(
  { parquet, signal }: ConvertCheckpointOptions,
  of: CarriedDraft & { readonly key: string; readonly columns: StructType; readonly jsonPath: string },
): Promise<{ readonly file: ConvertedFile; readonly carried: CarriedRows } | undefined> {
  const { files, withoutPath, expired, key, columns, jsonPath } = of;
  const parquetPath = `${jsonPath}.parquet`;
  const carried = await parquet.port.carryRows?.({
    carriedPaths: files.map(({ path }) => path),
    withoutPath,
    expired,
    jsonPath,
    parquetPath,
    columns,
    ...(signal === undefined ? {} : { signal }),
  });
  return carried && { file: await convertedFile(key, parquetPath), carried };
}

async function convertClassic(options: ConvertCheckpointOptions): Promise<ConvertedCheckpoint> {
  const { state, parts } = options.draft;
  const { jsonPath, rows } = parts[0]!;
  const columns = checkpointColumns(state.protocol);
  return {
    files: [await convert(options, { jsonPath, key: checkpointKey(state.version), columns })],
    size: rows,
  };
}

/**
 * All files' actions in sidecars and all others in the file on top (PROTOCOL.md, "V2 Spec"). Under a name with a UUID two writers of one version
 * are never in each other's way.
 */
async function convertV2(
  options: ConvertCheckpointOptions,
  { files: before, carried }: CarriedSidecars,
): Promise<ConvertedCheckpoint> {
  const { draft, folder } = options;
  const { state, stateRows, parts } = draft;
  const { version, protocol } = state;
  const files = [...before];
  for (const { jsonPath } of parts) {
    const key = sidecarKeyOf(uuidv7());
    files.push(await convert(options, { jsonPath, key, columns: SIDECAR_COLUMNS }));
  }
  const sidecars = files.map(({ key, sizeInBytes, modificationTime }) => ({
    path: key.slice(SIDECAR_FOLDER.length),
    sizeInBytes,
    modificationTime,
  }));
  const fileActions = parts.reduce(
    (sum, { rows }) => sum + rows,
    carried === undefined ? 0 : actionsOf(carried),
  );
  const checkpointMetadata = {
    version,
    tags: {
      sidecarNumActions: String(fileActions),
      sidecarSizeInBytes: String(sidecars.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0)),
      numOfAddFiles: String(draft.numOfAddFiles + (carried?.files ?? 0)),
    },
  };
  const rows = [{ checkpointMetadata }, ...stateRows, ...sidecars.map((sidecar) => ({ sidecar }))];
  const jsonPath = `${folder}/top.json`;
  await writeFile(jsonPath, rows.map((row) => `${jsonText(row)}\n`).join(""), { mode: 0o600 });
  const name = formatLogFileName({ kind: "uuidCheckpoint", version, uuid: uuidv7(), format: "parquet" });
  const columns = v2CheckpointColumns(protocol);
  const top = await convert(options, { jsonPath, key: LOG_FOLDER + name, columns });
  const { sizeInBytes, modificationTime } = top;
  return {
    files: [...files, top],
    size: fileActions + rows.length,
    v2Checkpoint: {
      path: name,
      sizeInBytes,
      modificationTime,
      nonFileActions: [...stateRows, { checkpointMetadata }],
      sidecarFiles: sidecars,
    },
    ...(carried === undefined ? {} : { carried }),
  };
}

function sidecarKeyOf(uuid: string): string {
  return `${SIDECAR_FOLDER}${uuid}.parquet`;
}

async function convert(
  { parquet, signal }: ConvertCheckpointOptions,
  file: { readonly jsonPath: string; readonly key: string; readonly columns: StructType },
): Promise<ConvertedFile> {
  const { jsonPath, key, columns } = file;
  const parquetPath = `${jsonPath}.parquet`;
  await parquet.port.fromJsonLines({
    jsonPath,
    parquetPath,
    columns,
    ...(signal === undefined ? {} : { signal }),
  });
  return convertedFile(key, parquetPath);
}

async function convertedFile(key: string, parquetPath: string): Promise<ConvertedFile> {
  const { size: sizeInBytes, mtimeMs } = await stat(parquetPath);
  return { key, parquetPath, sizeInBytes, modificationTime: Math.trunc(mtimeMs) };
}
