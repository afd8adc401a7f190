/** Reads a zip file and hands its members on; sizes and checksums are verified, and nothing is written under their names. */
import { closeSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { isLandfallError, messageOf } from "../../base/landfall-error.ts";
import { decodePathBytes } from "../../base/path-bytes.ts";
import { ArchiveMembers, type PartSink } from "./archive-members.ts";
import { damageOf, ExpansionGuard, type ExpansionLimits } from "./expansion.ts";

export interface FeedZipOptions extends ExpansionLimits {
  /** Encoded bytes. */
  readonly path: string;
  /** The name for messages. */
  readonly file: string;
  /** Bytes of the file: what members grow to is measured by it. */
  readonly bytes: number;
  readonly sink: PartSink;
  readonly signal?: AbortSignal | undefined;
}

const STORED = 0;
const DEFLATED = 8;
const MADE_ON_UNIX = 3;

/** @throws LandfallError FILE_DAMAGED, naming the member; what the sink throws; the signal's reason when aborted */
export async function feedZip(options: FeedZipOptions): Promise<void> {
  const damaged = damageOf("zip", options.file);
  const members = new ArchiveMembers({ sink: options.sink, damaged });
  const guard = new ExpansionGuard(options, damaged);
  const handle = openSync(decodePathBytes(options.path), "r");
  try {
    const zip = await yauzl.fromFdPromise(handle, { lazyEntries: true, autoClose: false });
    for await (const entry of zip.eachEntry()) {
      options.signal?.throwIfAborted();
      if (!members.start(Buffer.from(entry.fileName), kindOf(entry))) continue;
      await feedEntry(zip, entry, {
        members,
        signal: options.signal,
        grows: (bytes) => guard.add(bytes, options.bytes),
      });
    }
  } catch (error) {
    if (isLandfallError(error) || options.signal?.aborted === true) throw error;
    throw damaged(messageOf(error), error);
  } finally {
    closeSync(handle);
  }
}

async function feedEntry(
  zip: ZipFile,
  entry: Entry,
  options: {
    readonly members: ArchiveMembers;
    readonly signal: AbortSignal | undefined;
    readonly grows: (bytes: number) => void;
  },
): Promise<void> {
  const { members, signal, grows } = options;
  const { compressionMethod } = entry;
  if (entry.isEncrypted()) throw members.damaged("is encrypted");
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED)
    throw members.damaged(`is packed by method ${compressionMethod}; only deflate (8) and none (0) are read`);
  let checksum = 0;
  const stream = await opened(zip, entry, members);
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      grows(bytes.length);
      checksum = crc32(bytes, checksum);
      members.write(bytes);
    }
  } catch (error) {
    if (isLandfallError(error) || signal?.aborted === true) throw error;
    throw members.damaged(messageOf(error), error);
  } finally {
    stream.destroy();
  }
  if (checksum !== entry.crc32) throw members.damaged("its checksum is wrong");
  members.end();
}

async function opened(zip: ZipFile, entry: Entry, members: ArchiveMembers): Promise<Readable> {
  try {
    return await zip.openReadStreamPromise(entry);
  } catch (error) {
    throw members.damaged(messageOf(error), error);
  }
}

function kindOf(entry: Entry): "file" | "folder" | "link" | "device" {
  if (entry.fileName.endsWith("/")) return "folder";
  if (entry.versionMadeBy >>> 8 !== MADE_ON_UNIX) return "file";
  const fileType = (entry.externalFileAttributes >>> 28) & 0xf;
  if (fileType === 0xa) return "link";
  if (fileType === 0x4) return "folder";
  // A pipe is what the zip program makes of what it was fed.
  return fileType === 0 || fileType === 0x1 || fileType === 0x8 ? "file" : "device";
}
