import { displayKey } from "../base/path-bytes.ts";

/** A column and its wider type, with a file that brought such a value: `v: INT to BIGINT (in b.json)`. */
export function widenedText(column: {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly file?: string;
}): string {
  const { path, from, to, file } = column;
  return `${path}: ${from} to ${to}${file === undefined ? "" : ` (in ${displayKey(file)})`}`;
}
