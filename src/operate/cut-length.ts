/** Where the beginning of a file of lines can be cut so that no record is cut in two. */

const LINE_END = 0x0a;
const QUOTE = 0x22;

/** Bytes up to and with the last line end between two records; undefined where none is known. Pure. */
export function cutLength(options: {
  readonly bytes: Buffer;
  readonly format: "json" | "csv" | "text";
}): number | undefined {
  const { bytes, format } = options;
  const end = bytes.lastIndexOf(LINE_END);
  if (end < 0) return undefined;
  if (format === "text") return end + 1;
  if (format === "json") return isJsonLines(bytes) ? end + 1 : undefined;
  return endOutsideQuotes(bytes.subarray(0, end + 1));
}

/** A first line that is a whole object: then every line is a record. */
function isJsonLines(bytes: Buffer): boolean {
  const line = bytes
    .subarray(0, bytes.indexOf(LINE_END))
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trim();
  if (!line.startsWith("{")) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** A line end inside a quoted field has an odd number of quotes before it. */
function endOutsideQuotes(bytes: Buffer): number | undefined {
  let quotes = 0;
  let end: number | undefined;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) quotes += 1;
    else if (bytes[at] === LINE_END && quotes % 2 === 0) end = at + 1;
  }
  return end;
}
