/** An input once more, from its bytes on: its checksum and, where something asks for it, its unpacked content. No part of the ingest path. */
import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { crc32, createGunzip, createZstdDecompress } from "node:zlib";
import { decodePathBytes } from "../../../base/path-bytes.ts";
import type { ManifestArrival } from "../../../ingest/manifest.ts";
import { isSameTime } from "../../../storage/link-or-copy.ts";

/** The first of the paths at which a file of this size and time lies; undefined for none. Encoded bytes, or as people are shown them. */
export async function findInput(
  paths: readonly string[],
  arrival: Pick<ManifestArrival, "size" | "modifiedNs">,
): Promise<Buffer | undefined> {
  for (const path of paths) {
    // A path for people is the path itself, but where its bytes are no text.
    for (const bytes of [Buffer.from(path), decodePathBytes(path)]) {
      const info = await lstat(bytes, { bigint: true }).catch(() => undefined);
      if (!info?.isFile() || info.size !== BigInt(arrival.size)) continue;
      if (isSameTime(info.mtimeNs, BigInt(arrival.modifiedNs))) return bytes;
    }
  }
  return undefined;
}

export interface InputRead {
  readonly bytes: number;
  readonly crc32: number;
  /** What the content came to; undefined where it is packed in a way that is not undone here. */
  readonly content: "read" | "packed";
}

/**
 * Reads every byte, and gives the content to `take`, with gzip and zstd undone as Node does it.
 *
 * @throws what `take` throws; the error of the file system or of a damaged packing
 */
export async function readInput(
  path: Buffer,
  take: ((content: AsyncIterable<Buffer>) => Promise<void>) | undefined,
  signal: AbortSignal | undefined,
): Promise<InputRead> {
  const sum = { bytes: 0, crc32: 0 };
  const raw = counted(createReadStream(path, { signal }), sum);
  const first = await raw.next();
  const whole = andThen(first.done === true ? [] : [first.value], raw);
  const packing = packingOf(first.done === true ? Buffer.alloc(0) : first.value);
  if (take === undefined || packing === "other") {
    for await (const _ of whole);
    return { ...sum, content: "packed" };
  }
  const unpack =
    packing === "gzip" ? createGunzip() : packing === "zstd" ? createZstdDecompress() : undefined;
  // A failure of either end is that of the other.
  const content = unpack === undefined ? whole : pipeline(Readable.from(whole), unpack, () => {});
  try {
    await take(content as AsyncIterable<Buffer>);
  } finally {
    unpack?.destroy();
  }
  for await (const _ of whole);
  return { ...sum, content: "read" };
}

async function* counted(
  stream: AsyncIterable<Buffer>,
  sum: { bytes: number; crc32: number },
): AsyncGenerator<Buffer, void> {
  for await (const chunk of stream) {
    sum.bytes += chunk.length;
    sum.crc32 = crc32(chunk, sum.crc32);
    yield chunk;
  }
}

async function* andThen(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

function packingOf(head: Buffer): "none" | "gzip" | "zstd" | "other" {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return "zstd";
  const text = head.subarray(0, 4).toString("latin1");
  return text.startsWith("BZh") || text.startsWith("PK") ? "other" : "none";
}
