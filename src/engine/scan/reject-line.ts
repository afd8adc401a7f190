import { MALFORMED_SENTENCES, malformedReason, type RecordPlace } from "./record-list.ts";

/** Of a rejected record at most this much is kept. */
export const REJECT_BYTES = 1024 ** 2;

/** A rejected record as a line of JSON; its content is base64, for it may be any bytes. No `offset` where lines that were made say none. */
export function rejectLine(
  key: string,
  place: Omit<RecordPlace, "offset"> & { readonly offset: number | undefined },
  record: Buffer,
  reason: string = MALFORMED_SENTENCES[malformedReason(place)],
): Buffer {
  const reject = {
    file: key,
    record: place.ordinal + 1,
    byte_offset: place.offset ?? null,
    length: place.length,
    reason,
    content: record.subarray(0, REJECT_BYTES).toString("base64"),
  };
  return Buffer.from(`${JSON.stringify(reject)}\n`);
}
