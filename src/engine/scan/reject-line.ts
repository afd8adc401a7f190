import { MALFORMED_SENTENCES, malformedReason, type RecordPlace } from "./record-list.ts";

/** Of a rejected record at most this much is kept. */
export const REJECT_BYTES = 1024 ** 2;

/** A rejected record as a line of JSON; its content is base64, for it may be any bytes. */
export function rejectLine(
  file: { readonly key: string; readonly isMade: boolean },
  place: RecordPlace,
  record: Buffer,
  reason: string = MALFORMED_SENTENCES[malformedReason(place)],
): Buffer {
  const reject = {
    file: file.key,
    record: place.ordinal + 1,
    // The place in lines that were made says nothing about the file.
    byte_offset: file.isMade ? null : place.offset,
    length: place.length,
    reason,
    content: record.subarray(0, REJECT_BYTES).toString("base64"),
  };
  return Buffer.from(`${JSON.stringify(reject)}\n`);
}
