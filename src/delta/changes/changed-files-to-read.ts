/** What a reader of rows must know of the files of one commit's changes. */
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import type { Storage } from "../../storage/storage.ts";
import type { AddFile, DeletionVectorDescriptor, PartitionValues } from "../actions.ts";
import { readDeletionVector } from "../deletion-vector/read-deletion-vector.ts";
import { filesToRead, type ColumnsToRead, type FileToRead } from "../files-to-read.ts";
import { recordsOf } from "../stated-statistics.ts";
import type { ChangedFile } from "./commit-changes.ts";

export interface ChangedFileToRead extends FileToRead {
  /** What happened to its rows; undefined where each of them says it in the column `_change_type`. */
  readonly type: "insert" | "delete" | undefined;
  /** Row r is meant iff `kept[r >> 3] & (128 >> (r & 7))`. Absent: all that are not deleted are. */
  readonly kept?: Uint8Array;
}

export interface ChangedFilesToReadOptions {
  readonly storage: Storage;
  readonly columns: ColumnsToRead;
  readonly version: number;
  readonly changes: readonly ChangedFile[];
  /** Reads files and vectors that lie outside of the table's folder. Default: false. */
  readonly allowOutside?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Each file is looked for, and the deletion vectors are read.
 *
 * @throws LandfallError OBJECT_MISSING for a file that a vacuum took; TABLE_FEATURE_UNSUPPORTED for a removed file of which the log does not
 *   tell the partition; as `filesToRead`
 */
export async function changedFilesToRead(
  options: ChangedFilesToReadOptions,
): Promise<readonly ChangedFileToRead[]> {
  const { version, storage, changes } = options;
  try {
    const adds = changes.map((change) => fileOf(change, options));
    const files = await filesToRead({ ...options, adds });
    const read: ChangedFileToRead[] = [];
    for (const [i, change] of changes.entries()) read.push(...(await rowsOf(change, files[i]!, options)));
    return read;
  } catch (error) {
    if (!isLandfallError(error, "OBJECT_MISSING")) throw error;
    const { file } = error.subject;
    throw new LandfallError("OBJECT_MISSING", {
      message: `The rows that version ${version} of ${storage.location} changed cannot be read any more: ${file ?? "a file of theirs"} is not there.`,
      hint: "A vacuum takes files away that no version within the table's retention needs: ask for the changes of later versions.",
      ...(file === undefined ? {} : { file }),
      table: storage.location,
      version,
      cause: error,
    });
  }
}

/** As an add, whose rows are all that its own vector leaves. */
function fileOf(change: ChangedFile, options: ChangedFilesToReadOptions): AddFile {
  const { kind, file } = change;
  const { path, size = 0 } = file;
  const always = {
    path,
    size,
    modificationTime: 0,
    dataChange: true,
    partitionValues: partitionOf(change, options),
  };
  if (kind === "recorded" || kind === "vector") return always;
  const { stats, deletionVector } = file;
  return {
    ...always,
    ...(stats === undefined ? {} : { stats }),
    ...(deletionVector === undefined ? {} : { deletionVector }),
  };
}

/** A remove need not tell it (PROTOCOL.md, "Add File and Remove File": `extendedFileMetadata`). */
function partitionOf({ file }: ChangedFile, options: ChangedFilesToReadOptions): PartitionValues {
  const { columns, version, storage } = options;
  if (file.partitionValues !== undefined) return file.partitionValues;
  if (columns.partitionColumns.length === 0) return {};
  throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `Version ${version} of ${storage.location} removed the file ${file.path} without saying of which partition it was (extendedFileMetadata), so that its rows cannot be given.`,
    hint: "Ask for the changes before this version, and for those after it.",
    file: file.path,
    table: storage.location,
    version,
  });
}

async function rowsOf(
  change: ChangedFile,
  file: FileToRead,
  options: ChangedFilesToReadOptions,
): Promise<ChangedFileToRead[]> {
  if (change.kind === "recorded") return [{ ...file, type: undefined }];
  if (change.kind !== "vector") return [{ ...file, type: change.kind }];
  const read = new Map<string, Promise<Uint8Array>>();
  const bitsOf = (descriptor: DeletionVectorDescriptor | undefined): Promise<Uint8Array> | Uint8Array =>
    descriptor === undefined ? new Uint8Array() : vectorOf(change, descriptor, { ...options, files: read });
  const [before, after] = [await bitsOf(change.before), await bitsOf(change.after)];
  const rows = (kept: Uint8Array, type: "insert" | "delete"): ChangedFileToRead[] =>
    kept.some((byte) => byte !== 0) ? [{ ...file, type, kept }] : [];
  return [...rows(without(after, before), "delete"), ...rows(without(before, after), "insert")];
}

function vectorOf(
  { file }: Extract<ChangedFile, { kind: "vector" }>,
  descriptor: DeletionVectorDescriptor,
  options: ChangedFilesToReadOptions & { readonly files: Map<string, Promise<Uint8Array>> },
): Promise<Uint8Array> {
  const { storage, allowOutside = false, files, signal } = options;
  const rows = recordsOf(file);
  return readDeletionVector({
    storage,
    descriptor,
    file: file.path,
    ...(rows === undefined ? {} : { rows }),
    allowOutside,
    files,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The bits that are set in the first alone. */
function without(bits: Uint8Array, others: Uint8Array): Uint8Array {
  return bits.map((byte, i) => byte & ~(others[i] ?? 0));
}
