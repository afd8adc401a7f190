/**
 * A file changed after its commit. What became of it decides how loud we are: `touched` (same bytes), `grown` (begins with the
 * bytes that were read) or `overwritten`; in the last two rows are missing from the table (exactly-once rules, §4).
 */
import { createReadStream } from "node:fs";
import { crc32 } from "node:zlib";
import { decodePathBytes } from "../base/path-bytes.ts";
import type { ArrivalCounts } from "../ledger/ledger.ts";

export type Overwriting = "touched" | "grown" | "overwritten";

/** Compares what lies at a path with the length and CRC-32 of the bytes that were read. A file that is gone is `overwritten`. */
export async function compareOverwritten(options: {
  /** Encoded bytes. */
  readonly path: string;
  readonly read: Pick<ArrivalCounts, "bytes" | "crc32">;
  readonly signal?: AbortSignal | undefined;
}): Promise<Overwriting> {
  let left = options.read.bytes;
  let checksum = 0;
  let more = false;
  try {
    for await (const chunk of createReadStream(decodePathBytes(options.path), { signal: options.signal })) {
      const bytes = chunk as Buffer;
      checksum = crc32(bytes.subarray(0, left), checksum);
      more ||= bytes.length > left;
      left -= Math.min(left, bytes.length);
      if (more) break;
    }
  } catch {
    // Gone or unreadable by now: what was read does not lie there.
    options.signal?.throwIfAborted();
    return "overwritten";
  }
  if (left > 0 || checksum !== options.read.crc32) return "overwritten";
  return more ? "grown" : "touched";
}

/** Bytes and CRC-32 of what lies at a path; nothing of a file that is gone or unreadable by now. */
export async function checksum(
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly bytes: number; readonly crc32: number }> {
  let bytes = 0;
  let sum = 0;
  try {
    for await (const chunk of createReadStream(decodePathBytes(path), { signal })) {
      bytes += (chunk as Buffer).length;
      sum = crc32(chunk as Buffer, sum);
    }
  } catch {
    signal?.throwIfAborted();
    return { bytes: 0, crc32: 0 };
  }
  return { bytes, crc32: sum };
}
