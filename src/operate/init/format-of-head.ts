/** What the first bytes of a file tell of its format, where its name tells nothing. */
import type { FileFormat } from "../../formats/format-options.ts";

/** Pure; `head` is unpacked. An empty file is text. */
export function formatOfHead(head: Buffer): FileFormat {
  if (head.subarray(0, 4).toString("latin1") === "PAR1") return "parquet";
  if (head.subarray(0, 4).equals(Buffer.from("Obj\u0001", "latin1"))) return "avro";
  const text = headText(head);
  if (text === undefined) return "binaryFile";
  const start = text.trimStart();
  if (/^<(\?xml|!--|!DOCTYPE|[\p{L}_])/u.test(start)) return "xml";
  if (/^\{\s*("|\}|$)/.test(start) || /^\[\s*(\{|$)/.test(start)) return "json";
  return isDelimited(start) ? "csv" : "text";
}

/** The head as text; undefined where it is none. The last character may be cut in two. */
export function headText(head: Buffer): string | undefined {
  const [first, second] = head;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  if (encoding === "utf-8" && head.includes(0)) return undefined;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
  } catch {
    return undefined;
  }
}

export const SEPARATORS = [",", ";", "\t", "|"] as const;

/** Lines that hold as many separators as the first one does, which has some. */
function isDelimited(text: string): boolean {
  const lines = text
    .split(/\r\n|\n|\r/)
    .slice(0, 6)
    .filter((line) => line !== "");
  if (lines.length < 2) return false;
  // The last line may be cut.
  const whole = lines.length > 2 ? lines.slice(0, -1) : lines;
  return SEPARATORS.some((separator) => {
    const [first = 0, ...rest] = whole.map((line) => separatorsIn(line, separator));
    return first > 0 && rest.every((count) => count === first);
  });
}

/** Outside quotes. */
export function separatorsIn(line: string, separator: string): number {
  return line.replaceAll(/"(?:[^"]|"")*"/g, "").split(separator).length - 1;
}
