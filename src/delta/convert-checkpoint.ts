/** A drafted checkpoint as Parquet files beside the draft, with the keys that they are to have: nothing of the table is touched yet. */
import { stat, writeFile } from "node:fs/promises";
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
export function convertCheckpoint(
  options: ConvertCheckpointOptions,
): Promise<ConvertedCheckpoint | undefined> {
  const { carries, state } = options.draft;
  if (carries !== undefined) return convertCarrying(options, carries);
  return wantsV2Checkpoints(state) ? convertV2(options) : convertClassic(options);
}

async function convertCarrying(
  { parquet, draft, signal }: ConvertCheckpointOptions,
  carries: CarriedDraft,
): Promise<ConvertedCheckpoint | undefined> {
  const { jsonPath, rows } = draft.parts[0]!;
  const { protocol, version } = draft.state;
  const parquetPath = `${jsonPath}.parquet`;
  const carried = await parquet.port.carryRows?.({
    ...carries,
    jsonPath,
    parquetPath,
    columns: checkpointColumns(protocol),
    ...(signal === undefined ? {} : { signal }),
  });
  if (carried === undefined) return undefined;
  const file = await convertedFile(checkpointKey(version), parquetPath);
  return { files: [file], size: rows + carried.files + carried.tombstones, carried };
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
async function convertV2(options: ConvertCheckpointOptions): Promise<ConvertedCheckpoint> {
  const { draft, folder } = options;
  const { state, stateRows, parts } = draft;
  const { version, protocol } = state;
  const files: ConvertedFile[] = [];
  for (const { jsonPath } of parts) {
    const key = `${SIDECAR_FOLDER}${uuidv7()}.parquet`;
    files.push(await convert(options, { jsonPath, key, columns: SIDECAR_COLUMNS }));
  }
  const sidecars = files.map(({ key, sizeInBytes, modificationTime }) => ({
    path: key.slice(SIDECAR_FOLDER.length),
    sizeInBytes,
    modificationTime,
  }));
  const fileActions = parts.reduce((sum, { rows }) => sum + rows, 0);
  const checkpointMetadata = {
    version,
    tags: {
      sidecarNumActions: String(fileActions),
      sidecarSizeInBytes: String(sidecars.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0)),
      numOfAddFiles: String(draft.numOfAddFiles),
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
  };
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
