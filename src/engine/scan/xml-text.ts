/** Decodes a document: by its byte order mark, else by its XML declaration, else as UTF-8 (XML 1.0, appendix F). */
import { LandfallError } from "../../base/landfall-error.ts";
import { textEncoding } from "../../formats/text-encoding.ts";
import { textDecoder, type TextBytesDecoder } from "./text-decoder.ts";

/** Enough for any XML declaration. */
const HEAD_BYTES = 256;

export class XmlText {
  readonly #file: string;
  #decoder: TextBytesDecoder | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** The text of the next bytes; nothing while the beginning is awaited. @throws LandfallError FILE_DAMAGED */
  feed(bytes: Buffer): string {
    if (this.#decoder !== undefined) return this.#decode(this.#decoder, bytes);
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
    return this.#heldBytes < HEAD_BYTES ? "" : this.#begin();
  }

  /** What is left. @throws LandfallError FILE_DAMAGED: the last character is not whole */
  finish(): string {
    const text = this.#decoder === undefined ? this.#begin() : "";
    return text + this.#decode(this.#decoder!, undefined);
  }

  #begin(): string {
    const all = Buffer.concat(this.#held);
    this.#held = [];
    const stated = encodingOf(all);
    const encoding = textEncoding(stated);
    if (encoding === undefined) throw this.#damage(`its encoding ${stated} is not known`, undefined);
    this.#decoder = textDecoder(encoding);
    return this.#decode(this.#decoder, all);
  }

  #decode(decoder: TextBytesDecoder, bytes: Buffer | undefined): string {
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw this.#damage(`it holds bytes that are not ${decoder.encoding}`, cause);
    }
  }

  #damage(what: string, cause: unknown): LandfallError {
    return new LandfallError("FILE_DAMAGED", {
      message: `XML: ${what}`,
      hint: "Have the file written anew as UTF-8.",
      file: this.#file,
      cause,
    });
  }
}

function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  if (head[0] === 0x3c && head[1] === 0) return "utf-16le";
  if (head[0] === 0 && head[1] === 0x3c) return "utf-16be";
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(
    head.toString("latin1", 0, HEAD_BYTES),
  );
  return declared?.[1]?.toLowerCase() ?? "utf-8";
}
