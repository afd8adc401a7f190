/** Writes the deletion vectors of one commit (PROTOCOL.md, "Deletion Vectors"; "Deletion Vector Files"). */
import { crc32 } from "node:zlib";
import { faultPoint } from "../../base/fault-point.ts";
import { uuidv7 } from "../../base/uuid.ts";
import type { Storage } from "../../storage/storage.ts";
import type { DeletionVectorDescriptor } from "../actions.ts";
import { encodeDeletedRows } from "./encode-deleted-rows.ts";
import { FORMAT_VERSION, vectorFileName } from "./vector-file-name.ts";
import { encodeZ85 } from "./z85.ts";

export interface WrittenVectors {
  /** In the order of the vectors. */
  readonly descriptors: readonly DeletionVectorDescriptor[];
  /** Storage keys of what was written. */
  readonly written: readonly string[];
}

/**
 * All in one file beside the data, durable when it resolves; none for no vector.
 *
 * @param options.vectors of each data file all its deleted rows, as `readDeletionVector` gives them
 * @param options.now milliseconds since the epoch
 * @throws LandfallError STORAGE_FAILED, STORAGE_FULL
 */
export async function writeDeletionVectors(options: {
  readonly storage: Storage;
  readonly vectors: readonly Uint8Array[];
  readonly now: number;
}): Promise<WrittenVectors> {
  const { storage, vectors, now } = options;
  if (vectors.length === 0) return { descriptors: [], written: [] };
  const encoded = vectors.map(encodeDeletedRows);
  const { bytes, offsets } = vectorFile(encoded.map(({ data }) => data));
  const uuid = uuidv7(now);
  const key = vectorFileName(uuid);
  await storage.put(key, bytes, { ifAbsent: true });
  faultPoint("write.vectors");
  const pathOrInlineDv = encodeZ85(Buffer.from(uuid.replaceAll("-", ""), "hex"));
  const descriptors = encoded.map(({ data, cardinality }, i) => ({
    storageType: "u",
    pathOrInlineDv,
    offset: offsets[i]!,
    sizeInBytes: data.length,
    cardinality,
  }));
  return { descriptors, written: [key] };
}

/** A file of vectors, with the place of each: its size, its bytes, their CRC-32, numbers with the big end first. */
export function vectorFile(vectors: readonly Buffer[]): {
  readonly bytes: Buffer;
  readonly offsets: readonly number[];
} {
  const parts: Buffer[] = [Buffer.from([FORMAT_VERSION])];
  const offsets: number[] = [];
  let at = 1;
  for (const vector of vectors) {
    offsets.push(at);
    const size = Buffer.alloc(4);
    size.writeInt32BE(vector.length);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(vector));
    parts.push(size, vector, checksum);
    at += vector.length + 8;
  }
  return { bytes: Buffer.concat(parts), offsets };
}
