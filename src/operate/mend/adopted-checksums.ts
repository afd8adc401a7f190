/**
 * The checksums of files that are adopted, read while they are known to be what the other loader has read: by them a later run tells a
 * file that was only touched from one with another content.
 */
import { checksum } from "../../ingest/compare-overwritten.ts";
import type { AdoptedFile, Observation } from "../../ledger/ledger.ts";
import type { Source } from "../../sources/source.ts";

/** Files of which as many are read at the same time. */
const AT_ONCE = 4;

/** What has been read so far. */
export type OnChecksums = (progress: {
  readonly files: number;
  readonly of: number;
  readonly bytes: number;
}) => void;

/**
 * In the order of the files. `changed`: those that are not any more what was observed. One that may not be read stays without a checksum;
 * where the generation is made of the content, none is needed and nothing is read.
 */
export async function adoptedChecksums(options: {
  readonly files: readonly Observation[];
  readonly source: Pick<Source, "path" | "lies">;
  readonly onProgress?: OnChecksums | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<{ readonly files: readonly AdoptedFile[]; readonly changed: readonly Observation[] }> {
  const { files, source, onProgress, signal } = options;
  const summed: (AdoptedFile | undefined)[] = [];
  let next = 0;
  let done = 0;
  let bytes = 0;
  const one = async (file: Observation): Promise<AdoptedFile | undefined> => {
    if (tellsContent(file)) return file;
    const read = await checksum(source.path(file.key), signal);
    bytes += read.bytes;
    if ((await source.lies(file.key))?.generation !== file.generation) return undefined;
    return read.bytes === file.size ? { ...file, crc32: read.crc32 } : file;
  };
  const reader = async (): Promise<void> => {
    for (let at = next++; at < files.length; at = next++) {
      signal?.throwIfAborted();
      summed[at] = await one(files[at]!);
      done += 1;
      onProgress?.({ files: done, of: files.length, bytes });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return {
    files: summed.filter((file) => file !== undefined),
    changed: files.filter((_, at) => summed[at] === undefined),
  };
}

/** The bytes that would be read for them. */
export function bytesToSum(files: readonly Observation[]): number {
  return files.reduce((sum, file) => sum + (tellsContent(file) ? 0 : file.size), 0);
}

/** `generation: contentHash`: the same bytes are the same arrival, whatever their time. */
function tellsContent({ generation, size, modifiedNs }: Observation): boolean {
  return generation !== `${size}-${modifiedNs}`;
}
