/** The members of an archive that are compressed themselves: unpacked one by one when the archive has been read. */
import { rm } from "node:fs/promises";
import { isLandfallError } from "../../base/landfall-error.ts";
import { displayKey } from "../../base/path-bytes.ts";
import type { PartSink } from "./archive-members.ts";
import { damageOf, ExpansionGuard, type Damaged } from "./expansion.ts";
import { feedParts } from "./feed-parts.ts";
import type { JobFile, JobLimits } from "./scan-jobs.ts";
import type { SpillWriter } from "./spill-writer.ts";

export interface PackedMember {
  /** The member's name in its archive, encoded bytes. */
  readonly member: string;
  /** Closed; holds its bytes as they stand in the archive. */
  readonly spill: SpillWriter;
}

/**
 * Feeds each member to the sink as a part. What they grow to is measured over the archive.
 *
 * @throws LandfallError FILE_DAMAGED, naming the member
 */
export async function unpackMembers(options: {
  readonly packed: readonly PackedMember[];
  /** As it lies on disk. */
  readonly archive: { readonly bytes: number };
  readonly limits: JobLimits;
  readonly file: JobFile;
  readonly sink: PartSink;
}): Promise<void> {
  const { packed, archive, limits, sink } = options;
  const damaged = damageOf("archive", displayKey(options.file.path));
  const guard = new ExpansionGuard(limits, damaged);
  for (const { member, spill } of packed) {
    try {
      sink.start(member);
      await feedParts({
        ...limits,
        path: spill.path,
        sink: {
          start: () => refuseArchive(damaged),
          startPacked: () => refuseArchive(damaged),
          write(bytes, isStored) {
            guard.add(bytes.length, archive.bytes);
            sink.write(bytes, isStored);
          },
          end: () => refuseArchive(damaged),
        },
      });
      sink.end();
    } catch (error) {
      if (!isLandfallError(error, "FILE_DAMAGED")) throw error;
      throw damaged(`${displayKey(member)}: ${error.message}`, error);
    }
    await rm(spill.path);
  }
}

function refuseArchive(damaged: Damaged): never {
  throw damaged("is an archive in an archive, which is not read");
}
