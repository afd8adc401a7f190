/** One pass over one arrival, part by part: the file itself, or each member of an archive, unpacked where it is compressed too. */
import { join } from "node:path";
import type { PartSink } from "./archive-members.ts";
import type { FileBytes, OnBytes } from "./feed-file.ts";
import { feedParts } from "./feed-parts.ts";
import type { JobFile, JobLimits } from "./scan-jobs.ts";
import { SpillWriter } from "./spill-writer.ts";
import { unpackMembers, type PackedMember } from "./unpack-members.ts";

/** Takes the plain bytes of one part. */
export interface PartReader {
  /** Bytes in order, and whether they are those on disk; overwritten as for `feedFile`. */
  write(bytes: Buffer, isStored: boolean): void;
  /** The part is whole. */
  end(): void;
  /** Lets go of what it holds, after `end` or in place of it. */
  close(): void;
}

/**
 * Feeds each part to a reader that `open` gives; `member` is undefined for a file that is no archive. A file without a byte, unpacked,
 * has no part.
 *
 * @throws as `feedParts`, and FILE_DAMAGED for a compressed member that cannot be unpacked
 */
export async function feedArrival(options: {
  readonly file: JobFile;
  readonly limits: JobLimits;
  /** Compressed members of archives lie here until they are unpacked. */
  readonly spillFolder: string;
  readonly open: (member: string | undefined) => PartReader;
  readonly onBytes: OnBytes | undefined;
}): Promise<FileBytes> {
  const { file, limits, spillFolder, open, onBytes } = options;
  const parts = new PartFeed(open, join(spillFolder, String(file.rank)));
  try {
    const read = await feedParts({ ...limits, path: file.path, sink: parts, onBytes });
    parts.endFile();
    await unpackMembers({ packed: parts.packed, archive: read, limits, file, sink: parts });
    return read;
  } finally {
    parts.close();
  }
}

class PartFeed implements PartSink {
  /** Members that are compressed, as they came: they are unpacked when the archive has been read. */
  readonly packed: PackedMember[] = [];
  readonly #openPart: (member: string | undefined) => PartReader;
  readonly #prefix: string;
  #isPacked = false;
  #open: PartReader | undefined;

  constructor(openPart: (member: string | undefined) => PartReader, prefix: string) {
    this.#openPart = openPart;
    this.#prefix = prefix;
  }

  start(member: string): void {
    this.#open = this.#openPart(member);
  }

  startPacked(member: string): void {
    const spill = new SpillWriter(`${this.#prefix}-${this.packed.length}.packed`);
    this.packed.push({ member, spill });
    this.#isPacked = true;
  }

  write(bytes: Buffer, isStored: boolean): void {
    if (this.#isPacked) return this.packed.at(-1)!.spill.write(bytes);
    this.#open ??= this.#openPart(undefined);
    this.#open.write(bytes, isStored);
  }

  end(): void {
    if (this.#isPacked) {
      this.#isPacked = false;
      this.packed.at(-1)!.spill.close();
      return;
    }
    const open = this.#open!;
    open.end();
    this.#open = undefined;
    open.close();
  }

  /** The file has been read to its end: it was a part, unless it was an archive. */
  endFile(): void {
    if (this.#open !== undefined) this.end();
  }

  close(): void {
    this.#open?.close();
    for (const { spill } of this.packed) spill.close();
  }
}
