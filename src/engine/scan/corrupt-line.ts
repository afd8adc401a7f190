/** A record that cannot be read, as a row that is its text. */
import { StringDecoder } from "node:string_decoder";
import { REJECT_BYTES } from "./reject-line.ts";

const CR = 13;

/**
 * The line of JSON of the row. `column` is the key that holds the text, `prefix` members that come before it. Of a record longer than what is
 * kept of rejects, its beginning; the CR of a line that ends in CRLF is no part of it.
 */
export function corruptLine(options: {
  readonly record: Buffer;
  readonly column: string;
  readonly prefix: string | undefined;
}): Buffer {
  const { record, column, prefix } = options;
  const end = record.at(-1) === CR ? record.length - 1 : record.length;
  const member = `${JSON.stringify(column)}:${JSON.stringify(textOf(record.subarray(0, end)))}`;
  return Buffer.from(`{${prefix === undefined ? "" : `${prefix},`}${member}}\n`);
}

function textOf(bytes: Buffer): string {
  if (bytes.length <= REJECT_BYTES) return bytes.toString("utf8");
  // A character that stands on both sides of the cut is left out.
  return new StringDecoder("utf8").write(bytes.subarray(0, REJECT_BYTES));
}
