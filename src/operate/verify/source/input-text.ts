/** The content of an input as UTF-8, whatever encoding it was read in: as Node decodes it. */
import { UnreadableHere } from "./unreadable-here.ts";

/**
 * A byte order mark of UTF-8 is left out; one of UTF-16 stands over UTF-8.
 *
 * @param encoding as `textEncoding` names it
 * @throws UnreadableHere for UTF-16 of which nothing says the order; TypeError for bytes that are wrong in an encoding other than UTF-8
 */
export async function* asUtf8(content: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const chunks = content[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 3) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const rest = { [Symbol.asyncIterator]: () => chunks };
  const marked = markOf(head, encoding);
  const found = marked ?? encoding;
  if (found === "utf-16") {
    if (head.length > 0) throw new UnreadableHere();
    return;
  }
  if (found === "utf-8") {
    const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
    yield hasMark ? head.subarray(3) : head;
    yield* rest;
    return;
  }
  if (found === "iso-8859-1") {
    yield Buffer.from(head.toString("latin1"));
    for await (const chunk of rest) yield Buffer.from(chunk.toString("latin1"));
    return;
  }
  const decoder = new TextDecoder(found, { fatal: true });
  yield Buffer.from(decoder.decode(head, { stream: true }));
  for await (const chunk of rest) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

function markOf(head: Buffer, encoding: string): string | undefined {
  if (encoding !== "utf-8" && encoding !== "utf-16") return undefined;
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  return head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : undefined;
}
