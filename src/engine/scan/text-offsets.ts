/** Where the lines of a text file begin: the lines of JSON that were made of them do not say it. */
import type { TextOptions } from "../../formats/text-options.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { decoding } from "./decode-text.ts";
import { feedFile } from "./feed-file.ts";
import { RecordListWriter, recordPlaces } from "./record-list.ts";
import type { OffsetOf } from "./record-marker.ts";
import type { JobLimits } from "./scan-jobs.ts";
import { TextLines } from "./text-lines.ts";

/**
 * Reads the file once more. The records must be asked for in ascending order. None has an offset where the text is in another encoding
 * than UTF-8: there the scanner's bytes are not the file's.
 */
export async function textOffsets(
  path: string,
  { text, limits }: { readonly text: TextOptions; readonly limits: JobLimits },
): Promise<OffsetOf> {
  const places = new RecordListWriter();
  const lines = new TextLines({
    ...text,
    write: () => {},
    onLine: (offset) => places.push(offset, 0, places.count, 0),
  });
  const scan = decoding(
    { feed: (bytes) => lines.feed(bytes), finish: () => lines.finish() },
    { name: displayKey(path), encoding: text.encoding },
  );
  await feedFile({ ...limits, path, feed: (bytes, isStored) => scan.feed(bytes, isStored) });
  if (scan.finish().isDecoded) return () => undefined;
  const found = recordPlaces(places.finish());
  return (record) => {
    for (let next = found.next(); next.done !== true; next = found.next())
      if (next.value.ordinal === record - 1) return next.value.offset;
    return undefined;
  };
}
