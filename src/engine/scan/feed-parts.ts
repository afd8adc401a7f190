/** One pass over a file on disk whatever it is: its plain bytes, or each member of an archive as a part of its own. */
import { displayKey } from "../../base/path-bytes.ts";
import { ArchiveMembers, looksZipped, packingOf, type PartSink } from "./archive-members.ts";
import { damageOf } from "./expansion.ts";
import { feedFile, type FeedFileOptions, type FileBytes } from "./feed-file.ts";
import { HeadHold } from "./head-hold.ts";
import { looksLikeTar } from "./tar-header.ts";
import { TarReader } from "./tar-reader.ts";

export interface FeedPartsOptions extends Omit<FeedFileOptions, "feed"> {
  readonly sink: PartSink;
}

/**
 * Feeds a file once, in bounded memory. zip and tar (also compressed) are told by content and fed member by member.
 *
 * @throws as `feedFile`, and FILE_DAMAGED for an archive of which a member cannot be read, or is packed once more
 */
export async function feedParts(options: FeedPartsOptions): Promise<FileBytes> {
  const { sink } = options;
  const file = displayKey(options.path);
  let isStored = true;
  let archive: "zip" | TarReader | undefined;
  const hold = new HeadHold({
    look: (head) => {
      if (looksLikeTar(head)) archive = tarReader(file, sink);
      else if (looksZipped(head) && isStored) archive = "zip";
      else if (!isStored) refusePacked(head, file);
    },
    write: (bytes) => {
      if (archive === undefined) sink.write(bytes, isStored);
      // A zip file is read by its directory, which stands at its end.
      else if (archive !== "zip") archive.feed(bytes);
    },
  });
  const feed = (bytes: Buffer, stored: boolean): void => {
    isStored = stored;
    hold.feed(bytes);
  };
  const read = await feedFile({ ...options, feed });
  hold.end();
  if (archive === "zip") {
    // Every worker would load the library, and few have a use for it.
    const { feedZip } = await import("./feed-zip.ts");
    await feedZip({ ...options, file, bytes: read.bytes, sink });
  } else archive?.finish();
  return read;
}

function tarReader(file: string, sink: PartSink): TarReader {
  const damaged = damageOf("tar", file);
  return new TarReader({ members: new ArchiveMembers({ sink, damaged }), damaged });
}

function refusePacked(head: Buffer, file: string): void {
  const packing = packingOf(head);
  if (packing !== undefined) throw damageOf(packing, file)("the file is packed twice");
}
