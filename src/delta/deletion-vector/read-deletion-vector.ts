/** Reads the deletion vector of a data file, wherever its descriptor says that it lies (PROTOCOL.md, "Deletion Vectors"). */
import { crc32 } from "node:zlib";
import { LandfallError } from "../../base/landfall-error.ts";
import type { Storage } from "../../storage/storage.ts";
import type { DeletionVectorDescriptor } from "../actions.ts";
import { readNamedFile } from "../locate-file.ts";
import { deletedRows, VectorDamaged } from "./roaring-bits.ts";
import { pathOfVector } from "./path-of-vector.ts";
import { FORMAT_VERSION } from "./vector-file-name.ts";
import { decodeZ85 } from "./z85.ts";

/** No Parquet file of more rows is known, and the engine's bits have no more. */
const MOST_ROWS = 2 ** 31 - 1;

export interface ReadDeletionVectorOptions {
  readonly storage: Storage;
  readonly descriptor: DeletionVectorDescriptor;
  /** `add.path` of its data file, for messages. */
  readonly file?: string;
  /** Rows of the data file, where its statistics tell them: a vector that names others is damaged. */
  readonly rows?: number;
  /** Reads a vector that lies outside of the table's folder. Default: false. */
  readonly allowOutside?: boolean;
  /** Files of vectors that were read before, by their paths: one has the vectors of many data files. Those read now are added. */
  readonly files?: Map<string, Promise<Uint8Array>>;
  readonly signal?: AbortSignal;
}

/**
 * The deleted rows as bits: row r, counted from the start of the Parquet file, is deleted iff `bits[r >> 3] & (128 >> (r & 7))`. As long
 * as the last deleted row needs.
 *
 * @throws LandfallError TABLE_DATA_CORRUPT, OBJECT_MISSING, TABLE_FILE_OUTSIDE
 */
export async function readDeletionVector(options: ReadDeletionVectorOptions): Promise<Uint8Array> {
  const { descriptor, rows = MOST_ROWS } = options;
  options.signal?.throwIfAborted();
  try {
    const found = deletedRows(await dataOf(options), Math.min(rows, MOST_ROWS));
    if (BigInt(found.count) !== BigInt(descriptor.cardinality))
      throw new VectorDamaged(`it deletes ${found.count} rows; the log says ${descriptor.cardinality}`);
    return found.bits;
  } catch (error) {
    if (!(error instanceof VectorDamaged)) throw error;
    throw new LandfallError("TABLE_DATA_CORRUPT", {
      message: `The deletion vector ${nameOf(descriptor)}${options.file === undefined ? "" : ` of the data file ${options.file}`} is damaged: ${error.message}.`,
      hint: "Without it deleted rows would come back. Restore it from a backup, or read an older version of the table.",
      file: options.file ?? descriptor.pathOrInlineDv,
      table: options.storage.location,
      cause: error,
    });
  }
}

function nameOf(descriptor: DeletionVectorDescriptor): string {
  const { storageType, pathOrInlineDv, offset } = descriptor;
  if (storageType === "i") return "in the log";
  const path = pathOfVector(descriptor);
  return `${path ?? pathOrInlineDv}${offset === undefined ? "" : ` at byte ${offset}`}`;
}

async function dataOf(options: ReadDeletionVectorOptions): Promise<Uint8Array> {
  const { storage, descriptor, allowOutside = false } = options;
  const { storageType, pathOrInlineDv, sizeInBytes } = descriptor;
  switch (storageType) {
    case "i": {
      const data = decodeZ85(pathOrInlineDv, sizeInBytes);
      if (data === undefined)
        throw new VectorDamaged(
          `its text in the log does not hold ${sizeInBytes} bytes (in the encoding Z85)`,
        );
      return data;
    }
    case "u":
    case "p": {
      const isRelative = storageType === "u";
      const path = pathOfVector(descriptor);
      if (path === undefined) throw new VectorDamaged(`${JSON.stringify(pathOrInlineDv)} names no file`);
      const files = options.files ?? new Map<string, Promise<Uint8Array>>();
      const file =
        files.get(path) ?? readNamedFile({ storage, path, allowOutside: !isRelative && allowOutside });
      files.set(path, file);
      return sliceOf(await file, descriptor);
    }
    default:
      throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
        message: `A deletion vector of ${storage.location} is stored as ${JSON.stringify(storageType)}, which Landfall does not know.`,
        hint: "Read the table with the program that wrote it.",
        table: storage.location,
      });
  }
}

/** At `offset`: the size, the data, its CRC-32, numbers with the big end first. */
function sliceOf(file: Uint8Array, { offset = 1, sizeInBytes }: DeletionVectorDescriptor): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length === 0 || view.getUint8(0) !== FORMAT_VERSION)
    throw new VectorDamaged(
      file.length === 0
        ? "its file is empty"
        : `its file is of the format ${view.getUint8(0)}, and only ${FORMAT_VERSION} is known`,
    );
  if (!(offset >= 1 && sizeInBytes >= 0 && offset + sizeInBytes + 8 <= file.length))
    throw new VectorDamaged(`its file has ${file.length} bytes, and it would end beyond them`);
  const size = view.getInt32(offset);
  if (size !== sizeInBytes)
    throw new VectorDamaged(`its file says ${size} bytes; the log says ${sizeInBytes}`);
  const data = file.subarray(offset + 4, offset + 4 + sizeInBytes);
  if (crc32(data) !== view.getUint32(offset + 4 + sizeInBytes))
    throw new VectorDamaged("its checksum is wrong");
  return data;
}
